/**
 * Protocol between `chatterbox admin` and the server on the admin socket. Lines are UTF-8 and end with LF:
 *
 *     ban bob 2h too loud                  a console command (`command_table.ts`)
 *     * name:bob is banned for 2h          response: any number of lines to show,
 *     OK                                   and a last line if the command was done,
 *     NO not_found there is no user bob    or, if it failed, a status word and the reason
 *
 * A connection may carry several commands; each is answered before the next one is read.
 */
import { utf8Length } from "../../base/bytes.ts";
import { toPrintable } from "../../base/printable_text.ts";
import { CommandFailure } from "./console_command.ts";
import type { CommandAnswer, FailureStatus } from "./console_command.ts";

/** Name of the socket in the data folder. */
const ADMIN_SOCKET = "admin.sock";
/** Length of a command without its LF. A passphrase has at most 300 bytes, a reason fewer. */
export const MAX_COMMAND_BYTES = 4096;
/** Size of `sun_path` without its NUL (unix(7): 108 bytes on Linux; 104 on macOS and the BSDs). */
export const SOCKET_PATH_MAX_BYTES = Deno.build.os === "linux" ? 107 : 103;

/** Path of the admin socket for the data folder `dataDir`, or why there can be none. */
export function adminSocketPath(dataDir: string): { readonly path: string } | { readonly why: string } {
  return socketPath(dataDir, ADMIN_SOCKET);
}

/** Path of the socket `name` in the data folder `dataDir`, or why there can be none. */
export function socketPath(
  dataDir: string,
  name: string,
): { readonly path: string } | { readonly why: string } {
  const path = `${dataDir}/${name}`;
  if (utf8Length(path) <= SOCKET_PATH_MAX_BYTES) return { path };
  return {
    why: `${path} is longer than the ${SOCKET_PATH_MAX_BYTES} bytes that a socket path may have`,
  };
}

const STATUSES: ReadonlySet<string> = new Set<FailureStatus>([
  "usage",
  "not_found",
  "refused",
  "partly_done",
  "not_saved",
  "malformed",
  "busy",
]);

/** The answer as lines of the protocol. */
export function formatAnswer(answer: CommandAnswer): string {
  return formatLines(answer.lines) + formatEnd(answer.failure);
}

export function formatLines(lines: readonly string[]): string {
  return lines.map((line) => `* ${toPrintable(line)}\n`).join("");
}

export function formatEnd(failure: CommandFailure | undefined): string {
  return failure === undefined ? "OK\n" : `NO ${failure.status} ${toPrintable(failure.words)}\n`;
}

/** One parsed line of an answer. */
export type AnswerLine =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "end"; readonly failure: CommandFailure | undefined }
  /** Not a line of this protocol. */
  | { readonly kind: "bad" };

export function parseAnswerLine(line: string): AnswerLine {
  if (line.startsWith("* ")) return { kind: "line", text: line.slice(2) };
  if (line === "OK") return { kind: "end", failure: undefined };
  const [, status = "", words = ""] = /^NO (\w+) (.*)$/.exec(line) ?? [];
  if (!STATUSES.has(status)) return { kind: "bad" };
  return { kind: "end", failure: new CommandFailure(status as FailureStatus, words) };
}

/** Splits input into lines, and rejects lines that are too long. */
export class LineCutter {
  readonly #maxBytes: number;
  #rest = new Uint8Array(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The complete lines so far, without their line ends; undefined: one is too long or not UTF-8. */
  push(bytes: Uint8Array): string[] | undefined {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const lines: string[] = [];
    let start = 0;
    for (let end = all.indexOf(LF); end >= 0; end = all.indexOf(LF, start)) {
      const text = this.#decode(all.subarray(start, end));
      if (text === undefined) return undefined;
      lines.push(text.replace(/\r$/, ""));
      start = end + 1;
    }
    this.#rest = all.slice(start);
    return this.#rest.length > this.#maxBytes ? undefined : lines;
  }

  #decode(bytes: Uint8Array): string | undefined {
    if (bytes.length > this.#maxBytes) return undefined;
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  }
}

const LF = 0x0a;
const decoder = new TextDecoder("utf-8", { fatal: true });
