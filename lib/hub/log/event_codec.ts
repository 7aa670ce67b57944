/**
 * A recorded event as the payload of one log record: UTF-8 fields separated by NUL, which no IRC line can hold.
 * The first field is one letter for the kind.
 *
 *     P|N|G  source  target  from  to  text  tags     PRIVMSG, NOTICE, TAGMSG; `to` is empty for a channel, `tags` where they are too long
 *     p|n    source  target  from  to  text  tags  id     PRIVMSG, NOTICE with an id of the sender's own
 *     J      source  channel
 *     L      source  channel  reason                     part ("leave")
 *     Q      source  reason
 *     K      source  nick                             new nick
 *     T      source  channel  topic
 *     X      source  channel  nick  reason               kick
 *     M      source  channel  change  args               mode, `+ov-l` and its arguments
 *     D      source  target  from  to  msgid  reason  redacted ("deleted"); `to` is empty for a channel
 *     R      source  channel  new  reason                channel renamed
 *     B      version                                  server start
 *
 * A text of several lines has LF and CR in it (irc/multiline.ts): who does not know shows it all the same.
 *
 * One string is built and encoded at once: that costs a fifth of encoding field by field.
 */
import { utf8Length } from "../../base/bytes.ts";
import { MAX_RECORDED_TAGS_BYTES } from "../model/config.ts";
import type { MessageVerb, RecordedEvent } from "../model/state/event.ts";

const encoder = new TextEncoder();
// A byte order mark is text like any other.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Large enough for any event that the line limits allow: 4096 bytes of tags, 512 of line, the source, the owners; or as many of several lines. */
export const EVENT_MAX_BYTES = 8192;

const P = 0x50;
const N = 0x4e;
const AT = 0x40;
/** What makes a capital letter of ASCII a small one. */
const SMALL = 0x20;
const VERB_LETTER = { PRIVMSG: "P", NOTICE: "N", TAGMSG: "G" } as const;
const SMALL_LETTER = { PRIVMSG: "p", NOTICE: "n", TAGMSG: "g" } as const;
const LETTER_VERB: Record<string, MessageVerb> = { P: "PRIVMSG", N: "NOTICE", G: "TAGMSG" };

/** Writes `event` to the start of `scratch`; returns its length in bytes, or -1 when it does not fit. */
export function encodeEvent(event: RecordedEvent, scratch: Uint8Array): number {
  const text = format(event);
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
      return (event.id === "" ? VERB_LETTER : SMALL_LETTER)[event.verb] + "\0" + event.source + "\0" +
        event.target + "\0" + event.from + "\0" + event.to + "\0" + event.text + "\0" +
        (recordsTags(event.tags) ? event.tags : "") + (event.id === "" ? "" : "\0" + event.id);
    case "join":
      return `J\0${event.source}\0${event.channel}`;
    case "part":
      return `L\0${event.source}\0${event.channel}\0${event.reason}`;
    case "quit":
      return `Q\0${event.source}\0${event.reason}`;
    case "nick":
      return `K\0${event.source}\0${event.nick}`;
    case "topic":
      return `T\0${event.source}\0${event.channel}\0${event.topic}`;
    case "kick":
      return `X\0${event.source}\0${event.channel}\0${event.nick}\0${event.reason}`;
    case "mode":
      return `M\0${event.source}\0${event.channel}\0${event.change}\0${event.args}`;
    case "redact":
      return `D\0${event.source}\0${event.target}\0${event.from}\0${event.to}\0${event.msgid}\0${event.reason}`;
    case "rename":
      return `R\0${event.source}\0${event.channel}\0${event.to}\0${event.reason}`;
    case "boot":
      return `B\0${event.version}`;
  }
}

/**
 * The channel that a PRIVMSG or NOTICE in `payload` went to; undefined for everything else. What a start needs to know of
 * most records, at a fraction of the cost of decoding them.
 */
export function channelOfMessage(payload: Uint8Array): string | undefined {
  const verb = payload[0]! & ~SMALL;
  if (verb !== P && verb !== N) return undefined;
  const target = fieldAfter(payload, 2);
  const from = fieldAfter(payload, target);
  const to = fieldAfter(payload, from);
  if (to >= payload.length || payload[to] !== 0) return undefined;
  return nameIn(payload, target, from - 1);
}

/**
 * Where in the message that `payload` holds its sender (an owner) lies, and where the sender's own id begins, which ends with
 * the payload; undefined where it bears none.
 */
export function senderIdIn(payload: Uint8Array): { owner: number; ownerEnd: number; id: number } | undefined {
  if (payload[0] !== (P | SMALL) && payload[0] !== (N | SMALL)) return undefined;
  const owner = fieldAfter(payload, fieldAfter(payload, 2));
  return { owner, ownerEnd: fieldAfter(payload, owner) - 1, id: payload.lastIndexOf(0) + 1 };
}

/** Where fields of a message lie in the bytes of its record. */
export interface SenderFields {
  readonly host: number;
  readonly hostEnd: number;
  readonly owner: number;
  readonly ownerEnd: number;
}

/**
 * Of the PRIVMSG or NOTICE that `bytes` hold from `start` to `end`: where the host of its source and its sender (an owner) lie;
 * undefined for everything else.
 */
export function senderFieldsIn(bytes: Uint8Array, start: number, end: number): SenderFields | undefined {
  const verb = bytes[start]! & ~SMALL;
  if (verb !== P && verb !== N) return undefined;
  let hostEnd = start + 2;
  let host = hostEnd;
  for (; hostEnd < end && bytes[hostEnd] !== 0; hostEnd++) if (bytes[hostEnd] === AT) host = hostEnd + 1;
  const owner = fieldAfter(bytes, hostEnd + 1);
  return owner >= end ? undefined : { host, hostEnd, owner, ownerEnd: fieldAfter(bytes, owner) - 1 };
}

/** Where the field behind the one that starts at `at` starts. */
function fieldAfter(payload: Uint8Array, at: number): number {
  while (at < payload.length && payload[at] !== 0) at++;
  return at + 1;
}

/** Names that {@link nameIn} has decoded, by a hash of their bytes: few channels have most messages. */
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

/** The event in `payload`, or `undefined` when it is none that this version knows. Never throws. */
export function decodeEvent(payload: Uint8Array): RecordedEvent | undefined {
  let fields: string[];
  try {
    fields = decoder.decode(payload).split("\0");
  } catch {
    return undefined; // not UTF-8
  }
  const [kind, source = "", b = "", c = "", d = "", e = "", f = "", g = ""] = fields;
  const count = fields.length;
  switch (kind) {
    case "P":
    case "N":
    case "G":
    case "p":
    case "n":
      if (count !== (kind < "a" ? 7 : 8)) return undefined;
      if (count === 8 && g === "") return undefined; // a small letter says that there is an id
      return {
        kind: "message",
        verb: LETTER_VERB[kind.toUpperCase()]!,
        source,
        target: b,
        channel: d === "",
        from: c,
        to: d,
        text: e,
        tags: f,
        id: g,
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
        ? { kind: "redact", source, target: b, from: c, to: d, msgid: e, reason: f }
        : undefined;
    case "R":
      return count === 5 ? { kind: "rename", source, channel: b, to: c, reason: d } : undefined;
    case "B":
      return count === 2 ? { kind: "boot", version: source } : undefined;
    default:
      return undefined;
  }
}
