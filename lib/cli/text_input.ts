/** The text that a command was given: as arguments, or on standard input. */
import type { Io } from "./command.ts";
import { dropOverwritten, PipedTextDecoder } from "./piped_text_decoder.ts";
import { formatSize } from "../base/values/size.ts";

export type TextOutcome =
  /** `replaced`: what was not UTF-8 is U+FFFD now. */
  | { readonly kind: "ok"; readonly text: string; readonly replaced: boolean }
  /** No arguments, and standard input is a terminal. */
  | { readonly kind: "none" }
  | { readonly kind: "bad"; readonly why: string }
  | { readonly kind: "unreadable"; readonly why: string };

/**
 * `words` joined by spaces; or all of standard input when there are none and it is no terminal, or they are a
 * single `-`.
 */
export async function readText(words: readonly string[], io: Io, maxBytes: number): Promise<TextOutcome> {
  const fromInput = words.length === 0 ? !io.stdin.isTerminal : words.length === 1 && words[0] === "-";
  if (!fromInput) return words.length === 0 ? { kind: "none" } : checkInputText(words.join(" "));
  const piped = new PipedTextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of io.stdin.readable) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        const most = formatSize(maxBytes);
        return { kind: "bad", why: `standard input is longer than ${most}, the limit of one command` };
      }
      text += piped.decode(chunk);
    }
  } catch (error) {
    return { kind: "unreadable", why: `cannot read standard input: ${(error as Error).message}` };
  }
  text += piped.decode();
  return checkInputText(
    text.split("\n").map(dropOverwritten).join("\n"),
    "standard input",
    piped.hasReplacements,
  );
}

function checkInputText(text: string, what = "the text", replaced = false): TextOutcome {
  if (text.includes("\0")) {
    return { kind: "bad", why: `${what} has a NUL character, which messages cannot contain` };
  }
  if (/^[\r\n]*$/.test(text)) return { kind: "bad", why: `${what} is empty` };
  return { kind: "ok", text: text.toWellFormed(), replaced };
}
