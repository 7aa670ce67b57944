/**
 * Texts as multiline messages (https://ircv3.net/specs/extensions/multiline), if the server supports them.
 */
import { utf8Length } from "../../../base/bytes.ts";
import type { MessageParts } from "../../../irc/message.ts";
import {
  CONCAT_MARK,
  CONCAT_TAG,
  LINE_END,
  MULTILINE,
  MULTILINE_MAX_BYTES,
  MULTILINE_MAX_LINES,
  splitMultiline,
} from "../../../irc/multiline.ts";
import { maxTextBytes, splitText, splitTextLines } from "../../../irc/text_splitter.ts";

import type { MessageManner } from "./chat_entry.ts";
import { makeTextMessage } from "./ctcp.ts";

/** The capabilities in force, and their values. */
export interface CapabilityFacts {
  readonly caps: ReadonlySet<string>;
  capValue?(name: string): string | undefined;
}

/** The limits of one batch. */
export interface MultilineLimits {
  /** Bytes of the whole text in UTF-8, line ends included. */
  readonly bytes: number;
  readonly lines: number;
}

/**
 * The limits of the server; undefined: it has no multiline messages, or its responses could not be matched.
 */
export function readMultilineLimits(connection: CapabilityFacts): MultilineLimits | undefined {
  const { caps } = connection;
  if (!caps.has(MULTILINE) || !caps.has("batch") || !caps.has("labeled-response")) return undefined;
  const value = connection.capValue?.(MULTILINE) ?? "";
  const bound = (key: string) => {
    const digits = new RegExp(`(?:^|,)${key}=(\\d{1,9})(?:,|$)`).exec(value)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const bytes = bound("max-bytes");
  const lines = bound("max-lines") ?? MULTILINE_MAX_LINES; // a server may leave it out
  return bytes === undefined || lines < 1 ? undefined : { bytes, lines };
}

/**
 * Splits `text` into as few messages as possible, in the form of `irc/multiline.ts`; no line is longer than
 * `maxLineBytes`.
 */
export function splitIntoBatchTexts(text: string, maxLineBytes: number, limits: MultilineLimits): string[] {
  const texts: string[] = [];
  let whole = "";
  let bytes = 0;
  let lines = 0;
  const end = () => {
    // A message must not be empty, and an empty first line could not be told from the line end before it.
    if (lines > 0) texts.push(/^\n*$/.test(whole) ? ` ${whole}` : whole);
    [whole, bytes, lines] = ["", 0, 0];
  };
  for (const { text: line, joined } of splitTextLines(text, Math.min(maxLineBytes, limits.bytes))) {
    const more = utf8Length(line) + (lines === 0 || joined ? 0 : 1);
    if (lines === limits.lines || bytes + more > limits.bytes) end();
    if (lines > 0) whole += joined ? CONCAT_MARK : LINE_END;
    bytes += lines > 0 && !joined ? utf8Length(line) + 1 : utf8Length(line);
    whole += line;
    lines++;
  }
  end();
  return texts;
}

/** As those of a ChatterBox server, which a text keeps to before any server is known. */
const ASSUMED_LIMITS: MultilineLimits = { bytes: MULTILINE_MAX_BYTES, lines: MULTILINE_MAX_LINES };

/**
 * `text` as the messages to say: as few as possible, each of several lines. `limits`: of the server; undefined: it has no
 * multiline messages; "unknown": there was none yet, and each message is split again if that is so.
 */
export function splitForSending(
  text: string,
  { target, manner }: { readonly target: string; readonly manner: MessageManner },
  limits: MultilineLimits | undefined | "unknown",
): string[] {
  const { command, params: [, frame] } = makeTextMessage({ target, text: "", manner });
  const maxBytes = maxTextBytes(command, target) - utf8Length(frame);
  if (limits === undefined) return splitText(text, maxBytes);
  return splitIntoBatchTexts(text, maxBytes, limits === "unknown" ? ASSUMED_LIMITS : limits);
}

/** The lines that send the multiline `text` to `target` with `tags`. `ref`: an unused batch reference. */
export function makeMultilineBatch(
  target: string,
  text: string,
  tags: ReadonlyMap<string, string> | undefined,
  ref: string,
): { readonly opening: MessageParts; readonly rest: readonly MessageParts[] } {
  const rest = splitMultiline(text).map(({ text, joined }): MessageParts => ({
    tags: new Map([["batch", ref], ...joined ? [[CONCAT_TAG, ""] as const] : []]),
    command: "PRIVMSG",
    params: [target, text],
  }));
  return {
    opening: { ...tags && { tags }, command: "BATCH", params: [`+${ref}`, MULTILINE, target] },
    rest: [...rest, { command: "BATCH", params: [`-${ref}`] }],
  };
}
