/** Output of `logs`: wanted messages on standard output, and then the position in the cursor file. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode, StopReason } from "../../lib/cli/exit_codes.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { CursorOwner } from "../../lib/client/history/cursor_file.ts";
import { CursorFile } from "../../lib/client/history/cursor_file.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import type { HistoryItem } from "../../lib/client/conversation/model/chat_entry.ts";
import { Selection } from "./output/selection.ts";
import type { SelectionOptions, ShownItem } from "./output/selection.ts";

export type CursorOpenOutcome =
  /** `position` undefined: the file does not exist yet. */
  | {
    readonly kind: "ok";
    readonly cursor: CursorFile | undefined;
    readonly position: ReadPosition | undefined;
  }
  | { readonly kind: "failed"; readonly code: ExitCode };

/**
 * Reads the cursor file at `path`; without a path there is no cursor. A failure has been reported on standard error.
 */
export async function openCursor(
  path: string | undefined,
  owner: CursorOwner,
  io: Io,
): Promise<CursorOpenOutcome> {
  if (path === undefined) return { kind: "ok", cursor: undefined, position: undefined };
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
      return failed(EXIT.usage, "use", `${found.why}; use one file for each`);
    case "damaged":
      return failed(EXIT.malformed, "use", `${found.why}; remove it to start again`);
    case "unreadable":
      return failed(EXIT.ioError, "read", found.why);
    case "unwritable":
      return failed(EXIT.ioError, "write", found.why);
  }
}

export interface CursorOutputOptions extends SelectionOptions {
  readonly io: Io;
  readonly cursor?: CursorFile | undefined;
  /** Called in order; may resolve when the items are done with. */
  readonly write: (items: readonly ShownItem[]) => void | Promise<void>;
}

/** Writes the wanted items to standard output, and then moves the cursor, if there is one. */
export class CursorOutput {
  readonly #options: CursorOutputOptions;
  readonly #selection: Selection;
  readonly #countReached = new AbortController();
  #position: ReadPosition | undefined;

  constructor(options: CursorOutputOptions) {
    this.#options = options;
    this.#selection = new Selection(options);
  }

  /** Aborted (with a `StopReason`) when `maxCount` messages have been shown. */
  get countReached(): AbortSignal {
    return this.#countReached.signal;
  }

  /** Aborted when the command is to end: interrupted, no reader, enough shown, or the cursor cannot be written. */
  get stopSignal(): AbortSignal {
    const { io, cursor } = this.#options;
    const signals = [io.signal, io.stdout.closedSignal, this.countReached];
    return AbortSignal.any(cursor === undefined ? signals : [...signals, cursor.failed]);
  }

  /** Resolves when `items` are written and the cursor is at `position`. */
  async show(items: readonly HistoryItem[], position: ReadPosition | undefined): Promise<void> {
    const { io: { stdout }, cursor, write } = this.#options;
    if (this.#selection.isOver) return;
    const { shown, last } = this.#selection.take(items);
    position = last ?? position; // the next run begins behind it
    await write(shown);
    this.#position = position ?? this.#position;
    await stdout.flush();
    if (position !== undefined && !stdout.closedSignal.aborted) await cursor?.moveTo(position);
    if (this.#selection.isOver) this.#countReached.abort({ why: "enough" } satisfies StopReason);
  }

  /** The exit code: `code`, unless the cursor file could not be written. */
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
