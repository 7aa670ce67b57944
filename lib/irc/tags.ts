/** Message tags (https://ircv3.net/specs/extensions/message-tags): `key=value;+client-only;vendor.example/key`. */

/** Shared by all messages without tags. Not frozen, but never written to: its type is ReadonlyMap. */
export const NO_TAGS: ReadonlyMap<string, string> = new Map();

/** Whether servers relay the tag without change; all other tags of a client are removed before relaying. */
export function isClientOnlyTag(key: string): boolean {
  return key.charCodeAt(0) === 0x2b;
}

/**
 * Parses the text between `@` and the space. Keys are opaque and never rejected; if a key occurs more than once, the
 * last value counts; a missing value is empty. Tags without a key are dropped.
 */
export function parseTags(data: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  let start = 0;
  while (start < data.length) {
    let end = data.indexOf(";", start);
    if (end < 0) end = data.length;
    const equals = data.indexOf("=", start);
    if (equals >= 0 && equals < end) {
      if (equals > start) tags.set(data.slice(start, equals), unescapeTagValue(data.slice(equals + 1, end)));
    } else if (end > start) tags.set(data.slice(start, end), "");
    start = end + 1;
  }
  return tags;
}

/**
 * Formats tags as the text between `@` and the space, in the map's order; an empty value is left out with its `=`.
 * Throws RangeError for a key that cannot be framed (empty, or with space, `;`, `=`, CR, LF or NUL) and for a value
 * with NUL.
 */
export function formatTags(tags: ReadonlyMap<string, string>): string {
  let data = "";
  for (const [key, value] of tags) {
    if (!isFrameableKey(key)) throw new RangeError(`cannot frame the tag key ${JSON.stringify(key)}`);
    if (data !== "") data += ";";
    data += value === "" ? key : `${key}=${escapeTagValue(value)}`;
  }
  return data;
}

function isFrameableKey(key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    switch (key.charCodeAt(i)) {
      case 0x00: // NUL
      case 0x0a: // LF
      case 0x0d: // CR
      case 0x20: // space
      case 0x3b: // ;
      case 0x3d: // =
        return false;
    }
  }
  return key !== "";
}

/** Escapes a value for use in a line. Throws RangeError for NUL, which has no escape. */
export function escapeTagValue(value: string): string {
  let escaped = "";
  let done = 0;
  for (let i = 0; i < value.length; i++) {
    const escape = escapeOf(value.charCodeAt(i));
    if (escape === "") continue;
    escaped += value.slice(done, i) + escape;
    done = i + 1;
  }
  return done === 0 ? value : escaped + value.slice(done);
}

/** message-tags, "Escaping values"; "" for a character that needs no escape. */
function escapeOf(unit: number): string {
  switch (unit) {
    case 0x3b:
      return "\\:";
    case 0x20:
      return "\\s";
    case 0x5c:
      return "\\\\";
    case 0x0d:
      return "\\r";
    case 0x0a:
      return "\\n";
    case 0x00:
      throw new RangeError("cannot frame a tag value with NUL");
    default:
      return "";
  }
}

/** Unescapes a value. A backslash before any other character, or at the end, is dropped. */
export function unescapeTagValue(escaped: string): string {
  let backslash = escaped.indexOf("\\");
  if (backslash < 0) return escaped;
  let value = "";
  let done = 0;
  while (backslash >= 0) {
    value += escaped.slice(done, backslash) + unescapeOf(escaped.charAt(backslash + 1));
    done = backslash + 2;
    backslash = escaped.indexOf("\\", done);
  }
  return value + escaped.slice(done);
}

function unescapeOf(char: string): string {
  switch (char) {
    case ":":
      return ";";
    case "s":
      return " ";
    case "r":
      return "\r";
    case "n":
      return "\n";
    default:
      return char;
  }
}
