/**
 * The lines that were typed under a name on a server, each as a JSON string in a row of its own, because a line may have
 * line breaks. Rows are appended; now and then the file is written anew with the newest ones. Processes that use it at the
 * same time add to what the others have added.
 *
 *     <state dir>/history/<server>/<name>
 */
import type { Address } from "../../lib/net/address.ts";
import { MAX_HISTORY_LINES } from "../../lib/tui/terminal/line/line_history.ts";
import { NameFile } from "./name_file.ts";

/** Rows in the file, of which the newest {@link MAX_HISTORY_LINES} are read. */
const MAX_ROWS = 2 * MAX_HISTORY_LINES;
/** A larger file is not a history. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

export type HistoryFileOutcome =
  | { readonly kind: "ok"; readonly lines: readonly string[] }
  /** The file cannot be read. */
  | { readonly kind: "bad"; readonly why: string };

export class HistoryFile {
  readonly #file: NameFile;
  /** As far as this process knows. */
  #rows = 0;

  /** `dir`: the state folder. */
  constructor(dir: string, address: Address, name: string) {
    this.#file = new NameFile(`${dir}/history`, address, name);
  }

  get path(): string {
    return this.#file.path;
  }

  /** The newest lines, the oldest of them first. A row that a crash has cut off is left out. */
  read(): HistoryFileOutcome {
    const read = this.#file.read(MAX_FILE_BYTES, true);
    if (read.kind === "bad") {
      return read.fault === "missing" ? { kind: "ok", lines: [] } : { kind: "bad", why: read.why };
    }
    const rows = read.text.split("\n").filter((row) => row !== "");
    this.#rows = rows.length;
    return {
      kind: "ok",
      lines: rows.slice(-MAX_HISTORY_LINES).map(parseRow).filter((line) => line !== undefined),
    };
  }

  /** Adds `line` behind those that are in the file, by whatever process. Throws disk errors. */
  add(line: string): void {
    this.#file.exclusively(() => {
      this.#file.appendLine(JSON.stringify(line));
      if (++this.#rows > MAX_ROWS) this.#shorten();
    });
  }

  /** Leaves the newest rows. */
  #shorten(): void {
    const read = this.read();
    if (read.kind === "bad") throw new Error(read.why);
    if (this.#rows <= MAX_ROWS) return; // another process has done it
    this.#file.write(read.lines.map((line) => JSON.stringify(line) + "\n").join(""));
    this.#rows = read.lines.length;
  }
}

function parseRow(row: string): string | undefined {
  try {
    const line: unknown = JSON.parse(row);
    return typeof line === "string" ? line : undefined;
  } catch {
    return undefined;
  }
}
