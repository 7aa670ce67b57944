/** A command run in place, with an {@link Io} of the test's. */
import type { Command } from "../../lib/cli/command.ts";
import type { Script } from "../client/fake_server.ts";
import { fakeServerTest } from "../client/fake_server.ts";
import { FakeIo } from "../cli/fake_io.ts";
import type { FakeIoOptions } from "../cli/fake_io.ts";
import { inTime } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import type { Run } from "./program.ts";

/** A test of a command that connects to a server, at `url`, that does as `script` says. */
export function commandTest(name: string, script: Script, fn: (url: string) => Promise<void>): void {
  fakeServerTest(name, script, ({ url }) => fn(url), {
    permissions: { net: true, read: true, write: true },
  });
}

/** Runs `command` to its end, with a configuration folder of its own. */
export async function run(
  command: Command,
  args: readonly string[],
  options: FakeIoOptions = {},
): Promise<Run> {
  return await withTempDir(async (home) => {
    const io = new FakeIo({ ...options, env: { XDG_CONFIG_HOME: home, USER: "tester", ...options.env } });
    const code = await inTime(`the end of ${args.join(" ")}`, command.run([...args], io), {
      heard: () => [io.out, io.err],
    });
    await io.flush();
    return { code, out: io.out, err: io.err };
  });
}
