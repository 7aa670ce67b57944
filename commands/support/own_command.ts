/** The command line that starts this program once more. */
import { fileURLToPath } from "node:url";

/**
 * The program and its first arguments, to which those of `main.ts` are added. /proc/self/exe is the running program
 * itself, so the permission to run it is the permission to run nothing else. `permissions`: from source, those of this
 * name in deno.json.
 */
export function ownCommand(permissions: "client" | "default"): string[] {
  const program = Deno.build.os === "linux" ? "/proc/self/exe" : Deno.execPath();
  return [program, ...Deno.build.standalone ? [] : runFromSource(permissions)];
}

/** Arguments of the runtime. */
function runFromSource(permissions: "client" | "default"): string[] {
  const config = fileURLToPath(new URL("deno.json", Deno.mainModule));
  return ["run", "-q", "--no-prompt", `--config=${config}`, `-P=${permissions}`, Deno.mainModule];
}
