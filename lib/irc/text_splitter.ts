/** Splits long text into pieces that each fit one message. */
import { utf8Length } from "../base/bytes.ts";
import { CRLF_BYTES, HOSTLEN, MAX_LINE_BYTES, NICKLEN, USERLEN } from "./limits.ts";

/** The longest UTF-8 form of one code point: pieces cannot be bounded below this. */
const MAX_CODE_POINT_BYTES = 4;

/** Created on first use: that takes more than ten milliseconds, and most texts fit. */
let graphemeSegmenter: Intl.Segmenter | undefined;

/**
 * Splits `text` into pieces of at most `maxBytes` UTF-8 bytes: at newlines first (LF, CR LF or CR), then after the
 * last space that fits, then between graphemes, and inside a grapheme only if it alone is too long. The pieces of a
 * line concatenate to the line. An empty line becomes " ", because a message cannot be empty; a newline at the very
 * end starts no line.
 */
export function splitText(text: string, maxBytes: number): string[] {
  return splitTextLines(text, maxBytes).map((piece) => piece.text === "" ? " " : piece.text);
}

/**
 * The same split, with its structure: a `joined` piece continues the line of the one before it. An empty line is "".
 */
export function splitTextLines(
  text: string,
  maxBytes: number,
): { readonly text: string; readonly joined: boolean }[] {
  if (!(maxBytes >= MAX_CODE_POINT_BYTES)) {
    throw new RangeError(`maxBytes ${maxBytes} < ${MAX_CODE_POINT_BYTES}`);
  }
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap((line) => splitLine(line, maxBytes).map((text, nth) => ({ text, joined: nth > 0 })));
}

/** The longest source that a server may put before a message: `:nick!user@host `. */
const MAX_SOURCE_BYTES = 1 + NICKLEN + 1 + USERLEN + 1 + HOSTLEN + 1;

/** Longest text of `<verb> <target> :<text>` that no server has to cut when it adds the source. */
export function maxTextBytes(verb: string, target: string): number {
  const around = MAX_SOURCE_BYTES + utf8Length(`${verb} ${target} :`) + CRLF_BYTES;
  return MAX_LINE_BYTES - around;
}

/** The beginning of `text` that fits `maxBytes` UTF-8 bytes, cut between graphemes unless that leaves nothing. */
export function truncateText(text: string, maxBytes: number): string {
  const end = fittingEnd(text, 0, maxBytes);
  return end === text.length ? text : text.slice(0, graphemeCut(text, 0, end));
}

function splitLine(line: string, maxBytes: number): string[] {
  if (line === "") return [""];
  const pieces: string[] = [];
  let start = 0;
  while (start < line.length) {
    const end = fittingEnd(line, start, maxBytes);
    const cut = end === line.length ? end : preferredCut(line, start, end);
    pieces.push(line.slice(start, cut));
    start = cut;
  }
  return pieces;
}

/** The largest index, between two code points, up to which `line` from `start` takes at most `maxBytes`. */
function fittingEnd(line: string, start: number, maxBytes: number): number {
  let bytes = 0;
  let end = start;
  while (end < line.length) {
    const point = line.codePointAt(end) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (bytes > maxBytes) break;
    end += point > 0xffff ? 2 : 1;
  }
  return end;
}

/** The best place for a cut in (start, end]; `end` is before the end of the line. */
function preferredCut(line: string, start: number, end: number): number {
  const space = line.slice(start, end).lastIndexOf(" ");
  return space >= 0 ? start + space + 1 : graphemeCut(line, start, end);
}

/** The last boundary between graphemes in (start, end], or `end` if there is none. */
function graphemeCut(line: string, start: number, end: number): number {
  // One code point after `end` determines whether a grapheme ends there.
  graphemeSegmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const window = graphemeSegmenter.segment(line.slice(start, end + 2));
  const boundary = window.containing(end - start)?.index ?? 0;
  return boundary > 0 ? start + boundary : end;
}
