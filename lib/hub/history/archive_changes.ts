/**
 * What the records of the log change in the archive: which conversations a record belongs to, as the history index
 * (history_index.ts) decides it when the record is appended. A QUIT and a NICK belong to all channels of their author,
 * which follow from the records before; the membership that the archive has stored is where this begins.
 */
import { joinConcatenated } from "../../irc/multiline.ts";
import { casefold } from "../../irc/names/casemap.ts";
import type {
  ArchiveChange,
  ArchivedRecord,
  ConversationKey,
  EntryKind,
  SearchableText,
} from "../../log/archive.ts";
import { decodeEvent } from "../log/event_codec.ts";
import { nickOf } from "../model/identifiers.ts";
import type { OwnerId, Source } from "../model/identifiers.ts";
import type { DirectTarget, RecordedEvent, RecordedMessage } from "../model/state/event.ts";
import { MemberLists } from "./member_lists.ts";

/** What the changes depend on beside the records. */
export interface ArchivedState {
  /** Channels by the folded nick of their member, as of the first record. */
  readonly members: Iterable<readonly [nick: string, channels: readonly MemberChannel[]]>;
  /** The payload of the record `seq`, which comes before the one at hand; undefined: it is lost. */
  readonly payloadOf: (seq: number) => Uint8Array | undefined;
}

export interface MemberChannel {
  readonly folded: string;
  /** As it is spelled. */
  readonly name: string;
}

type Add = Extract<ArchiveChange, { kind: "add" }>;
type Entry = Add["entries"][number];
/** A conversation that a record belongs to. */
type Place = Omit<Entry, "kind">;

export class ArchiveChanges {
  readonly #state: ArchivedState;
  readonly #members: MemberLists;

  constructor(state: ArchivedState) {
    this.#state = state;
    this.#members = new MemberLists(state.members);
  }

  /** The changes that `record` makes; records are passed in the order of the log. */
  changesOf(record: ArchivedRecord): ArchiveChange[] {
    const event = decodeEvent(record.payload);
    if (event === undefined) return []; // of a later version: no client is shown it
    const entryKind = entryKindOf(event);
    const entries = this.#placesOf(event).map((place) => ({ ...place, kind: entryKind }));
    const searchable = event.kind === "message" ? searchableTextOf(event) : undefined;
    const changes: ArchiveChange[] = [];
    if (event.kind === "redact") changes.push(...removal(event.msgid));
    if (entries.length > 0) {
      changes.push({ kind: "add", record, entries, ...(searchable && { searchable }) });
    }
    if (event.kind === "rename") {
      const [from, to] = [casefold(event.channel), casefold(event.to)];
      changes.push({ kind: "rename", from, to, name: event.to });
    } else if (event.kind === "boot") {
      changes.push({ kind: "boot" });
    }
    for (const nick of this.#members.update(event)) {
      const channels = this.#members.channelsOf(nick).map(({ folded }) => folded);
      changes.push({ kind: "membership", nick, channels });
    }
    return changes;
  }

  /** The changes that lost records make: which users have left meanwhile is unknown, so all have. */
  changesOfLoss(): ArchiveChange[] {
    this.#members.clear();
    return [{ kind: "boot" }];
  }

  #placesOf(event: RecordedEvent): readonly Place[] {
    switch (event.kind) {
      case "message":
        return event.target.kind === "channel"
          ? [channelPlace(event.target.name)]
          : sidesOf(event.source, event.from, event.target);
      case "join":
      case "part":
      case "topic":
      case "kick":
      case "mode":
      case "rename":
        return [channelPlace(event.channel)];
      case "redact":
        return this.#redactedIn(event);
      case "quit":
      case "nick":
        return this.#members.channelsOf(casefold(nickOf(event.source))).map(({ name }) => channelPlace(name));
      case "boot":
        return [];
    }
  }

  /** Conversations of a redacted message: its sender may have had another nick when it was sent. */
  #redactedIn(event: RecordedEvent & { kind: "redact" }): readonly Place[] {
    if (event.target.kind === "channel") return [channelPlace(event.target.name)];
    const seq = parseMsgidSeq(event.msgid);
    const payload = seq === undefined ? undefined : this.#state.payloadOf(seq);
    const original = payload && decodeEvent(payload);
    const { source, from, target } = original?.kind === "message" ? original : event;
    return target.kind === "direct" ? sidesOf(source, from, target) : [];
  }
}

/** What a search finds of the message in `payload`; undefined: nothing. */
export function searchableTextIn(payload: Uint8Array): SearchableText | undefined {
  const event = decodeEvent(payload);
  return event?.kind === "message" ? searchableTextOf(event) : undefined;
}

/** What a search finds of a message; undefined: nothing. */
export function searchableTextOf({ verb, text, source }: RecordedMessage): SearchableText | undefined {
  return verb === "TAGMSG" ? undefined : { text: joinConcatenated(text), from: casefold(nickOf(source)) };
}

function entryKindOf(event: RecordedEvent): EntryKind {
  switch (event.kind) {
    case "message":
      return event.verb === "TAGMSG" ? "event" : "message";
    case "redact":
      return "redaction";
    case "rename":
      return "rename";
    default:
      return "event";
  }
}

function channelPlace(name: string): Place {
  return { conversation: { kind: "channel", name: casefold(name) }, name };
}

/**
 * A direct message is in two conversations: the sender's with the receiver, and the receiver's with the sender. They
 * are one where both are the same owner under the same nick.
 */
function sidesOf(source: Source, from: OwnerId, { name, owner }: DirectTarget): readonly Place[] {
  const sender = nickOf(source);
  const sent = { conversation: directKey(from, name), name };
  const received = { conversation: directKey(owner, sender), name: sender };
  return from === owner && casefold(name) === casefold(sender) ? [sent] : [sent, received];
}

function directKey(owner: OwnerId, name: string): ConversationKey {
  return { kind: "direct", owner, name: casefold(name) };
}

function removal(msgid: string): ArchiveChange[] {
  const seq = parseMsgidSeq(msgid);
  return seq === undefined ? [] : [{ kind: "remove", seq }];
}

/** Sequence number in a msgid of this log: what is before the dash. */
function parseMsgidSeq(msgid: string): number | undefined {
  const seq = Number.parseInt(msgid, 36);
  return Number.isSafeInteger(seq) ? seq : undefined;
}
