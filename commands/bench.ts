/** `chatterbox bench`: measures ways between processes, and servers. */
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command } from "../lib/cli/command.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { command as ipc } from "./bench/ipc.ts";
import { command as load } from "./bench/load.ts";
import { IPC_PEER_PERMISSIONS, runIpcPeer } from "./bench/ipc_peer.ts";

/** By the word after `bench`. */
const BENCHES: Readonly<Record<string, Command>> = { ipc, load };

/** The writer and the reader of `bench ipc`, which it starts itself; not in the help. */
const IPC_PEER_WORD = "ipc-peer";

const help = defineCommand({
  name: "bench",
  summary: "Measure ways to pass records between processes, and IRC servers.",
  synopsis: ["ipc [FLAGS]", "load [FLAGS]"],
  examples: [
    ["chatterbox bench ipc", "sockets, shared memory and threads beside each other"],
    ["chatterbox bench load --members 500", "a room of 500 on the server"],
    ["chatterbox bench load --help", "all flags of it"],
  ],
  flags: {},
  exitCodes: [["0", "done"], ["64", "wrong usage"]],
}, (_flags, words) => {
  const benches = Object.keys(BENCHES).join(" or ");
  throw new UsageError(
    words[0] === undefined ? `say what: ${benches}` : `no bench called ${toPrintable(words[0])}: ${benches}`,
  );
});

export const command: Command = {
  ...help,
  parts: BENCHES,
  permissions: [...new Set(Object.values(BENCHES).flatMap(({ permissions }) => permissions))],
  async run(args, io) {
    const [word = "", ...rest] = args;
    const bench = Object.hasOwn(BENCHES, word) ? BENCHES[word] : undefined;
    const needed = word === IPC_PEER_WORD ? IPC_PEER_PERMISSIONS : bench?.permissions ?? [];
    io.revoke(command.permissions.filter((each) => !needed.includes(each)));
    if (word === IPC_PEER_WORD) return await runIpcPeer(rest, io);
    return await (bench === undefined ? help.run(args, io) : bench.run(rest, io));
  },
};
