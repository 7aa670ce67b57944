/** `chatterbox bench ipc-peer SETUP`: the writer or the reader of `bench ipc`, started by it. */
import { runPeerProcess } from "../../lib/bench/ipc/peer_process.ts";
import type { PeerSetup } from "../../lib/bench/ipc/peer_messages.ts";
import type { Io, Permission } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";

export const IPC_PEER_PERMISSIONS: readonly Permission[] = ["read", "write", "net", "ffi"];

export async function runIpcPeer([text]: readonly string[], io: Io): Promise<ExitCode> {
  const setup = parseSetup(text);
  if (setup === undefined) {
    return reportFailure(io, EXIT.usage, "bench ipc-peer: only chatterbox bench ipc starts this");
  }
  await runPeerProcess(setup, io.stdin.readable, (line) => io.stdout.write(line));
  return EXIT.ok;
}

/** The setup, which the same program has written; undefined: there is none. */
function parseSetup(text = ""): PeerSetup | undefined {
  try {
    return JSON.parse(text) as PeerSetup;
  } catch {
    return undefined;
  }
}
