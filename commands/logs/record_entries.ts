/** Records of the log as entries, without a server: out of a ring file, or of the ring of a server on this machine. */
import type { ChatEntry, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { makeMessageEntry, readReferences } from "../../lib/client/conversation/model/entry_parser.ts";
import { decodeEvent, isRedaction } from "../../lib/hub/log/event_codec.ts";
import { nickOf } from "../../lib/hub/model/identifiers.ts";
import type { RecordedEvent } from "../../lib/hub/model/state/event.ts";
import { formatMsgid, parseMsgid } from "../../lib/hub/output/render.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { joinConcatenated } from "../../lib/irc/multiline.ts";
import { parseReaction } from "../../lib/irc/reaction.ts";
import type { LogRecord } from "../../lib/log/record.ts";
import type { Ring } from "../../lib/log/ring.ts";
import type { LazyArchive } from "./lazy_archive.ts";

/** A log: its ring, and the id that is part of every message id. */
export interface RecordSource {
  readonly ring: Ring;
  readonly logId: string;
  /** Its archive, for what the ring does not hold; left out: there is none. */
  readonly archive?: LazyArchive;
}

/** The existing records from `from` to before `end`, in order. */
export function* recordsBetween(ring: Ring, from: number, end: number): Iterable<LogRecord> {
  for (let seq = from; seq < end;) {
    const record = ring.read(seq);
    if (record.kind === "empty") return;
    seq = record.kind === "missing" ? record.next : seq + 1;
    if (record.kind === "ok") yield record;
  }
}

/** Number of the message that the record `payload` takes back; undefined: none. */
export function redactedBy(payload: Uint8Array, logId: string): number | undefined {
  const event = isRedaction(payload) ? decodeEvent(payload) : undefined;
  return event?.kind === "redact" ? parseMsgid(event.msgid, logId) : undefined;
}

/** The PRIVMSG or NOTICE `event` of the log `logId`; undefined for every other event. */
export function makeRecordEntry(
  event: RecordedEvent | undefined,
  { seq, time }: Pick<LogRecord, "seq" | "time">,
  logId: string,
): MessageEntry | undefined {
  if (event?.kind !== "message" || event.verb === "TAGMSG") return undefined;
  return makeMessageEntry({
    seq,
    id: formatMsgid(seq, logId),
    time,
    from: nickOf(event.source),
    to: event.target.name,
    verb: event.verb,
    text: joinConcatenated(event.text),
    ...event.tags !== "" && readReferences({ tags: parseMessage(`@${event.tags} PING`)?.tags ?? new Map() }),
  });
}

/** The last `count` of `entries`. */
export function newestOf(entries: readonly MessageEntry[], count: number): MessageEntry[] {
  return entries.slice(Math.max(0, entries.length - count));
}

/** The room that `event` happens in; undefined: in none, or in several. */
export function roomOf(event: RecordedEvent): string | undefined {
  switch (event.kind) {
    case "message":
    case "redact":
      return event.target.kind === "channel" ? event.target.name : undefined;
    case "join":
    case "part":
    case "topic":
    case "kick":
    case "mode":
    case "rename":
      return event.channel;
    case "quit":
    case "nick":
    case "boot":
      return undefined;
  }
}

/** What is done to the room or to its messages, as far as a reader is told of it. */
export function* entriesOfChange(event: RecordedEvent, time: number): Iterable<ChatEntry> {
  if (event.kind === "rename") {
    const { channel: from, to, reason } = event;
    yield { kind: "room_renamed", time, from, to, by: nickOf(event.source), reason };
  } else if (event.kind === "redact") {
    const { target: { name: target }, msgid: id, reason } = event;
    yield { kind: "redacted", time, target, id, by: nickOf(event.source), reason };
  } else if (event.kind === "message") {
    const line = parseMessage(`@${event.tags} :${event.source} TAGMSG ${event.target.name}`);
    const reaction = line && parseReaction(line);
    if (reaction !== undefined) yield { kind: "reaction", time, channel: event.target.name, ...reaction };
  }
}
