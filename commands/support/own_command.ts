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

/**
 * The same for the program that is on disk at the time of the call: after an upgrade, a newer one. A path is known only
 * at the start: /proc/self/exe stays what it was when the file is replaced, and so it is used where there is no file.
 */
export function programOnDisk(): () => string[] {
  const path = Deno.execPath();
  return () => [isFile(path) ? path : "/proc/self/exe", ...ownCommand("default").slice(1)];
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Arguments of the runtime. */
function runFromSource(permissions: "client" | "default"): string[] {
  const config = fileURLToPath(new URL("deno.json", Deno.mainModule));
  return ["run", "-q", "--no-prompt", `--config=${config}`, `-P=${permissions}`, Deno.mainModule];
}
