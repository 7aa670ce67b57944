/**
 * What a person at a shell waits for: whole processes from start to end, and a server from its start until it listens.
 * Beside them what the same machine needs for less: curl, and the runtime with nothing to do.
 */
import type { RecordedEvent } from "../../../lib/hub/model/state/event.ts";
import { encodeEvent } from "../../../lib/hub/log/event_codec.ts";
import { openLog } from "../../../lib/store/ring_file/open_log.ts";
import { startSync } from "../../../lib/store/sync/sync_task.ts";
import { fillChannel } from "../../../lib/bench/load/history_load.ts";
import { chatterbox, ours, programPath } from "./servers.ts";
import { freePort, pinned, RunningServer, withFolder } from "./run.ts";

const MIB = 1024 * 1024;
const RUNS = 10;
const STARTS = 5;
const HISTORY_LINES = 200;
const FULL_RING_BYTES = 64 * MIB;
/** For `curl`: as long as what `list` prints. */
const FILE_BYTES = 1024;

export interface Timing {
  readonly what: string;
  /** Milliseconds, one for each run. */
  readonly ms: readonly number[];
}

export async function timeCommands(
  binary: string | undefined,
  tell: (line: string) => void,
): Promise<Timing[]> {
  return [...await timeClients(binary, tell), ...await timeStarts(binary)];
}

function timeClients(binary: string | undefined, tell: (line: string) => void): Promise<Timing[]> {
  return withFolder(async (dir) => {
    const port = freePort();
    const server = RunningServer.start(await ours(binary).command(dir, port), port);
    const web = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("x".repeat(FILE_BYTES)),
    );
    try {
      await server.listening();
      const writer = await fillChannel({ kind: "tcp", host: "127.0.0.1", port }, "#lobby", HISTORY_LINES);
      // Keys and settings go to the folder, not to the user's own.
      const env = { XDG_STATE_HOME: dir, XDG_CONFIG_HOME: dir, CHATTERBOX_NAME: "bench" };
      const client = (...args: string[]) => [...chatterbox(binary), ...args, "--server", `127.0.0.1:${port}`];
      const commands: [string, string[]][] = [
        ["send", client("send", "#lobby", "hello")],
        ["list", client("list")],
        ["logs -n 50", client("logs", "-n", "50")],
        ["the runtime alone (deno eval 0)", [Deno.execPath(), "eval", "0"]],
      ];
      const curl = programPath("curl");
      if (curl === undefined) tell("curl is not installed: left out");
      else commands.push([`curl, ${FILE_BYTES} bytes`, [curl, "-s", `http://127.0.0.1:${web.addr.port}/`]]);
      const timings = await inTurns(RUNS, commands, (command) => timeProcess(command, env));
      writer.close();
      return timings;
    } finally {
      await web.shutdown();
      await server.stop();
    }
  });
}

function timeStarts(binary: string | undefined): Promise<Timing[]> {
  return withFolder(async (full) => {
    await fillRing(full);
    return await inTurns(STARTS, [
      ["serve listens, new log", undefined],
      [`serve listens, ${FULL_RING_BYTES / MIB} MiB of history`, full],
    ], (data) => withFolder((empty) => timeStart(binary, data ?? empty)));
  });
}

/** Every command once, then every command again: what disturbs the machine disturbs all of them. */
async function inTurns<T>(
  runs: number,
  subjects: readonly (readonly [string, T])[],
  time: (subject: T) => Promise<number>,
): Promise<Timing[]> {
  const timings = subjects.map(([what]) => ({ what, ms: [] as number[] }));
  for (let run = 0; run < runs; run++) {
    for (const [index, [, subject]] of subjects.entries()) timings[index]!.ms.push(await time(subject));
  }
  return timings;
}

async function timeProcess(command: readonly string[], env: Record<string, string>): Promise<number> {
  const [program, ...args] = pinned(1, command);
  const start = performance.now();
  const { success, stderr } = await new Deno.Command(program!, { args, env, stdin: "null" }).output();
  const ms = performance.now() - start;
  if (!success) throw new Error(`${command.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
  return ms;
}

async function timeStart(binary: string | undefined, dir: string): Promise<number> {
  const port = freePort();
  const command = await ours(binary).command(dir, port);
  const start = performance.now();
  const server = RunningServer.start([...command, "--buffer", String(FULL_RING_BYTES)], port);
  try {
    await server.prints("listening on");
    return performance.now() - start;
  } finally {
    await server.stop();
  }
}

/** A ring file that is full of talk in ten channels, its server ended in order. */
async function fillRing(dir: string): Promise<void> {
  const data = `${dir}/data`; // where `ours` keeps it
  await Deno.mkdir(data);
  const now = Date.now();
  const log = openLog({ dir: data, capacityBytes: FULL_RING_BYTES, now });
  if (log.kind !== "ok") throw new Error(log.why);
  const scratch = new Uint8Array(1024);
  for (let i = 0; log.ring.oldestSeq === 1 || i % 1000 !== 0; i++) {
    const event: RecordedEvent = {
      kind: "message",
      verb: "PRIVMSG",
      source: `nick${i % 50}!nick@127.0.0.1`,
      target: { kind: "channel", name: `#room${i % 10}` },
      text: `message ${i} `.padEnd(64, "x"),
      tags: "",
      from: `~${i % 50}.1`,
      id: undefined,
    };
    log.ring.append(now - 86_400_000 + i, scratch, encodeEvent(event, scratch));
  }
  const task = startSync({ ring: log.ring, path: log.path, intervalMs: 1e9, onError: console.error });
  await task.stop();
}
