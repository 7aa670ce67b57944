/** The programs that the tests of this folder start, and kill. */
import { linesOf } from "../commands/program.ts";
import type { TestOptions } from "../support/test.ts";

/** Options of a test that starts them. */
export const RUNS_DENO: TestOptions = {
  permissions: { read: true, write: true, run: [Deno.execPath()] },
};

function start(program: string, dir: string): Deno.ChildProcess {
  const script = new URL(program, import.meta.url).href;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", `--allow-read`, `--allow-write=${dir}`, script, dir],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Holds the data folder `dir`, says `ok`, and stays. */
export function holder(dir: string): Deno.ChildProcess {
  return start("./program_holder.ts", dir);
}

/** A server's log on `dir`: fills it and says each time how far it is durable. Never ends by itself. */
export function writer(dir: string): Deno.ChildProcess {
  return start("./program_writer.ts", dir);
}

export async function firstLine(child: Deno.ChildProcess): Promise<string | undefined> {
  for await (const line of linesOf(child.stdout)) return line;
  return undefined;
}
