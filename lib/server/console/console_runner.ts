/**
 * Runs the console's commands (`command_table.ts`), wherever they come from: in a turn, with the password hashed and what has changed
 * brought to disk before that is told, and with a line in the server's log.
 */
import { deriveCredentials } from "../../irc/sasl/scram_server.ts";
import type { Hub } from "../../hub/hub.ts";
import { auditText, parseConsoleLine, runConsoleLine } from "./command_table.ts";
import type { ConsoleLine, ConsoleOutcome } from "./command_table.ts";
import { CommandFailure, refusedFailure } from "./console_command.ts";
import type { CommandAnswer, HashRequest, Issuer } from "./console_command.ts";
import type { TurnQueue } from "../turn_queue.ts";

/** What commands want of the process around the server. */
export interface ProcessControl {
  /** Rereads what a running server rereads, as SIGHUP does. */
  reload(): Promise<CommandAnswer>;
  /** Stops the server in order. Resolves when it has stopped, with what became of its messages. */
  stop(): Promise<CommandAnswer>;
}

/** `stop`: the server is to be stopped by {@link ConsoleRunner.stop} once the answer is on its way. */
export type ConsoleRunnerAnswer = CommandAnswer & { readonly stops?: true };

export class ConsoleRunner {
  readonly #turn: Pick<TurnQueue, "run">;
  readonly #factsSaved: () => Promise<string | undefined>;
  readonly #control: ProcessControl | undefined;

  /** `factsSaved` brings what has changed to disk, and resolves with why that failed. Without `control` there is no process. */
  constructor(
    turn: Pick<TurnQueue, "run">,
    factsSaved: () => Promise<string | undefined>,
    control?: ProcessControl,
  ) {
    this.#turn = turn;
    this.#factsSaved = factsSaved;
    this.#control = control;
  }

  /** Carries out one line. A user that is no operator any more by its turn is refused. */
  async run(text: string, issuer: Issuer): Promise<ConsoleRunnerAnswer> {
    const line = parseConsoleLine(text);
    const outcome = await this.#inTurn((hub, now): ConsoleOutcome => {
      const isAllowed = issuer.user === undefined || issuer.user.isServerOperator;
      if (!isAllowed) return { kind: "lines", lines: [], failure: refusedFailure("you are not an operator") };
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
      case "reload":
        return await this.#control?.reload() ?? NO_PROCESS_ANSWER;
      case "quit":
        return this.#control === undefined ? NO_PROCESS_ANSWER : { lines: ["the server stops"], stops: true };
    }
  }

  /** Stops the server, after an answer that `stops`. */
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

  /** `done`, once what it has changed is on disk. */
  async #afterSave({ command }: ConsoleLine, done: CommandAnswer): Promise<CommandAnswer> {
    if (!command?.isSaved || done.failure !== undefined) return done;
    const trouble = await this.#factsSaved();
    if (trouble === undefined) return done;
    const words =
      `that holds, and could not be saved: ${trouble}; it is lost when the server ends before it is`;
    return { lines: done.lines, failure: new CommandFailure("not_saved", words) };
  }

  async #inTurn<T>(task: (hub: Hub, now: number) => T): Promise<T> {
    const result = Promise.withResolvers<T>();
    await this.#turn.run((hub, now) => {
      result.resolve(task(hub, now));
    });
    return await result.promise;
  }
}

const NO_PROCESS_ANSWER: CommandAnswer = { lines: [], failure: refusedFailure("that is not possible here") };

/** Tells the server's log of a command, but for questions that are asked at the server's machine. */
function auditCommand(
  hub: Hub,
  line: ConsoleLine,
  { audit: by, user }: Issuer,
  failure: CommandFailure | undefined,
): void {
  if (by === undefined || line.command === undefined) return; // a word that is no command may be a passphrase
  if (user === undefined && line.command.isQuery) return;
  const command = auditText(line);
  // Where a secret is not told, what quotes it is not told either.
  const why = line.command.auditedWords === undefined ? failure?.words : failure?.status;
  hub.context.serverEvents.push({
    kind: "administered",
    by,
    command,
    ...(why !== undefined && { failure: why }),
  });
}
