/** A server of ours, and machines on which the program's commands run. */
import type { Command } from "../../lib/cli/command.ts";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { FakeIoOptions } from "../cli/fake_io.ts";
import { runServer } from "../support/chat_server.ts";
import type { Run } from "./program.ts";
import { run } from "./run_command.ts";

export interface Place {
  readonly url: string;
  /** Each machine's files are in a folder of its name. */
  readonly home: string;
  /** Runs a command on the machine called `machine`. */
  readonly on: (machine: string, command: Command, line: string, options?: FakeIoOptions) => Promise<Run>;
  /** A file with `text`, which is its owner's alone. */
  readonly file: (text: string) => Promise<string>;
  /** The keys that are on `machine`: their paths in the folder of keys. */
  readonly keys: (machine: string) => Promise<string[]>;
}

/** A test with a server that runs with `config`. */
export function placeTest(
  name: string,
  body: (place: Place) => Promise<void>,
  config: Partial<HubConfig> = {},
) {
  Deno.test({
    name,
    permissions: { net: true, read: true, write: true },
    async fn() {
      const server = await runServer({ config: { accounts: "open", ...config } });
      await inPlace(formatAddress(server.address), body).finally(() => server.stop());
    },
  });
}

/** Runs `body` with machines that use the server at `url`. */
export async function inPlace(url: string, body: (place: Place) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  let files = 0;
  try {
    await body({
      url,
      home,
      on: (machine, command, line, options = {}) => {
        const env = { XDG_CONFIG_HOME: `${home}/${machine}`, XDG_STATE_HOME: `${home}/${machine}` };
        return run(command, [...line.split(" "), "--server", url], {
          ...options,
          env: { ...env, ...options.env },
        });
      },
      file: async (text) => {
        const path = `${home}/file${files++}`;
        await Deno.writeTextFile(path, text, { mode: 0o600 });
        return path;
      },
      keys: (machine) => filesIn(`${home}/${machine}/chatterbox/keys`),
    });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) found.push(...(await filesIn(`${folder}/${name}`)).map((file) => `${name}/${file}`));
      else found.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}
