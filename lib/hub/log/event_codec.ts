/**
 * The payload of a log record: one event. No other code knows its layout.
 *
 *     version  kind    NUL  field  NUL  field  …
 *     0x02     letter       UTF-8 without NUL, which no IRC line can contain
 *
 *     version  origin  NUL  kind    NUL  field  …     a record with an origin (model/line_origin.ts)
 *     0x03     ASCII        letter       as above
 *
 *     P|N|G  source  target  from  to  text  tags     PRIVMSG, NOTICE, TAGMSG
 *     p|n|g  source  target  from  to  text  tags  id     the same with a sender id
 *     J      source  channel
 *     L      source  channel  reason                     part ("leave")
 *     Q      source  reason
 *     K      source  nick                             new nick
 *     T      source  channel  topic
 *     X      source  channel  nick  reason               kick
 *     M      source  channel  change  args               mode, `+ov-l` and its arguments
 *     D      source  target  from  to  msgid  reason  redacted ("deleted")
 *     R      source  channel  new  reason                channel renamed
 *     B      version                                  server start
 *
 * `to` is empty for a channel, and `tags` if they are too long.
 *
 * Version 1 is the same without the first byte: such a payload begins with the letter. It is read, and no longer
 * written. A version byte is a control character, so that it is never taken for a letter. A payload of an unknown
 * version or kind is not an event.
 *
 * The text of a multiline message contains LF and CR (irc/multiline.ts). A reader that does not know this still
 * shows it.
 *
 * An event is built as one string and encoded at once: that costs a fifth of encoding field by field.
 */
import { utf8Length } from "../../base/bytes.ts";
import { MAX_RECORDED_TAGS_BYTES } from "../model/config.ts";
import type { MessageVerb, RecordedEvent, RecordedTarget } from "../model/state/event.ts";
import { formatLineOrigin, ORIGIN_VERSION } from "../model/line_origin.ts";
import type { LineOrigin } from "../model/line_origin.ts";

const encoder = new TextEncoder();
// A byte order mark is text like any other.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Large enough for any event within the line limits: 4096 bytes of tags, 512 of line, the source, the owner ids; or
 * as many of a multiline message. An origin takes 41 bytes at most.
 */
export const EVENT_MAX_BYTES = 8192;

/** First byte of a payload without an origin. */
export const PAYLOAD_VERSION = 2;

const P = 0x50;
const N = 0x4e;
const D = 0x44;
const R = 0x52;
const AT = 0x40;
/** Bit that distinguishes a lower case ASCII letter from the capital. */
const SMALL = 0x20;

const HEAD = {
  join: head("J"),
  part: head("L"),
  quit: head("Q"),
  nick: head("K"),
  topic: head("T"),
  kick: head("X"),
  mode: head("M"),
  redact: head("D"),
  rename: head("R"),
  boot: head("B"),
} satisfies Record<Exclude<RecordedEvent["kind"], "message">, string>;
const MESSAGE_HEAD: Record<MessageVerb, string> = {
  PRIVMSG: head("P"),
  NOTICE: head("N"),
  TAGMSG: head("G"),
};
const MESSAGE_WITH_ID_HEAD: Record<MessageVerb, string> = {
  PRIVMSG: head("p"),
  NOTICE: head("n"),
  TAGMSG: head("g"),
};
const LETTER_VERB: Record<string, MessageVerb> = { P: "PRIVMSG", N: "NOTICE", G: "TAGMSG" };

const ORIGIN_HEAD = String.fromCharCode(ORIGIN_VERSION);

function head(letter: string): string {
  return String.fromCharCode(PAYLOAD_VERSION) + letter + "\0";
}

/**
 * Writes `event`, with its origin if it has one, to the start of `scratch`; returns its length in bytes, or -1 if it
 * does not fit.
 */
export function encodeEvent(event: RecordedEvent, scratch: Uint8Array, origin?: LineOrigin): number {
  const bare = format(event);
  const text = origin === undefined ? bare : `${ORIGIN_HEAD}${formatLineOrigin(origin)}\0${bare.slice(1)}`;
  const { read, written } = encoder.encodeInto(text, scratch);
  return read === text.length ? written : -1;
}

/** Whether client-only tags, in wire form, are recorded with their message. */
export function recordsTags(tags: string): boolean {
  // A UTF-16 unit takes at most three bytes.
  return 3 * tags.length <= MAX_RECORDED_TAGS_BYTES || utf8Length(tags) <= MAX_RECORDED_TAGS_BYTES;
}

function format(event: RecordedEvent): string {
  switch (event.kind) {
    case "message":
      return (event.id === undefined ? MESSAGE_HEAD : MESSAGE_WITH_ID_HEAD)[event.verb] + event.source +
        "\0" +
        event.target.name + "\0" + event.from + "\0" + receiverField(event.target) + "\0" + event.text +
        "\0" +
        (recordsTags(event.tags) ? event.tags : "") + (event.id === undefined ? "" : "\0" + event.id);
    case "join":
      return `${HEAD.join}${event.source}\0${event.channel}`;
    case "part":
      return `${HEAD.part}${event.source}\0${event.channel}\0${event.reason}`;
    case "quit":
      return `${HEAD.quit}${event.source}\0${event.reason}`;
    case "nick":
      return `${HEAD.nick}${event.source}\0${event.nick}`;
    case "topic":
      return `${HEAD.topic}${event.source}\0${event.channel}\0${event.topic}`;
    case "kick":
      return `${HEAD.kick}${event.source}\0${event.channel}\0${event.nick}\0${event.reason}`;
    case "mode":
      return `${HEAD.mode}${event.source}\0${event.channel}\0${event.change}\0${event.args}`;
    case "redact":
      return `${HEAD.redact}${event.source}\0${event.target.name}\0${event.from}\0${
        receiverField(event.target)
      }\0${event.msgid}\0${event.reason}`;
    case "rename":
      return `${HEAD.rename}${event.source}\0${event.channel}\0${event.to}\0${event.reason}`;
    case "boot":
      return `${HEAD.boot}${event.version}`;
  }
}

/** The field `to`. */
function receiverField(target: RecordedTarget): string {
  return target.kind === "direct" ? target.owner : "";
}

function targetOf(name: string, to: string): RecordedTarget {
  return to === "" ? { kind: "channel", name } : { kind: "direct", name, owner: to };
}

/** Index of the letter of the kind in the payload that begins at `start`, in every version. */
function kindAt(bytes: Uint8Array, start: number): number {
  if (bytes[start] === PAYLOAD_VERSION) return start + 1;
  const nul = bytes[start] === ORIGIN_VERSION ? bytes.indexOf(0, start) : -1;
  return nul < 0 ? start : nul + 1;
}

/** Whether `letter` means a PRIVMSG or NOTICE, with a sender id or without. */
function isMessageLetter(letter: number | undefined): boolean {
  const capital = letter! & ~SMALL;
  return capital === P || capital === N;
}

/** End of the field that starts at `at`: the index of the NUL after it, or `end`. */
function fieldEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== 0) at++;
  return at;
}

/**
 * Channel of the PRIVMSG or NOTICE in `payload`; undefined for everything else. For most records a server start
 * needs only this, at a fraction of the cost of decoding.
 */
export function channelOfMessage(payload: Uint8Array): string | undefined {
  const kind = kindAt(payload, 0);
  if (!isMessageLetter(payload[kind])) return undefined;
  const end = payload.length;
  const target = fieldEnd(payload, kind + 2, end) + 1;
  const targetEnd = fieldEnd(payload, target, end);
  const to = fieldEnd(payload, targetEnd + 1, end) + 1;
  return to < end && payload[to] === 0 ? nameIn(payload, target, targetEnd) : undefined;
}

/** Whether `payload` is a redaction. */
export function isRedaction(payload: Uint8Array): boolean {
  return payload[kindAt(payload, 0)] === D;
}

/** Whether `payload` is the renaming of a channel. */
export function isRename(payload: Uint8Array): boolean {
  return payload[kindAt(payload, 0)] === R;
}

/**
 * Indexes of the sender (an owner id) and of the start of the sender id in the message `payload`; the sender id
 * ends with the payload. Undefined if it has none.
 */
export function senderIdIn(payload: Uint8Array): { owner: number; ownerEnd: number; id: number } | undefined {
  const kind = kindAt(payload, 0);
  if (payload[kind] !== (P | SMALL) && payload[kind] !== (N | SMALL)) return undefined;
  const end = payload.length;
  const target = fieldEnd(payload, kind + 2, end) + 1;
  const owner = fieldEnd(payload, target, end) + 1;
  return { owner, ownerEnd: fieldEnd(payload, owner, end), id: payload.lastIndexOf(0) + 1 };
}

/** Indexes of fields of a message in the bytes of its record. */
export interface SenderFields {
  readonly host: number;
  readonly hostEnd: number;
  readonly owner: number;
  readonly ownerEnd: number;
}

/**
 * Indexes of the host of the source and of the sender (an owner id), for the PRIVMSG or NOTICE in `bytes` from
 * `start` to `end`; undefined for everything else.
 */
export function senderFieldsIn(bytes: Uint8Array, start: number, end: number): SenderFields | undefined {
  const kind = kindAt(bytes, start);
  if (!isMessageLetter(bytes[kind])) return undefined;
  let hostEnd = kind + 2;
  let host = hostEnd;
  for (; hostEnd < end && bytes[hostEnd] !== 0; hostEnd++) if (bytes[hostEnd] === AT) host = hostEnd + 1;
  const owner = fieldEnd(bytes, hostEnd + 1, end) + 1;
  return owner >= end ? undefined : { host, hostEnd, owner, ownerEnd: fieldEnd(bytes, owner, end) };
}

/**
 * Indexes of the fields of a message that a line shows, in the bytes of its record. In a damaged record the text
 * may contain a NUL.
 */
export class MessageFields {
  isNotice = false;
  source = 0;
  sourceEnd = 0;
  target = 0;
  targetEnd = 0;
  /** The sender, an owner id. */
  owner = 0;
  ownerEnd = 0;
  text = 0;
  textEnd = 0;

  /**
   * Sets all members for the PRIVMSG or NOTICE without tags in `bytes` from `start` to `end`; false for everything
   * else.
   */
  locate(bytes: Uint8Array, start: number, end: number): boolean {
    const kind = kindAt(bytes, start);
    const letter = bytes[kind]!;
    if (!isMessageLetter(letter)) return false;
    this.isNotice = (letter & ~SMALL) === N;
    this.source = kind + 2;
    this.sourceEnd = fieldEnd(bytes, this.source, end);
    this.target = this.sourceEnd + 1;
    this.targetEnd = fieldEnd(bytes, this.target, end);
    this.owner = this.targetEnd + 1;
    this.ownerEnd = fieldEnd(bytes, this.owner, end);
    const to = this.ownerEnd + 1;
    this.text = fieldEnd(bytes, to, end) + 1;
    // Searched from the end, so that not every byte of the text is read: after it come the empty tags, and the
    // sender id if there is one.
    const tags = (letter & SMALL) === 0 ? end : bytes.lastIndexOf(0, end - 1);
    this.textEnd = tags - 1;
    return this.text <= this.textEnd && bytes[this.textEnd] === 0;
  }
}

/** Cache of names that {@link nameIn} has decoded, by a hash of their bytes: few channels have most of the messages. */
const decoded: ({ bytes: Uint8Array; name: string } | undefined)[] = new Array(256).fill(undefined);

function nameIn(payload: Uint8Array, start: number, end: number): string | undefined {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (hash * 31 + payload[i]!) & 0xff;
  const known = decoded[hash];
  let same = end - start === known?.bytes.length;
  for (let i = start; same && i < end; i++) same = payload[i] === known!.bytes[i - start];
  if (same) return known!.name;
  const bytes = payload.slice(start, end);
  try {
    const name = decoder.decode(bytes);
    decoded[hash] = { bytes, name };
    return name;
  } catch {
    return undefined; // not UTF-8
  }
}

/** The event in `payload`; undefined if this version does not know it. Never throws. */
export function decodeEvent(payload: Uint8Array): RecordedEvent | undefined {
  let fields: string[];
  try {
    fields = decoder.decode(payload).split("\0");
  } catch {
    return undefined; // not UTF-8
  }
  if (payload[0] === ORIGIN_VERSION) fields.shift();
  const [first = "", source = "", b = "", c = "", d = "", e = "", f = "", g = ""] = fields;
  const kind = first.charCodeAt(0) === PAYLOAD_VERSION ? first.slice(1) : first;
  const count = fields.length;
  switch (kind) {
    case "P":
    case "N":
    case "G":
    case "p":
    case "n":
    case "g":
      if (count !== (kind < "a" ? 7 : 8)) return undefined;
      if (count === 8 && g === "") return undefined; // a lower case letter means that there is an id
      return {
        kind: "message",
        verb: LETTER_VERB[kind.toUpperCase()]!,
        source,
        target: targetOf(b, d),
        text: e,
        tags: f,
        from: c,
        id: count === 8 ? g : undefined,
      };
    case "J":
      return count === 3 ? { kind: "join", source, channel: b, realname: "" } : undefined;
    case "L":
      return count === 4 ? { kind: "part", source, channel: b, reason: c } : undefined;
    case "Q":
      return count === 3 ? { kind: "quit", source, reason: b } : undefined;
    case "K":
      return count === 3 ? { kind: "nick", source, nick: b } : undefined;
    case "T":
      return count === 4 ? { kind: "topic", source, channel: b, topic: c } : undefined;
    case "X":
      return count === 5 ? { kind: "kick", source, channel: b, nick: c, reason: d } : undefined;
    case "M":
      return count === 5 ? { kind: "mode", source, channel: b, change: c, args: d } : undefined;
    case "D":
      return count === 7
        ? { kind: "redact", source, target: targetOf(b, d), from: c, msgid: e, reason: f }
        : undefined;
    case "R":
      return count === 5 ? { kind: "rename", source, channel: b, to: c, reason: d } : undefined;
    case "B":
      return count === 2 ? { kind: "boot", version: source } : undefined;
    default:
      return undefined;
  }
}
