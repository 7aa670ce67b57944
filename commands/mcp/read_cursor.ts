/**
 * How far an agent has read one conversation, as one word: base64url of the conversation's name, the position as the HTTP
 * API writes it, and a checksum, with spaces between. It names a message, so that it stays valid over restarts of everything. Pure.
 */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { crc32 } from "../../lib/base/crc.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import { casefold, isSameName } from "../../lib/irc/names/casemap.ts";
import { formatStreamPosition, parseStreamPosition } from "../../lib/web/api/stream_position.ts";
import { ToolRefusal } from "./tool_refusal.ts";

/** Longest cursor, in characters: a room, a message id, a time and a gap. */
export const MAX_CURSOR_LENGTH = 400;

export function formatCursor(conversation: string, position: ReadPosition): string {
  const text = `${casefold(conversation)} ${formatStreamPosition(position)}`;
  return encodeUtf8(`${text} ${checkOf(text)}`).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The position in `cursor`. @throws {ToolRefusal} It is none, or one of another conversation. */
export function parseCursor(conversation: string, cursor: string): ReadPosition {
  const [name = "", token = "", check, ...rest] = decode(cursor).split(" ");
  const isWhole = rest.length === 0 && check === checkOf(`${name} ${token}`);
  const position = isWhole ? parseStreamPosition(token) : undefined;
  if (position === undefined) {
    throw new ToolRefusal(
      "cursor: not one that read_since or wait_for has returned, or not copied whole; leave it out to begin anew",
    );
  }
  if (!isSameName(name, conversation)) {
    throw new ToolRefusal(`cursor: it is for ${JSON.stringify(name)}, not for ${conversation}`);
  }
  return position;
}

/** A model that copies a cursor may change a letter of it, and would miss messages then. */
function checkOf(text: string): string {
  return crc32(encodeUtf8(text)).toString(36);
}

function decode(cursor: string): string {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return "";
  }
}
