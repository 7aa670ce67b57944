/** The text of a message: words, standard input, a file; as a block of code where that is wanted. */
import { utf8Length } from "../../lib/base/bytes.ts";
import type { Io } from "../../lib/cli/command.ts";
import { readSmallFile } from "../../lib/cli/files/small_file.ts";
import { readText } from "../../lib/cli/text_input.ts";
import type { TextOutcome } from "../../lib/cli/text_input.ts";
import { MULTILINE_MAX_BYTES, MULTILINE_MAX_LINES } from "../../lib/irc/multiline.ts";
import { maxTextBytes, splitTextLines } from "../../lib/irc/text_splitter.ts";
import type { SendFlags } from "./usage.ts";

/** Longest text: about 2,700 messages. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** Characters that no text file has: controls but tab, line ends and form feed. */
const BINARY = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

const FENCE = "```";

export interface TextRequest extends Pick<SendFlags, "file" | "code" | "lang"> {
  readonly target: string;
  readonly words: readonly string[];
}

/** The text as it is sent. A file, and code, is one message; words stand in front of a file. */
export async function readSendText(request: TextRequest, io: Io): Promise<TextOutcome> {
  const { words, file, code, lang, target } = request;
  if (file === undefined && !code && lang === undefined) return await readText(words, io, MAX_TEXT_BYTES);
  const source = file === undefined
    ? await readText(words, io, MULTILINE_MAX_BYTES)
    : await readFileText(file);
  if (source.kind !== "ok") return source;
  const heading = file === undefined || words.length === 0 ? "" : `${words.join(" ")}\n`;
  const text = heading + makeCodeBlock(source.text, lang ?? "");
  const fault = findExcess(text, target);
  if (fault === undefined) return { ...source, text };
  return { kind: "bad", why: `${file ?? "the code"} is too long for one message: ${fault}` };
}

async function readFileText(path: string): Promise<TextOutcome> {
  const read = await readSmallFile(path, MULTILINE_MAX_BYTES);
  if (read.kind === "bad") {
    const why = `${path}: ${read.why}`;
    return { kind: read.fault === "too_large" ? "bad" : "unreadable", why };
  }
  if (BINARY.test(read.text)) return { kind: "bad", why: `${path} is not a text file` };
  if (read.text.trim() === "") return { kind: "bad", why: `${path} is empty` };
  return { kind: "ok", text: read.text, replaced: false };
}

/** Between fences, as pages show code; a text that has a fence of its own stays as it is. */
function makeCodeBlock(text: string, language: string): string {
  const lines = text.replace(/\s+$/, "").split(/\r\n|\n|\r/);
  if (lines.some((line) => line.trim().startsWith(FENCE))) return lines.join("\n");
  return [FENCE + language, ...lines, FENCE].join("\n");
}

/** What of `text` is more than one message takes; undefined: nothing. */
function findExcess(text: string, target: string): string | undefined {
  const bytes = utf8Length(text);
  if (bytes > MULTILINE_MAX_BYTES) return `${bytes} bytes, and there is space for ${MULTILINE_MAX_BYTES}`;
  const lines = splitTextLines(text, maxTextBytes("PRIVMSG", target)).length;
  return lines > MULTILINE_MAX_LINES
    ? `${lines} lines, and there is space for ${MULTILINE_MAX_LINES}`
    : undefined;
}
