/** The processes of one `serve --fronts` on a data folder: a keeper, one hub after another, and fronts. */
import { linesOf, start } from "../commands/program.ts";
import { comesTrue, inTime } from "../support/guard.ts";
import type { TcpAddress } from "./life.ts";

export interface FrontsFlags {
  readonly fronts: number;
  readonly bufferBytes: number;
  readonly sync: number | "always";
}

/** Of the words that a fault quotes: the last ones. */
const QUOTED_CHARACTERS = 3000;

/** The children of a process that run, and what they are; the permission to read /proc is that to do everything. */
const LIST_CHILDREN = `for pid in $(cat /proc/$1/task/$1/children); do
  echo $pid $(tr '\\0' ' ' < /proc/$pid/cmdline)
done 2>/dev/null`;

export class FrontsLife {
  /** Where it listens; undefined: it ended before. */
  readonly listening: Promise<TcpAddress | undefined>;
  /** Settled when all processes have ended. */
  readonly ended: Promise<Deno.CommandStatus>;
  /** When hubs were killed, in ms of `performance.now()`. */
  readonly kills: number[] = [];
  /** Hubs that have started, takeovers included. */
  started = 0;
  said = "";
  readonly #child: Deno.ChildProcess;

  constructor(readonly home: string, { fronts, bufferBytes, sync }: FrontsFlags) {
    const data = `${home}/data`;
    Deno.mkdirSync(data, { recursive: true });
    const interval = sync === "always" ? sync : `${sync}ms`;
    const log = ["--buffer", String(bufferBytes), "--shrink", "--sync", interval, "--archive", "off"];
    const flags = ["--fronts", String(fronts), "--listen", `127.0.0.1:${freePort()}`, "--log-format", "json"];
    this.#child = start(["serve", ...flags, "--data-dir", data, ...log], home);
    const { promise, resolve } = Promise.withResolvers<TcpAddress | undefined>();
    this.listening = promise;
    const streams = [this.#read(resolve), this.#readErrors()];
    this.ended = Promise.all(streams).then(() => this.#child.status);
  }

  get logFile(): string {
    return `${this.home}/data/log.ring`;
  }

  /** The last words of its processes. */
  get words(): string {
    return this.said.slice(-QUOTED_CHARACTERS);
  }

  /** Processes of the fronts, and of the hub, if there is one. */
  async processes(): Promise<{ readonly hub: readonly number[]; readonly fronts: readonly number[] }> {
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", LIST_CHILDREN, "sh", String(this.#child.pid)],
    }).output();
    const found = new TextDecoder().decode(stdout).split("\n").flatMap((line) => {
      const [, pid, kind] = /^(\d+) .* (hub|front) /.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), kind }];
    });
    const of = (which: string) => found.filter(({ kind }) => kind === which).map(({ pid }) => pid);
    return { hub: of("hub"), fronts: of("front") };
  }

  /** `kill -9` of the hub; false: there was none. */
  async killHub(): Promise<boolean> {
    const { hub } = await this.processes();
    if (hub.length === 0) return false;
    this.kills.push(performance.now());
    return await kill(hub);
  }

  /** `kill -9` of the front that has run for longest; false: there was none. */
  async killFront(): Promise<boolean> {
    const { fronts: [front] } = await this.processes();
    return front !== undefined && await kill([front]);
  }

  /** `kill -9` of all processes. */
  async killAll(): Promise<void> {
    const { hub, fronts } = await this.processes();
    this.kills.push(performance.now());
    await kill([this.#child.pid, ...hub, ...fronts]);
    await this.whenEnded();
  }

  signal(signal: "SIGKILL" | "SIGTERM" | "SIGUSR2"): void {
    try {
      this.#child.kill(signal);
    } catch {
      // it has ended by itself; `ended` tells how
    }
  }

  /** Resolves when so many hubs have started. */
  async hasStarted(count: number): Promise<void> {
    await comesTrue(`hub ${count}`, () => this.started >= count, { heard: () => this.words.split("\n") });
  }

  async whenEnded(): Promise<Deno.CommandStatus> {
    return await inTime("the end of all processes", this.ended, { heard: () => this.words.split("\n") });
  }

  async #read(found: (address: TcpAddress | undefined) => void): Promise<void> {
    let port: string | undefined;
    for await (const line of linesOf(this.#child.stdout, "unguarded")) {
      this.said += `${line}\n`;
      [, port] = /"address":"127\.0\.0\.1:(\d+)"/.exec(line) ?? [, port];
      if (!line.includes('"event":"fronts"')) continue;
      this.started++;
      if (port !== undefined) found({ kind: "tcp", host: "127.0.0.1", port: Number(port) });
    }
    found(undefined);
  }

  async #readErrors(): Promise<void> {
    for await (const line of linesOf(this.#child.stderr, "unguarded")) this.said += `${line}\n`;
  }
}

/** One that no front chooses again, as the address is to stay where all fronts end together with the hub. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The permission to send signals is that to start everything; a shell has it. */
async function kill(pids: readonly number[]): Promise<boolean> {
  const { success } = await new Deno.Command("sh", { args: ["-c", `kill -KILL ${pids.join(" ")}`] }).output();
  return success;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
