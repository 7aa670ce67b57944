/** The pager of `logs` at a terminal: $PAGER, or `less -FRX`. */
import { encodeUtf8 } from "../../../lib/base/bytes.ts";
import { toPrintable } from "../../../lib/base/printable_text.ts";
import type { Io } from "../../../lib/cli/command.ts";
import type { ExitCode, StopReason } from "../../../lib/cli/exit_codes.ts";
import { QueuedOutput } from "../../../lib/cli/standard_streams.ts";
import { CHILD_ENVIRONMENT, isProgram, mayRun } from "../../support/program_search.ts";

/** F: not for what fits the screen. R: with colours. X: what was shown stays on the screen. */
const DEFAULT_PAGER = "less -FRX";

/**
 * A pager takes the terminal at its start, and a question may come before there is anything to show. It is started at
 * once all the same, because the permission to start programs is given up before anything is read from the network:
 * a shell waits for this line in front of the output. POSIX: `read` takes no byte behind it.
 */
const GO = "\n";

/** Whether what is written to standard output is to be paged. */
export function wantsPager({ stdin, stdout, env }: Io): boolean {
  return Deno.build.os !== "windows" && stdin.isTerminal && stdout.isTerminal && env("TERM") !== "dumb" &&
    env("PAGER") !== "cat";
}

/**
 * Calls `run` with an {@link Io} of which standard output is a pager's standard input, and waits for both. The pager has
 * the terminal from the first output on. One that cannot be started is told, and `run` writes to the terminal. When the
 * person leaves it, `run` is told that the reader is gone.
 */
export async function runPaged(io: Io, run: (io: Io) => Promise<ExitCode>): Promise<ExitCode> {
  const pager = await startPager(io);
  if (pager === undefined) return await run(io);
  const writer = pager.stdin.getWriter();
  let hasTerminal = false;
  const sink = {
    async write(bytes: Uint8Array): Promise<number> {
      try {
        if (!hasTerminal) await writer.write(encodeUtf8(GO));
        hasTerminal = true;
        await writer.write(bytes as Uint8Array<ArrayBuffer>);
      } catch {
        throw new Deno.errors.BrokenPipe("the pager has ended");
      }
      return bytes.length;
    },
  };
  const stdout = new QueuedOutput(sink, true, () => io.stdout.size());
  const { signal } = io;
  // Ctrl-C is the pager's, too; other signals are ours alone.
  const onAbort = () => (signal.reason as StopReason).why === "SIGINT" || stop(pager);
  signal.addEventListener("abort", onAbort);
  try {
    return await run({
      stdin: io.stdin,
      stdout,
      terminal: io.stdout,
      stderr: io.stderr,
      clock: io.clock,
      commands: io.commands,
      env: io.env,
      systemName: io.systemName,
      signal,
      revoke: io.revoke,
      onSignal: io.onSignal,
    });
  } finally {
    await stdout.flush();
    await writer.close().catch(() => {}); // it has ended
    await pager.status;
    signal.removeEventListener("abort", onAbort);
  }
}

async function startPager(io: Io): Promise<Deno.ChildProcess | undefined> {
  const own = io.env("PAGER");
  const command = own === undefined
    ? `exec ${DEFAULT_PAGER}`
    : 'LESS="${LESS-FRX}"; export LESS; exec ' + own;
  const [name = ""] = (own ?? DEFAULT_PAGER).trim().split(/\s+/);
  if (!mayRun("sh")) return undefined;
  try {
    if (await isProgram(name)) {
      const args = ["-c", `read -r go || exit 0; ${command}`];
      return new Deno.Command("sh", { args, env: CHILD_ENVIRONMENT, stdin: "piped" }).spawn();
    }
  } catch {
    // there is no shell to ask
  }
  if (own !== undefined) io.stderr.write(`chatterbox: no such pager: ${toPrintable(name)} (PAGER)\n`);
  return undefined;
}

function stop(pager: Deno.ChildProcess): void {
  try {
    pager.kill("SIGTERM");
  } catch {
    // it has ended
  }
}
