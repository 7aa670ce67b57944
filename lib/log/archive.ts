/**
 * The archive: the records of the log by conversation, also those that the ring has overwritten. The hub asks for
 * them, the store keeps them, and a worker carries both; these are the types that they share.
 *
 * The archive holds every record below its cursor, except those that it has lost or given up: these it tells. It
 * follows the log behind the durable watermark, so it never holds what the log could still lose.
 */
import type { WordSequence } from "../base/search_terms.ts";

/**
 * What the hub wants of the archive beside what follows from the log. It is carried out when the archive has handled
 * every record below `seq`.
 */
export type ArchiveOrder =
  /**
   * What the record before `seq` says. The archive does it if it has lost that record; if not, the order changes
   * nothing. Names are folded, `name` is the spelling of `to`.
   */
  | {
    readonly kind: "rename";
    readonly from: string;
    readonly to: string;
    readonly name: string;
    readonly seq: number;
  }
  /** The same of the redaction of the message at `redacted`. */
  | { readonly kind: "redact"; readonly redacted: number; readonly seq: number }
  /**
   * As the change `retire`. When it is in the archive, `Hub.confirmOrder` is called: the hub drops the settings
   * of the channel (folded) only then.
   */
  | { readonly kind: "retire"; readonly name: string; readonly seq: number }
  /** No user has the owner id any more, nor will one: its direct conversations go. */
  | { readonly kind: "forget"; readonly owner: string; readonly seq: number }
  /** The same for all temporary owners (`~…`) but those in `except`, which are accounts. */
  | { readonly kind: "forget_temporary"; readonly except: readonly string[]; readonly seq: number }
  /**
   * For how long the messages of the channel (folded) are kept, in milliseconds; undefined: as those of all others.
   * Sent for all channels that have a time of their own when the server starts, and at each change.
   */
  | { readonly kind: "keep"; readonly name: string; readonly ms: number | undefined; readonly seq: number }
  /** Which archives can be used from here on; at once. */
  | { readonly kind: "trust"; readonly trust: ArchiveTrust; readonly seq: number };

/**
 * Which archives can be used beside the state that the hub has. Another one could show what no client may read any
 * more: it is set aside.
 */
export interface ArchiveTrust {
  /**
   * Renames and redactions from this number on are ordered. An archive with a cursor below it has to get the records
   * between them, so the ring must still hold all that follows its cursor.
   */
  readonly completeFrom: number;
  /**
   * Rights of channels were dropped before this number. An archive that does not go further can be used only if it has
   * retired those channels, or was begun after that.
   */
  readonly knownFrom: number;
}

/** A channel, or the side of one owner in a direct conversation. Names are folded (irc/names/casemap.ts). */
export type ConversationKey =
  | { readonly kind: "channel"; readonly name: string }
  | { readonly kind: "direct"; readonly owner: string; readonly name: string };

/**
 * What a record is in a conversation: `message` is shown to all clients, `event` to those with event playback,
 * the others to clients that know redactions or renames.
 */
export type EntryKind = "message" | "event" | "redaction" | "rename";

export interface ArchivedRecord {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly payload: Uint8Array;
}

/** What can be searched in a message. */
export interface SearchableText {
  readonly text: string;
  /** Folded nick of the sender. */
  readonly from: string;
}

/** Reads what can be searched from a payload that the archive indexed; undefined: it is damaged. */
export type SearchableReader = (payload: Uint8Array) => SearchableText | undefined;

/** A change of the archive, in the order of the log. */
export type ArchiveChange =
  | {
    readonly kind: "add";
    readonly record: ArchivedRecord;
    /** Conversations that it belongs to, with the name as it is spelled now. */
    readonly entries: readonly {
      readonly conversation: ConversationKey;
      readonly name: string;
      readonly kind: EntryKind;
    }[];
    /** Left out: it is found by no search. */
    readonly searchable?: SearchableText;
  }
  /** The message at `seq` was redacted: its text goes, from the index as well. */
  | { readonly kind: "remove"; readonly seq: number }
  /** The channel `from` has the name `to` (folded) from here on, spelled `name`. */
  | { readonly kind: "rename"; readonly from: string; readonly to: string; readonly name: string }
  /** From here on no client may read what the archive holds of the channel `name` (folded). */
  | { readonly kind: "retire"; readonly name: string }
  /**
   * The archive begins when the log ends at this number; `isWhole`: the log has lost nothing. If it has, what was
   * renamed, retired or deleted before is known as far as the records tell that the archive gets.
   */
  | { readonly kind: "begin"; readonly at: number; readonly isWhole: boolean }
  /** The orders that repeat records before this number are carried out, as far as the records are lost. */
  | { readonly kind: "repeated"; readonly until: number }
  /** The channels (folded) that the user with that folded nick is in from here on; none: the user has left. */
  | { readonly kind: "membership"; readonly nick: string; readonly channels: readonly string[] }
  /** The server has started, or records are lost: all earlier members have left. */
  | { readonly kind: "boot" }
  /** No user has this owner id any more, nor will one: the direct conversations of `owner` go. */
  | { readonly kind: "forget"; readonly owner: string }
  /** The same for all temporary owners (`~…`) but those in `except`, which are accounts. */
  | { readonly kind: "forget_temporary"; readonly except: readonly string[] };

/** Records from `from` up to but not including `until` that the archive does not hold. */
export interface ArchiveLoss {
  readonly from: number;
  readonly until: number;
  /** `overwritten`: before the archive had them; `pruned`: by its size or age; `damaged`: unreadable. */
  readonly why: "overwritten" | "pruned" | "damaged";
}

/** Where a time divides the part of a conversation that the hub holds, in sequence numbers (hub/history/history_query.ts). */
export interface RecentTimeCut {
  readonly firstEqual?: number;
  readonly lastEqual?: number;
  readonly lastEarlier?: number;
  readonly firstLater?: number;
}

export type ArchiveAnchor =
  | { readonly by: "seq"; readonly seq: number }
  | { readonly by: "time"; readonly time: number; readonly recent: RecentTimeCut };

/** Records with numbers below `before` precede the anchor; those below `through` precede it or are it. */
export interface ArchiveCut {
  readonly before: number;
  readonly through: number;
}

/**
 * A stretch of a conversation: with C as the cut of the first anchor, the last `before` records with numbers below
 * `C.before`, and the first `after` records from there on. If `before` is 0, the stretch begins at `C.through`
 * instead; if there is no anchor, or `isAtEnd` is set, it is the last `before` records of all.
 */
export interface PageQuery {
  readonly kind: "page";
  readonly conversation: ConversationKey;
  readonly shows: readonly EntryKind[];
  readonly anchors: readonly ArchiveAnchor[];
  readonly isAtEnd?: boolean;
  readonly before: number;
  readonly after: number;
  /** Most bytes of payloads on each side, the farthest from the cut are left out; one record is always returned. */
  readonly maxBytes: number;
  /** Wait for records below this number to be archived; after a time bound the answer is as of the cursor. */
  readonly until?: number;
}

export interface PageAnswer {
  readonly kind: "page";
  /** Of each anchor. */
  readonly cuts: readonly ArchiveCut[];
  /** In order. */
  readonly records: readonly ArchivedRecord[];
  /** Whether the archive holds nothing of the conversation before or after these records. */
  readonly isStart: boolean;
  readonly isEnd: boolean;
  /**
   * Latest time of the shown records before these (0: there are none), and earliest time of those after them
   * (Infinity: there are none). Where the clock was set back, the first may be later than times in these records,
   * and the second earlier. They may be rounded outwards, later and earlier.
   */
  readonly latestBefore: number;
  readonly earliestAfter: number;
  /** Losses between the first anchor, or the first record, and the end, in order. */
  readonly losses: readonly ArchiveLoss[];
  /**
   * Ranges within the stretch that are lost, but not pruned: the hub may still retain messages of these. A stretch
   * without anything before or after it extends to all that the archive has handled.
   */
  readonly lostWithin: readonly ArchiveLoss[];
  /** The cursor: the archive has handled every record below this number. */
  readonly archivedUntil: number;
}

/** Conversations with their latest messages between two times, both excluded (CHATHISTORY TARGETS). */
export interface TargetsQuery {
  readonly kind: "targets";
  /** Direct conversations of this owner; "": none. */
  readonly owner: string;
  /** And these channels, folded. */
  readonly channels: readonly string[];
  readonly after: number;
  readonly before: number;
  readonly newestFirst: boolean;
  readonly limit: number;
  /** As in {@link PageQuery}. */
  readonly until?: number;
}

export interface TargetsAnswer {
  readonly kind: "targets";
  readonly targets: readonly {
    readonly conversation: ConversationKey;
    /** As it was spelled last. */
    readonly name: string;
    /** Time and sequence number of its latest message. */
    readonly time: number;
    readonly seq: number;
  }[];
  /** What is lost, but not pruned; see {@link PageAnswer.lostWithin}. */
  readonly lost: readonly ArchiveLoss[];
  /** As in {@link PageAnswer}. */
  readonly archivedUntil: number;
}

/** One record, by its number, with the conversations that it belongs to. */
export interface RecordQuery {
  readonly kind: "record";
  readonly seq: number;
  /** As in {@link PageQuery}. */
  readonly until?: number;
}

export interface RecordAnswer {
  readonly kind: "record";
  /** Undefined: the archive does not hold it. */
  readonly record: ArchivedRecord | undefined;
  readonly conversations: readonly ConversationKey[];
  /** As in {@link PageAnswer}. */
  readonly archivedUntil: number;
}

/** One word, a prefix (`deplo*`), or words that follow each other. */
export type SearchTerm = WordSequence;

/** Messages that contain all terms and none of the excluded ones, the newest first. */
export interface SearchQuery {
  readonly kind: "search";
  /** Conversations that the session may read; no others are searched. */
  readonly conversations: readonly ConversationKey[];
  /** And all direct conversations of this owner, also those that the hub no longer knows; left out: none. */
  readonly owner?: string;
  readonly terms: readonly SearchTerm[];
  readonly excluded: readonly SearchTerm[];
  /** Folded nicks of senders, one of which it must be; empty: any. */
  readonly from: readonly string[];
  readonly hasLink: boolean;
  /** Times in milliseconds since the epoch, both excluded. */
  readonly after?: number;
  readonly before?: number;
  /** Only messages with a smaller sequence number: the next page. */
  readonly beforeSeq?: number;
  readonly limit: number;
  /**
   * As in {@link PageQuery}, but if the time bound passes before there is no answer: a rename or a redaction among the
   * records may concern what is searched.
   */
  readonly until?: number;
}

export interface SearchAnswer {
  readonly kind: "search";
  readonly hits:
    readonly (ArchivedRecord & { readonly conversation: ConversationKey; readonly name: string })[];
  /** False: the time was over before all was searched; `searchedFrom` is the number from which on it was. */
  readonly isComplete: boolean;
  readonly searchedFrom: number;
  /** Folded names of the channels of the query that the archive has nothing of; left out: none. */
  readonly unknown?: readonly string[];
}

export type ArchiveQuery = PageQuery | TargetsQuery | RecordQuery | SearchQuery;
export type ArchiveAnswer = PageAnswer | TargetsAnswer | RecordAnswer | SearchAnswer;
/** The answer to a query of type `Query`. */
export type AnswerTo<Query extends ArchiveQuery> = Extract<ArchiveAnswer, { kind: Query["kind"] }>;
