/**
 * What was typed under a name on a server and not submitted, by the conversation that it is for. Without drafts there
 * is no file.
 *
 *     <state dir>/drafts/<server>/<name>     {"#tea":"half a line"}
 */
import type { Address } from "../../lib/net/address.ts";
import { MAX_INPUT_UNITS } from "../../lib/tui/terminal/line/line_editor.ts";
import { NameFile } from "./name_file.ts";

/** A larger file is not one of drafts. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

export type Drafts = Readonly<Record<string, string>>;

export type DraftsFileOutcome =
  | { readonly kind: "ok"; readonly drafts: Drafts }
  /** The file cannot be read. */
  | { readonly kind: "bad"; readonly why: string };

export class DraftsFile {
  readonly #file: NameFile;

  /** `dir`: the state folder. */
  constructor(dir: string, address: Address, name: string) {
    this.#file = new NameFile(`${dir}/drafts`, address, name);
  }

  get path(): string {
    return this.#file.path;
  }

  read(): DraftsFileOutcome {
    const read = this.#file.read(MAX_FILE_BYTES, true);
    if (read.kind === "bad") {
      return read.fault === "missing" ? { kind: "ok", drafts: {} } : { kind: "bad", why: read.why };
    }
    const drafts = parseDrafts(read.text);
    return drafts === undefined ? { kind: "bad", why: "not a JSON object of texts" } : { kind: "ok", drafts };
  }

  /** Throws disk errors. */
  write(drafts: Drafts): void {
    if (Object.keys(drafts).length === 0) this.#file.remove();
    else this.#file.write(JSON.stringify(drafts) + "\n");
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
