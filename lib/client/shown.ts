/** What has been shown of a target, and how far: on standard output, and in the cursor file that follows it. */
import { printable } from "../base/printable.ts";
import type { Io } from "../cli/command.ts";
import type { ExitCode } from "../cli/exit_codes.ts";
import { EXIT } from "../cli/exit_codes.ts";
import { fail } from "../cli/output.ts";
import type { CursorOwner } from "./cursor_file.ts";
import { CursorFile } from "./cursor_file.ts";
import type { Item, Position } from "./loss.ts";

export type CursorStart =
  /** `position` undefined: there is no such file yet. */
  | { readonly kind: "ok"; readonly cursor: CursorFile; readonly position: Position | undefined }
  | { readonly kind: "failed"; readonly code: ExitCode };

/** Where the cursor in the file at `path` stands; what is wrong with it has been said on standard error. */
export async function openCursor(path: string, owner: CursorOwner, io: Io): Promise<CursorStart> {
  const cursor = new CursorFile(path, owner);
  const found = await cursor.read();
  const failed = (code: ExitCode, what: string, why: string): CursorStart => {
    return {
      kind: "failed",
      code: fail(io, code, printable(`cannot ${what} the cursor file ${path}: ${why}`)),
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

/** Puts items on standard output; the cursor, where there is one, comes after. */
export class Shown {
  #position: Position | undefined;

  constructor(
    readonly io: Io,
    readonly cursor: CursorFile | undefined,
    readonly write: (items: readonly Item[]) => void,
  ) {}

  /** Resolves when `items` are written and the cursor stands behind `position`. */
  async show(items: readonly Item[], position: Position | undefined): Promise<void> {
    this.write(items);
    this.#position = position ?? this.#position;
    await this.io.stdout.flush();
    if (position !== undefined && !this.io.stdout.gone.aborted) await this.cursor?.moveTo(position);
  }

  /** The command ends with `code`, unless the cursor could not be brought up to what was shown. */
  async end(code: ExitCode): Promise<ExitCode> {
    await this.show([], this.#position);
    const why = this.cursor?.failed.reason as { text: string } | undefined;
    if (this.cursor === undefined || why === undefined) return code;
    const text =
      `cannot write the cursor file ${this.cursor.path}: ${why.text}; the next run repeats what this one showed`;
    return fail(this.io, EXIT.ioError, printable(text));
  }
}
