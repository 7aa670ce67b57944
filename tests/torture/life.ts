/** One server process on a data folder, from its start to its end. */
import type { Address } from "../../lib/net/address.ts";
import { linesOf, start } from "../commands/program.ts";
import { inTime } from "../support/guard.ts";
import type { RoundPlan } from "./plan.ts";

export type TcpAddress = Address & { kind: "tcp" };

export class Life {
  /** Where it listens; undefined: it ended before. */
  readonly listening: Promise<TcpAddress | undefined>;
  readonly ended: Promise<Deno.CommandStatus>;
  /** What it said: standard output, then standard error. */
  readonly words: Promise<string>;
  /** When it was killed, in ms of `performance.now()`. */
  killedAt: number | undefined;
  readonly #child: Deno.ChildProcess;
  readonly #watcher: Deno.FsWatcher;
  /** Writes to the data folder, and those of the archive's transactions. */
  #writes = { all: 0, archive: 0 };
  #awaited: { of: "all" | "archive"; writes: number; resolve: () => void } | undefined;

  constructor(readonly home: string, { bufferBytes, sync }: RoundPlan) {
    const data = `${home}/data`;
    Deno.mkdirSync(data, { recursive: true });
    this.#watcher = Deno.watchFs(data);
    void this.#watch();
    const interval = sync === "always" ? sync : `${sync}ms`;
    const flags = ["--buffer", String(bufferBytes), "--shrink", "--sync", interval];
    this.#child = start(["serve", "--listen", "127.0.0.1:0", "--data-dir", data, ...flags], home);
    this.ended = this.#child.status;
    const { promise, resolve } = Promise.withResolvers<TcpAddress | undefined>();
    this.listening = promise;
    this.words = this.#read(resolve);
    void this.ended.then(() => this.#watcher.close());
  }

  get logFile(): string {
    return `${this.home}/data/log.ring`;
  }

  get archiveFile(): string {
    return `${this.home}/data/archive.sqlite`;
  }

  /** Resolves with the so-manyth write to the data folder, or of the archive's transactions alone. */
  written(writes: number, of: "all" | "archive" = "all"): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited = { of, writes, resolve };
    if (this.#writes[of] >= writes) resolve();
    return inTime(`write ${writes} to ${this.home}/data`, promise);
  }

  signal(signal: "SIGKILL" | "SIGTERM"): void {
    if (signal === "SIGKILL") this.killedAt ??= performance.now();
    try {
      this.#child.kill(signal);
    } catch {
      // it has ended by itself; `ended` tells how
    }
  }

  async #read(found: (address: TcpAddress | undefined) => void): Promise<string> {
    const errors = new Response(this.#child.stderr).text();
    let text = "";
    for await (const line of linesOf(this.#child.stdout, "unguarded")) {
      text += `${line}\n`;
      const [, port] = /listening on 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (port !== undefined) found({ kind: "tcp", host: "127.0.0.1", port: Number(port) });
    }
    found(undefined);
    return text + await errors;
  }

  async #watch(): Promise<void> {
    for await (const { kind, paths } of this.#watcher) {
      if (kind !== "create" && kind !== "modify" && kind !== "rename") continue;
      this.#writes.all++;
      if (paths.some((path) => path.endsWith("/archive.sqlite-wal"))) this.#writes.archive++;
      const awaited = this.#awaited;
      if (awaited !== undefined && this.#writes[awaited.of] >= awaited.writes) awaited.resolve();
    }
  }
}
