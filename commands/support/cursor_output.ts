/** What has been shown of a target, and how far: on standard output, and in the cursor file that follows it. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode, StopReason } from "../../lib/cli/exit_codes.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { CursorOwner } from "../../lib/client/history/cursor_file.ts";
import { CursorFile } from "../../lib/client/history/cursor_file.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import type { HistoryItem, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";

export type CursorOpenOutcome =
  /** `position` undefined: there is no such file yet. */
  | { readonly kind: "ok"; readonly cursor: CursorFile; readonly position: ReadPosition | undefined }
  | { readonly kind: "failed"; readonly code: ExitCode };

/** Where the cursor in the file at `path` stands; what is wrong with it has been said on standard error. */
export async function openCursor(path: string, owner: CursorOwner, io: Io): Promise<CursorOpenOutcome> {
  const cursor = new CursorFile(path, owner);
  const found = await cursor.read();
  const failed = (code: ExitCode, what: string, why: string): CursorOpenOutcome => {
    return {
      kind: "failed",
      code: reportFailure(io, code, toPrintable(`cannot ${what} the cursor file ${path}: ${why}`)),
    };
  };
  switch (found.kind) {
    case "ok":
      return { kind: "ok", cursor, position: found.position };
    case "none":
      return { kind: "ok", cursor, position: undefined };
    case "foreign":
      return failed(EXIT.usage, "go by", `${found.why}; use a file for each`);
    case "damaged":
      return failed(EXIT.malformed, "go by", `${found.why}; remove it to begin anew`);
    case "unreadable":
      return failed(EXIT.ioError, "read", found.why);
    case "unwritable":
      return failed(EXIT.ioError, "write", found.why);
  }
}

export interface CursorOutputOptions {
  readonly io: Io;
  readonly cursor?: CursorFile | undefined;
  readonly write: (items: readonly HistoryItem[]) => void;
  readonly isWanted: (entry: MessageEntry) => boolean;
  /** After so many messages nothing more is shown; undefined: no bound. */
  readonly maxCount?: number | undefined;
}

/** Puts the wanted items on standard output; the cursor, where there is one, comes after. */
export class CursorOutput {
  readonly #options: CursorOutputOptions;
  readonly #enough = new AbortController();
  #position: ReadPosition | undefined;
  /** Messages that may still be shown. */
  #left: number;

  constructor(options: CursorOutputOptions) {
    this.#options = options;
    this.#left = options.maxCount ?? Infinity;
  }

  /** Aborted (with an `Interruption`) when `maxCount` messages have been shown. */
  get countReached(): AbortSignal {
    return this.#enough.signal;
  }

  /** Resolves when `items` are written and the cursor stands behind `position`. */
  async show(items: readonly HistoryItem[], position: ReadPosition | undefined): Promise<void> {
    const { io: { stdout }, cursor, write } = this.#options;
    if (this.#left === 0) return;
    const shown: HistoryItem[] = [];
    for (const item of items) {
      if (!this.#isWanted(item)) continue;
      shown.push(item);
      if (item.kind === "gap" || --this.#left > 0) continue;
      position = item; // what follows it is for the next run
      break;
    }
    write(shown);
    this.#position = position ?? this.#position;
    await stdout.flush();
    if (position !== undefined && !stdout.closedSignal.aborted) await cursor?.moveTo(position);
    if (this.#left === 0) this.#enough.abort({ why: "enough" } satisfies StopReason);
  }

  #isWanted(item: HistoryItem): boolean {
    return item.kind === "gap" || this.#options.isWanted(item);
  }

  /** The command ends with `code`, unless the cursor could not be brought up to what was shown. */
  async end(code: ExitCode): Promise<ExitCode> {
    const { io, cursor } = this.#options;
    await io.stdout.flush();
    if (this.#position !== undefined && !io.stdout.closedSignal.aborted) await cursor?.moveTo(this.#position);
    const why = cursor?.failed.reason as { text: string } | undefined;
    if (cursor === undefined || why === undefined) return code;
    const text =
      `cannot write the cursor file ${cursor.path}: ${why.text}; the next run repeats what this one showed`;
    return reportFailure(io, EXIT.ioError, toPrintable(text));
  }
}
