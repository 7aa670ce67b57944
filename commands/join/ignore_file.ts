/** The ignore list of a name on a server: one name per line, in `<state dir>/ignored/<server>/<name>`. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { stateDir } from "../../lib/cli/files/user_dirs.ts";
import { isTargetName } from "../../lib/irc/names/name_rules.ts";
import type { Address } from "../../lib/net/address.ts";
import { MAX_IGNORED } from "../../lib/client/conversation/model/ignore_list.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { mergeNames } from "./merged_names.ts";
import { NameFile } from "./name_file.ts";

/** A larger file is not an ignore list. */
const MAX_FILE_BYTES = 256 * 1024;

export type IgnoreFileOutcome =
  | { readonly kind: "ok"; readonly names: readonly string[] }
  /** The file cannot be read. */
  | { readonly kind: "bad"; readonly why: string };

export class IgnoreFile {
  readonly #file: NameFile;

  /** `dir`: the folder `ignored` of the state folder. */
  constructor(dir: string, address: Address, name: string) {
    this.#file = new NameFile(dir, address, name);
  }

  get path(): string {
    return this.#file.path;
  }

  read(): IgnoreFileOutcome {
    const read = this.#file.read(MAX_FILE_BYTES);
    if (read.kind === "bad") {
      if (read.fault === "missing") return { kind: "ok", names: [] };
      return { kind: "bad", why: read.fault === "too_large" ? "not a list of names" : read.why };
    }
    const lines = read.text.split(/\r?\n/).filter((line) => line !== "");
    const names = lines.filter(isTargetName).slice(0, MAX_IGNORED);
    return names.length === Math.min(lines.length, MAX_IGNORED)
      ? { kind: "ok", names }
      : { kind: "bad", why: "one of its lines is not a name" };
  }

  /**
   * Makes the change from `before` to `now` in the file: what another process has changed stays. Throws disk errors, and an
   * error where the file cannot be read.
   */
  change(before: readonly string[], now: readonly string[]): void {
    this.#file.exclusively(() => {
      const read = this.read();
      if (read.kind === "bad") throw new Error(`${this.path}: ${read.why}`);
      const names = mergeNames(before, now, read.names).slice(-MAX_IGNORED);
      this.#file.write(names.map((name) => name + "\n").join(""));
    });
  }
}

/** The ignored names, and what keeps them (throws disk errors); undefined: they last as long as the program. */
export interface OpenedIgnoreFile {
  readonly names: readonly string[];
  readonly keep: ((names: readonly string[]) => void) | undefined;
}

/** A file that cannot be read is left as it is. */
export function openIgnoreFile({ address, name }: ClientLogin, io: Io): OpenedIgnoreFile {
  const dir = stateDir(io.env);
  if (dir === undefined) return { names: [], keep: undefined };
  const file = new IgnoreFile(`${dir}/ignored`, address, name);
  const read = file.read();
  if (read.kind === "ok") {
    let before = read.names;
    return {
      names: read.names,
      keep(names) {
        file.change(before, names);
        before = names;
      },
    };
  }
  const text = `the ignore list is not used: ${file.path} cannot be read: ${read.why}`;
  io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  return { names: [], keep: undefined };
}
