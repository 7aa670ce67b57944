/**
 * Runs console commands (`command_table.ts`) of every issuer: in a turn, with passwords hashed, changes brought to
 * disk before the answer, and a line in the server log.
 */
import { deriveCredentials } from "../../irc/sasl/scram_server.ts";
import type { Hub } from "../../hub/hub.ts";
import { auditText, parseConsoleLine, runConsoleLine } from "./command_table.ts";
import type { ConsoleLine, ConsoleOutcome } from "./command_table.ts";
import { CommandFailure, refusedFailure } from "./console_command.ts";
import type { CommandAnswer, HashRequest, Issuer } from "./console_command.ts";
import type { TurnQueue } from "../turn_queue.ts";

/** Control of the server process, for console commands. */
export interface ProcessControl {
  /** Reloads the files that SIGHUP reloads. */
  reload(): Promise<CommandAnswer>;
  /** Shuts the server down. Resolves when it has stopped; the answer says whether all was saved. */
  stop(): Promise<CommandAnswer>;
  /** Ends this process in favour of another one, which takes the clients over; undefined: there is no keeper. */
  readonly handOver?: () => void;
  /** Runs a command of a cluster: a line that begins with `cluster`; undefined: there is no cluster. */
  readonly runCluster?: (line: string, issuer: Issuer) => Promise<ConsoleRunnerAnswer>;
}

/** `next`: what the caller does by {@link ConsoleRunner.stop} or `handOver` after it has sent the answer. */
export type ConsoleRunnerAnswer = CommandAnswer & { readonly next?: "stop" | "hand_over" };

interface ClusterOutcome {
  readonly kind: "cluster";
  readonly run: NonNullable<ProcessControl["runCluster"]>;
}

export class ConsoleRunner {
  readonly #turnQueue: Pick<TurnQueue, "run">;
  readonly #flushFacts: () => Promise<string | undefined>;
  readonly #control: ProcessControl | undefined;

  /**
   * `flushFacts` brings all facts so far to disk, and resolves with the reason if that failed. Without `control`,
   * reload and stop are refused.
   */
  constructor(
    turnQueue: Pick<TurnQueue, "run">,
    flushFacts: () => Promise<string | undefined>,
    control?: ProcessControl,
  ) {
    this.#turnQueue = turnQueue;
    this.#flushFacts = flushFacts;
    this.#control = control;
  }

  /** Runs one line. A user that has lost operator rights by then is refused. */
  async run(text: string, issuer: Issuer): Promise<ConsoleRunnerAnswer> {
    const line = parseConsoleLine(text);
    const runCluster = /^\s*cluster\b/.test(text) ? this.#control?.runCluster : undefined;
    const outcome = await this.#inTurn((hub, now): ConsoleOutcome | ClusterOutcome => {
      const isAllowed = issuer.user === undefined || issuer.user.isServerOperator;
      if (!isAllowed) return { kind: "lines", lines: [], failure: refusedFailure("you are not an operator") };
      if (runCluster !== undefined) return { kind: "cluster", run: runCluster };
      const outcome = runConsoleLine(hub, line, now, issuer);
      if (outcome.kind !== "hash") {
        auditCommand(hub, line, issuer, outcome.kind === "lines" ? outcome.failure : undefined);
      }
      return outcome;
    });
    switch (outcome.kind) {
      case "lines":
        return await this.#afterSave(line, outcome);
      case "hash":
        return await this.#afterSave(line, await this.#hashAndFinish(line, outcome.request, issuer));
      case "cluster":
        return await outcome.run(text, issuer);
      case "reload":
        return await this.#control?.reload() ?? NO_PROCESS_ANSWER;
      case "quit":
        return this.#control === undefined
          ? NO_PROCESS_ANSWER
          : { lines: ["the server is stopping"], next: "stop" };
      case "upgrade":
        return this.#control?.handOver === undefined
          ? {
            lines: [],
            failure: refusedFailure("the server runs without fronts: serve --fronts N has a hub to restart"),
          }
          : { lines: ["the hub is restarted; clients stay connected"], next: "hand_over" };
    }
  }

  /** After an answer that says so: hands over to the next hub. */
  handOver(): void {
    this.#control?.handOver?.();
  }

  /** After an answer that says so: stops the server. */
  async stop(): Promise<CommandAnswer> {
    return await this.#control?.stop() ?? NO_PROCESS_ANSWER;
  }

  async #hashAndFinish(line: ConsoleLine, request: HashRequest, issuer: Issuer): Promise<CommandAnswer> {
    const { password, salt, iterations, done } = request;
    const credentials = await deriveCredentials(password, salt, iterations);
    return await this.#inTurn((hub, now): CommandAnswer => {
      hub.beginTask(now);
      const result = done(hub, credentials);
      const failure = result instanceof CommandFailure ? result : undefined;
      auditCommand(hub, line, issuer, failure);
      return result instanceof CommandFailure ? { lines: [], failure: result } : { lines: result };
    });
  }

  /** Resolves with `done` when its changes are on disk. */
  async #afterSave({ command }: ConsoleLine, done: CommandAnswer): Promise<CommandAnswer> {
    if (!command?.isSaved || done.failure !== undefined) return done;
    const trouble = await this.#flushFacts();
    if (trouble === undefined) return done;
    const words =
      `the change is in effect, but could not be saved: ${trouble}; it is lost if the server stops before it is saved`;
    return { lines: done.lines, failure: new CommandFailure("not_saved", words) };
  }

  async #inTurn<T>(task: (hub: Hub, now: number) => T): Promise<T> {
    const result = Promise.withResolvers<T>();
    await this.#turnQueue.run((hub, now) => {
      result.resolve(task(hub, now));
    });
    return await result.promise;
  }
}

const NO_PROCESS_ANSWER: CommandAnswer = {
  lines: [],
  failure: refusedFailure("not available on this server"),
};

/** Logs a command in the server log, except queries from the server's machine. */
function auditCommand(
  hub: Hub,
  line: ConsoleLine,
  { audit: by, user }: Issuer,
  failure: CommandFailure | undefined,
): void {
  if (by === undefined || line.command === undefined) return; // an unknown command may be a passphrase
  if (user === undefined && line.command.isQuery) return;
  const command = auditText(line);
  // If arguments are hidden, the text of the failure might quote them.
  const why = line.command.auditedWords === undefined ? failure?.words : failure?.status;
  hub.context.report({
    kind: "administered",
    by,
    command,
    ...(why !== undefined && { failure: why }),
  });
}
