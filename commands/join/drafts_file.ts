/**
 * What was typed under a name on a server and not submitted, by the conversation that it is for. Without drafts there
 * is no file. Each process that runs under the name has a file of its own, and an empty one that it holds the lock of; a
 * file without such a process is of an earlier run, and the next one takes it over.
 *
 *     <state dir>/drafts/<server>/<name>          {"#tea":"half a line"}
 *     <state dir>/drafts/<server>/<name>+lock
 *     <state dir>/drafts/<server>/<name>+2        of a second process, and so on
 *     <state dir>/drafts/<server>/<name>+2+lock
 */
import type { Address } from "../../lib/net/address.ts";
import { takeLockFile } from "../../lib/store/disk/folder_lock.ts";
import { MAX_INPUT_UNITS } from "../../lib/tui/terminal/line/line_editor.ts";
import { NameFile } from "./name_file.ts";

/** A larger file is not one of drafts. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** Files of one name. Drafts of a further process end with it. */
export const MAX_DRAFTS_FILES = 10;

export type Drafts = Readonly<Record<string, string>>;

export type DraftsFileOutcome =
  | { readonly kind: "ok"; readonly drafts: Drafts }
  /** The file cannot be read. */
  | { readonly kind: "bad"; readonly why: string };

export class DraftsFile {
  readonly #file: NameFile;
  readonly #lockPath: string;
  #lock: Deno.FsFile | undefined;

  /** `dir`: the state folder. `nth`: from 1. */
  constructor(dir: string, address: Address, name: string, nth = 1) {
    this.#file = new NameFile(`${dir}/drafts`, address, name, nth === 1 ? "" : `+${nth}`);
    this.#lockPath = `${this.#file.path}+lock`;
  }

  get path(): string {
    return this.#file.path;
  }

  /** Whether this process has the file for itself from now on; another one may have it. Throws disk errors. */
  take(): boolean {
    this.#file.makeFolder();
    this.#lock = takeLockFile(this.#lockPath);
    return this.#lock !== undefined;
  }

  /** What follows a {@link take}. */
  release(): void {
    this.#lock?.close();
    this.#lock = undefined;
  }

  read(): DraftsFileOutcome {
    const read = this.#file.read(MAX_FILE_BYTES, true);
    if (read.kind === "bad") {
      return read.fault === "missing" ? { kind: "ok", drafts: {} } : { kind: "bad", why: read.why };
    }
    const drafts = parseDrafts(read.text);
    return drafts === undefined ? { kind: "bad", why: "not a JSON object of texts" } : { kind: "ok", drafts };
  }

  /** When it was written, in milliseconds; 0: there is none. */
  get time(): number {
    try {
      return Deno.statSync(this.path).mtime?.getTime() ?? 0;
    } catch {
      return 0;
    }
  }

  /** `isDurable`: also over a power failure. Throws disk errors. */
  write(drafts: Drafts, isDurable: boolean): void {
    if (Object.keys(drafts).length === 0) this.#file.remove();
    else this.#file.write(JSON.stringify(drafts) + "\n", isDurable);
  }
}

function parseDrafts(text: string): Drafts | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const drafts = Object.entries(value);
  return drafts.every(([, draft]) => typeof draft === "string" && draft.length <= MAX_INPUT_UNITS)
    ? Object.fromEntries(drafts)
    : undefined;
}
