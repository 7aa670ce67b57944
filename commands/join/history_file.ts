/**
 * The lines that were typed under a name on a server, each as a JSON string in a row of its own, because a line may have
 * line breaks. Rows are appended; now and then the file is written anew with the newest ones.
 *
 *     <state dir>/history/<server>/<name>     file 0600, folders 0700
 */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { readProgramFile } from "../../lib/cli/files/small_file.ts";
import { encodeFileName, serverFolderName } from "../../lib/client/identity/file_names.ts";
import type { Address } from "../../lib/net/address.ts";
import { replaceFile } from "../../lib/store/disk/atomic_file.ts";
import { MAX_HISTORY_LINES } from "../../lib/tui/terminal/line/line_history.ts";

/** Rows in the file, of which the newest {@link MAX_HISTORY_LINES} are read. */
const MAX_ROWS = 2 * MAX_HISTORY_LINES;
/** A larger file is not a history. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

export type HistoryFileOutcome =
  | { readonly kind: "ok"; readonly lines: readonly string[] }
  /** The file cannot be read. */
  | { readonly kind: "bad"; readonly why: string };

export class HistoryFile {
  readonly path: string;
  readonly #folder: string;
  #rows = 0;
  #lines: string[] = [];

  /** `dir`: the state folder. */
  constructor(dir: string, address: Address, name: string) {
    this.#folder = `${dir}/history/${serverFolderName(address)}`;
    this.path = `${this.#folder}/${encodeFileName(name)}`;
  }

  /** The newest lines, the oldest of them first. A row that a crash has cut off is left out. */
  read(): HistoryFileOutcome {
    const read = readProgramFile(this.path, MAX_FILE_BYTES, true);
    if (read.kind === "bad") {
      return read.fault === "missing" ? { kind: "ok", lines: [] } : { kind: "bad", why: read.why };
    }
    const rows = read.text.split("\n").filter((row) => row !== "");
    this.#rows = rows.length;
    this.#lines = rows.slice(-MAX_HISTORY_LINES).map(parseRow).filter((line) => line !== undefined);
    return { kind: "ok", lines: [...this.#lines] };
  }

  /** Throws disk errors. */
  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_HISTORY_LINES) this.#lines.shift();
    Deno.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    if (++this.#rows > MAX_ROWS) {
      replaceFile(this.path, this.#lines.map(formatRow).join(""));
      this.#rows = this.#lines.length;
      return;
    }
    using file = Deno.openSync(this.path, { append: true, create: true, mode: 0o600 });
    const bytes = encodeUtf8(formatRow(line));
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  }
}

function formatRow(line: string): string {
  return JSON.stringify(line) + "\n";
}

function parseRow(row: string): string | undefined {
  try {
    const line: unknown = JSON.parse(row);
    return typeof line === "string" ? line : undefined;
  } catch {
    return undefined;
  }
}
