/** Parameters of a server's line, framed by construction: no parameter can be parsed as two, or end the line. */
import { UNIT_MAX_BYTES } from "./line_limits.ts";
import { SAFE_PARAM_MAX_BYTES, toSafeParam } from "./safe_param.ts";

export type Param = string | number;

declare const isFramed: unique symbol;
/** Parameters in wire form; constructed only by {@link frameParams} and {@link frameWords}. */
export type FramedParams = string & { readonly [isFramed]: true };

/**
 * Frames words followed by a text: the last of `params`, which may be empty or contain spaces and always gets a
 * colon.
 */
export function frameParams(params: readonly Param[]): FramedParams {
  const last = params.length - 1;
  let line = "";
  for (let nth = 0; nth < last; nth++) line += toWord(params[nth]!) + " ";
  return `${line}:${withoutBreaks(String(params[last]!))}` as FramedParams;
}

/** Frames words without a text, such as names, flags and numbers. */
export function frameWords(...words: readonly Param[]): FramedParams {
  return words.map(toWord).join(" ") as FramedParams;
}

function toWord(param: Param): string {
  if (typeof param === "number") return String(param);
  return isPlainWord(param) ? param : withoutBreaks(toSafeParam(param));
}

/** Whether `word` is short and needs no change. Replies have many words, so this is one pass without a copy. */
function isPlainWord(word: string): boolean {
  const { length } = word;
  if (length === 0 || length * UNIT_MAX_BYTES > SAFE_PARAM_MAX_BYTES || word.charCodeAt(0) === COLON) {
    return false;
  }
  for (let at = 0; at < length; at++) if (word.charCodeAt(at) <= SPACE) return false;
  return true;
}

function withoutBreaks(text: string): string {
  return LINE_BREAK.test(text) ? text.replace(LINE_BREAKS, "\ufffd") : text;
}

const SPACE = 0x20;
const COLON = 0x3a;
const LINE_BREAK = /[\r\n\0]/;
const LINE_BREAKS = /[\r\n\0]/g;
