/**
 * The text of a faulty line of a server. Other servers pass on text of their clients in any encoding and
 * length; a client that dropped such a line would hide a message.
 */
import { isUtf8 } from "../../base/utf8_validator.ts";
import type { LineFault, LineLimits } from "../../irc/line_splitter.ts";
import { CRLF_BYTES } from "../../irc/limits.ts";

/** The end of a line that is shown cut. */
export const CUT_MARK = " […]";

/** Replaces a line of which only tags are known. */
const TAGS_ONLY = "NOTICE * :a line of the server is left out: its tags are longer than 8191 bytes";

const AT = 0x40;
const SPACE = 0x20;

/**
 * A line that is not UTF-8 is read as Windows-1252, which holds Latin-1, and in which every byte is a
 * character; NUL becomes U+FFFD. A line that is too long is cut to its limit and marked; tags that are too
 * long (message-tags, "Size limit") are left out.
 */
export function decodeLenientLine(fault: LineFault["fault"], bytes: Uint8Array, limits: LineLimits): string {
  const text = fault === "too_long" ? cutLongLine(bytes, limits) : decodeText(bytes);
  return text.replaceAll("\0", "\ufffd");
}

/** Reads the line up to its limit only, so that the result does not depend on how much has arrived. */
function cutLongLine(line: Uint8Array, { tagsBytes, restBytes }: LineLimits): string {
  const hasTags = line[0] === AT;
  const most = restBytes - CRLF_BYTES;
  const seen = line.subarray(0, most + (hasTags ? tagsBytes : 0));
  const tagsEnd = hasTags ? seen.indexOf(SPACE) + 1 : 0;
  if (hasTags && tagsEnd === 0) return TAGS_ONLY;
  const tags = tagsEnd <= tagsBytes ? decodeText(seen.subarray(0, tagsEnd)) : "";
  const rest = seen.subarray(tagsEnd, tagsEnd + most);
  if (tagsEnd + rest.length === line.length) return tags + decodeText(rest);
  return tags + decodeText(wholeCharacters(rest)) + CUT_MARK;
}

/** `bytes` without an incomplete UTF-8 character at their end. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let missing = 1; missing <= 3 && missing < bytes.length; missing++) {
    const start = bytes.length - missing;
    const lead = bytes[start]!;
    if (lead < 0x80) break;
    if (lead < 0xc0) continue; // a byte inside of a character
    const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const head = bytes.subarray(0, start);
    return length > missing && isUtf8(head) ? head : bytes;
  }
  return bytes;
}

function decodeText(bytes: Uint8Array): string {
  // A byte order mark is text.
  return new TextDecoder(isUtf8(bytes) ? "utf-8" : "windows-1252", { ignoreBOM: true }).decode(bytes);
}
