/** The text that a command was given: as arguments, or on standard input. */
import { concat } from "../base/bytes.ts";
import type { Io } from "./command.ts";
import { formatSize } from "./size.ts";

export type TextOutcome =
  | { readonly kind: "ok"; readonly text: string }
  /** No arguments, and standard input is a terminal. */
  | { readonly kind: "none" }
  | { readonly kind: "bad"; readonly why: string }
  | { readonly kind: "unreadable"; readonly why: string };

/** `words` joined by spaces; or all of standard input when there are none and it is no terminal, or they are a single `-`. */
export async function readText(words: readonly string[], io: Io, maxBytes: number): Promise<TextOutcome> {
  const fromInput = words.length === 0 ? !io.stdin.isTerminal : words.length === 1 && words[0] === "-";
  if (!fromInput) return words.length === 0 ? { kind: "none" } : judge(words.join(" "));
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of io.stdin.readable) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        const most = formatSize(maxBytes);
        return { kind: "bad", why: `standard input is longer than ${most}, the most that is sent at once` };
      }
      chunks.push(chunk);
    }
  } catch (error) {
    return { kind: "unreadable", why: `cannot read standard input: ${(error as Error).message}` };
  }
  try {
    return judge(new TextDecoder("utf-8", { fatal: true }).decode(concat(chunks)), "standard input");
  } catch {
    return { kind: "bad", why: "standard input is not UTF-8" };
  }
}

function judge(text: string, what = "the text"): TextOutcome {
  if (text.includes("\0")) {
    return { kind: "bad", why: `${what} has a NUL character, which no message can hold` };
  }
  if (/^[\r\n]*$/.test(text)) return { kind: "bad", why: `${what} is empty` };
  return { kind: "ok", text: text.toWellFormed() };
}
