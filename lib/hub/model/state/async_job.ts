/**
 * Jobs that the hub cannot do synchronously (password hashing, saving facts, console commands, reading the archive). The server takes
 * them after each turn, runs them, and returns each outcome with `Hub.resume`. Meanwhile the waiting session's
 * lines are not handled: the server (`server/turn_queue.ts`) keeps what was read of them, and reads no more. All
 * others continue.
 */
import type { ScramCredentials } from "../../../irc/sasl/scram_server.ts";
import type { ArchiveAnswer, ArchiveQuery } from "../../../log/archive.ts";
import type { CalendarReading } from "../duty_outlook.ts";
import type { Session, User } from "./entities.ts";

export type Job =
  /** Hash a password. */
  | HashJob
  /** Save all facts so far to disk. `trouble`: reason why that failed, as text. */
  | {
    readonly kind: "save";
    readonly session: Session;
    readonly done: (trouble: string | undefined) => void;
  }
  /** Run a console command (`server/console/command_table.ts`) for a server operator. */
  | CommandJob
  /** Ask the archive. */
  | ArchiveJob
  /** Read a calendar of duties. */
  | CalendarJob
  /** Wait for something that takes time, such as loading a module. `trouble`: the error of `run`, as text. */
  | {
    readonly kind: "evaluate";
    readonly session: Session;
    readonly run: () => Promise<unknown>;
    readonly done: (trouble: string | undefined) => void;
  }
  /** Let other sessions have their turn: the rest of a long response follows in a later one (work_steps.ts). */
  | { readonly kind: "yield"; readonly session: Session; readonly done: () => void };

/** Read a calendar of duties from a time on: for no session, which waits by a job of its own. */
export interface CalendarJob {
  readonly kind: "calendar";
  /** iCalendar (RFC 5545). */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** A page waits for it: it comes before others. */
  readonly isUrgent: boolean;
  readonly done: (reading: CalendarReading) => void;
}

export interface CommandJob {
  readonly kind: "command";
  readonly session: Session;
  /** The operator that gives the command. */
  readonly user: User;
  readonly line: string;
  /** Receives the output, or the reason why nothing was done. */
  readonly done: (lines: readonly string[]) => void;
}

export interface ArchiveJob {
  readonly kind: "archive";
  readonly session: Session;
  readonly query: ArchiveQuery;
  /** Receives the answer, of the same kind as the query; undefined: the archive cannot answer now. */
  readonly done: (answer: ArchiveAnswer | undefined) => void;
}

/** Hash a password for a session, when it is its address's turn (`server/job_runner.ts`). */
export interface HashJob {
  readonly kind: "derive";
  readonly session: Session;
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /**
   * Called within a turn when the job is next to be hashed: counts the attempt. Returns 0 to continue, or the
   * milliseconds until the next attempt is allowed; then nothing is hashed.
   */
  readonly countAttempt: (now: number) => number;
  readonly done: (credentials: ScramCredentials) => void;
  readonly onRefused: (refusal: HashRefusal) => void;
}

/**
 * Reason why a password was not hashed: the address has no attempt left, or too many passwords wait. `waitMs`: time
 * until the next attempt.
 */
export interface HashRefusal {
  readonly kind: "attempts" | "busy";
  readonly waitMs: number;
}
