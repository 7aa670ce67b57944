/**
 * What was typed under a name on a server and not submitted, by the conversation that it is for. The file is written as a
 * whole, and removed when there are no drafts.
 *
 *     <state dir>/drafts/<server>/<name>     {"#tea":"half a line"}, file 0600, folders 0700
 */
import { readProgramFile } from "../../lib/cli/files/small_file.ts";
import { encodeFileName, serverFolderName } from "../../lib/client/identity/file_names.ts";
import type { Address } from "../../lib/net/address.ts";
import { replaceFile } from "../../lib/store/disk/atomic_file.ts";
import { MAX_INPUT_UNITS } from "../../lib/tui/terminal/line/line_editor.ts";

/** A larger file is not one of drafts. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

export type Drafts = Readonly<Record<string, string>>;

export type DraftsFileOutcome =
  | { readonly kind: "ok"; readonly drafts: Drafts }
  /** The file cannot be read. */
  | { readonly kind: "bad"; readonly why: string };

export class DraftsFile {
  readonly path: string;
  readonly #folder: string;

  /** `dir`: the state folder. */
  constructor(dir: string, address: Address, name: string) {
    this.#folder = `${dir}/drafts/${serverFolderName(address)}`;
    this.path = `${this.#folder}/${encodeFileName(name)}`;
  }

  read(): DraftsFileOutcome {
    const read = readProgramFile(this.path, MAX_FILE_BYTES, true);
    if (read.kind === "bad") {
      return read.fault === "missing" ? { kind: "ok", drafts: {} } : { kind: "bad", why: read.why };
    }
    const drafts = parseDrafts(read.text);
    return drafts === undefined ? { kind: "bad", why: "not a JSON object of texts" } : { kind: "ok", drafts };
  }

  /** Throws disk errors. */
  write(drafts: Drafts): void {
    if (Object.keys(drafts).length === 0) return this.#remove();
    Deno.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    replaceFile(this.path, JSON.stringify(drafts) + "\n");
  }

  #remove(): void {
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
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
