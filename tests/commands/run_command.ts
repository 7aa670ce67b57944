/** A command run in place, with an {@link Io} of the test's. */
import type { Command } from "../../lib/cli/command.ts";
import { FakeIo } from "../cli/fake_io.ts";
import type { FakeIoOptions } from "../cli/fake_io.ts";
import { inTime } from "../support/guard.ts";
import type { Run } from "./program.ts";

/** Runs `command` to its end, with a configuration folder of its own. */
export async function run(
  command: Command,
  args: readonly string[],
  options: FakeIoOptions = {},
): Promise<Run> {
  const home = await Deno.makeTempDir();
  try {
    const io = new FakeIo({ ...options, env: { XDG_CONFIG_HOME: home, USER: "tester", ...options.env } });
    const code = await inTime(`the end of ${args.join(" ")}`, command.run([...args], io), {
      heard: () => [io.out, io.err],
    });
    await io.flush();
    return { code, out: io.out, err: io.err };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
