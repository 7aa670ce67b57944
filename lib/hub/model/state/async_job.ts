/**
 * What the hub has others do, because it takes time or a disk: the server takes the errands after each turn, runs them, and
 * comes back with the outcome ({@link Hub.resume}). Meanwhile the session that waits is not heard: the server
 * (`server/turn_queue.ts`) keeps what was read from it, and reads no more. All others go on.
 */
import type { ScramCredentials } from "../../../irc/sasl/scram_server.ts";
import type { Session, User } from "./entities.ts";

export type Job =
  /** Hash a password. */
  | HashJob
  /** Bring all facts so far to disk. `trouble`: why that failed, in words. */
  | {
    readonly kind: "save";
    readonly session: Session;
    readonly done: (trouble: string | undefined) => void;
  }
  /** Run a command of the console (`server/console/command_table.ts`) for a server operator. */
  | CommandJob
  /** Let others have their turn: the rest of a long answer comes in a later one (work_steps.ts). */
  | { readonly kind: "yield"; readonly session: Session; readonly done: () => void };

export interface CommandJob {
  readonly kind: "command";
  readonly session: Session;
  /** The operator who gives it. */
  readonly user: User;
  readonly line: string;
  /** What there is to show; also why nothing was done. */
  readonly done: (lines: readonly string[]) => void;
}

/** A password that is to be hashed for a session, once it is its address's turn (`server/hash_queue.ts`). */
export interface HashJob {
  readonly kind: "derive";
  readonly session: Session;
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /**
   * Called in a turn when it is the job's turn to be hashed: counts the attempt. Milliseconds after which the next attempt may be
   * made, and nothing is hashed; 0: go on.
   */
  readonly countAttempt: (now: number) => number;
  readonly done: (credentials: ScramCredentials) => void;
  readonly onRefused: (refusal: HashRefusal) => void;
}

/** Why a password was not hashed: the address has no attempt left, or too many passwords wait. `waitMs`: when to try again. */
export interface HashRefusal {
  readonly kind: "attempts" | "busy";
  readonly waitMs: number;
}
