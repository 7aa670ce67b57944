/** Messages and gaps as records for programs: the JSON objects of `logs --json` and of the HTTP API. Pure. */
import { conversationOf } from "../conversation/model/chat_entry.ts";
import type { GapEntry, MessageEntry } from "../conversation/model/chat_entry.ts";

/** The values of the key `type`. */
const ENTRY_TYPES = { said: "message", did: "action", notice: "notice" } as const;

/** The keys of {@link makeEntryRecord}. */
export const ENTRY_KEYS = [
  "seq",
  "id",
  "time",
  "room",
  "with",
  "to",
  "from",
  "type",
  "text",
  "reply_to",
  "replaces",
] as const;

/** `{seq, id, time, room | with, to, from, type, text, reply_to?, replaces?}`; `me`: our nick. */
export function makeEntryRecord(entry: MessageEntry, me: string): Record<string, unknown> {
  const { seq, id, time, channel, from, to, manner, text, replyTo, replaces } = entry;
  const place = channel !== undefined ? { room: channel } : { with: conversationOf(entry, me), to };
  return {
    seq: seq ?? null,
    id: id ?? null,
    time: new Date(time).toISOString(),
    ...place,
    from,
    type: ENTRY_TYPES[manner],
    text,
    ...replyTo !== undefined && { reply_to: replyTo },
    ...replaces !== undefined && { replaces },
  };
}

/** `{type: "gap", lost, at_most, why, after, before}`. */
export function makeGapRecord({ count, most, why, after = 0, before }: GapEntry): Record<string, unknown> {
  return {
    type: "gap",
    lost: count ?? null,
    at_most: count ?? most ?? null,
    why,
    after: new Date(after).toISOString(),
    before: before === undefined ? null : new Date(before).toISOString(),
  };
}
