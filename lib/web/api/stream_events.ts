/** Events of a stream that are no messages: which are asked for, and their records. Pure. */
import type { ChatEntry } from "../../client/conversation/model/chat_entry.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { invalidValue } from "./problem.ts";

/** Words of the parameter `events`. */
export const EVENT_KINDS = ["redactions", "reactions", "members", "topics"] as const;
export type EventKind = typeof EVENT_KINDS[number];
/** Where nothing is asked for: what was taken back is not to be shown any longer. */
export const DEFAULT_EVENTS: ReadonlySet<EventKind> = new Set(["redactions"]);

const NONE = "none";

/** A record, and the name of its event. */
export interface StreamRecord {
  readonly kind: EventKind;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** @throws {ApiProblem} if a word is not one of {@link EVENT_KINDS}, or of `none` alone. */
export function parseEventKinds(text: string | undefined): ReadonlySet<EventKind> | undefined {
  if (text === undefined) return undefined;
  const kinds = (text === NONE ? [] : text.split(",")).map((word) => {
    const kind = EVENT_KINDS.find((each) => each === word);
    if (kind !== undefined) return kind;
    throw invalidValue("events", `is neither ${NONE} nor a list of ${EVENT_KINDS.join(", ")}`);
  });
  return new Set(kinds);
}

/** The record for `entry` in the conversation `target`; undefined: it is none of these events. */
export function makeEventRecord(entry: ChatEntry, target: string): StreamRecord | undefined {
  const found = describeEvent(entry);
  if (found === undefined) return undefined;
  const [kind, event, members] = found;
  const place = isChannelName(target) ? { room: target } : { with: target };
  const time = new Date(entry.time).toISOString();
  return { kind, event, data: { type: event, time, ...place, ...members } };
}

/** Kind, name and what it tells beside time and place. */
function describeEvent(entry: ChatEntry): readonly [EventKind, string, Record<string, unknown>] | undefined {
  switch (entry.kind) {
    case "redacted":
      return ["redactions", "redaction", { id: entry.id, by: entry.by, reason: entry.reason }];
    case "reaction": {
      const { from, text, removed, to = null } = entry;
      return ["reactions", "reaction", { id: to, from, text, removed }];
    }
    case "joined":
      return ["members", "join", { name: entry.nick }];
    case "left":
      return ["members", "part", { name: entry.nick, reason: entry.reason }];
    case "kicked":
      return ["members", "kick", { name: entry.nick, by: entry.by, reason: entry.reason }];
    case "quit":
      return ["members", "quit", { name: entry.nick, reason: entry.reason }];
    case "renamed":
      return ["members", "nick", { name: entry.from, to: entry.to }];
    case "topic":
      return ["topics", "topic", { by: entry.by, text: entry.text }];
    default:
      return undefined;
  }
}
