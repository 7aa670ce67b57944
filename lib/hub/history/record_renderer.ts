/**
 * Renders messages (and, if requested, other events) of the log as lines of a response, from record to wire without
 * a string for each: history is read a hundred messages at a time, and decoding, splitting, joining and encoding
 * costs two to three times as much as copying. The result equals that of {@link render} for the decoded events.
 */
import { FORM, formOf } from "../../irc/capabilities.ts";
import type { CapSet } from "../../irc/cap_set.ts";
import { assert, unreachable } from "../../base/assert.ts";
import type { EventLog } from "../log/event_log.ts";
import { decodeEvent, MessageFields } from "../log/event_codec.ts";
import { escapeTagValue } from "../../irc/message.ts";
import { isMultiline } from "../../irc/multiline.ts";
import type { OwnerId } from "../model/identifiers.ts";
import type { HostCloak } from "../model/host_cloak.ts";
import { accountNameAt } from "../model/state/entities.ts";
import type { Account } from "../model/state/entities.ts";
import type { RecordedEvent } from "../model/state/event.ts";
import { renderMultiline } from "../output/multiline.ts";
import { truncateLine } from "../output/line_limits.ts";
import { withTag } from "../output/labeled_response.ts";
import { NO_TAG, TagEncoder } from "../output/tag_encoder.ts";
import { render } from "../output/render.ts";

/** Most bytes of a line beyond its record's payload: server tags, verb, punctuation. */
const LINE_OVERHEAD_BYTES = 256;

const NUL = 0;
const SPACE = 0x20;
const COLON = 0x3a;
const AT = 0x40;
const CR = 0x0d;
const LF = 0x0a;

/** A UTF-16 unit takes at most this many bytes of UTF-8. */
const UNIT_MAX_BYTES = 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Start of the addresses of this machine, which are not cloaked: in a chat on one machine most addresses are such. */
const LOOPBACK_LEAD = encoder.encode("127.");
const PRIVMSG = encoder.encode(" PRIVMSG ");
const NOTICE = encoder.encode(" NOTICE ");

/** Reused for each record. */
const messageFields = new MessageFields();

/**
 * Upper bound of the bytes that {@link RecordRenderer.add} appends for a record with a payload of `length` bytes,
 * unless the message has several lines.
 */
export function maxHistoryLineBytes(length: number): number {
  return length + LINE_OVERHEAD_BYTES;
}

/** A power of two. */
const ACCOUNT_TAG_SLOTS = 64;

interface AccountTag {
  readonly owner: Uint8Array;
  readonly tag: Uint8Array;
  /** Time from which on it holds, as of {@link accountNameAt}. */
  readonly since: number;
}

/** Finds the account with an owner id. */
export interface AccountLookup {
  byOwner(owner: OwnerId): Account | undefined;
}

export interface RecordRenderOptions {
  readonly log: EventLog;
  /** Returns a retained record that the log has overwritten; undefined: it is lost. */
  readonly retained?: (seq: number) => { readonly time: number; readonly payload: Uint8Array } | undefined;
  readonly logId: string;
  readonly serverName: string;
  /** Left out: sources are shown as recorded. */
  readonly cloak?: HostCloak | undefined;
  /** Capabilities of the session that receives the lines. */
  readonly caps: CapSet;
  readonly accounts: AccountLookup;
  /** Present name of the channel, used in all lines; left out: each line has the name as recorded. */
  readonly channel?: string | undefined;
  /** Tag in front of all others, or "". */
  readonly lead: string;
  /** Returns a reference for a nested batch. */
  readonly batchRef: () => string;
}

export class RecordRenderer {
  readonly #options: RecordRenderOptions;
  readonly #form: number;
  readonly #tags: TagEncoder;
  readonly #channel: Uint8Array | undefined;
  readonly #accounts: AccountTags | undefined;
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** `bytes`: upper bound of what will be added, multiline messages not counted. */
  constructor(options: RecordRenderOptions, bytes: number) {
    this.#options = options;
    this.#form = formOf(options.caps);
    this.#tags = new TagEncoder(this.#form, options.logId, options.lead);
    this.#channel = options.channel === undefined ? undefined : encoder.encode(options.channel);
    this.#accounts = this.#form & FORM.accountTag ? new AccountTags(options.accounts) : undefined;
    this.#bytes = new Uint8Array(bytes);
  }

  /** Bytes added so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends a line and CRLF. */
  line(text: string): void {
    this.#text(text + "\r\n");
  }

  /** Appends the event at `seq`; nothing if it is lost by now. */
  add(seq: number): void {
    const { log, retained } = this.#options;
    const record = log.peek(seq);
    if (record !== undefined) {
      return this.#addFrom(record.bytes, record.start, record.end, seq, record.time);
    }
    const kept = retained?.(seq);
    if (kept !== undefined) this.#addFrom(kept.payload, 0, kept.payload.length, seq, kept.time);
  }

  /** Appends the event at `seq`, of which the payload is in `fields` from `start` to `after`. */
  #addFrom(fields: Uint8Array, start: number, after: number, seq: number, time: number): void {
    const { cloak } = this.#options;
    // Client-only tags are rare.
    if (!messageFields.locate(fields, start, after)) {
      return this.#addDecoded(fields.slice(start, after), { seq, time });
    }
    const { source, sourceEnd, target, targetEnd, owner, ownerEnd, text, textEnd } = messageFields;
    const verb = messageFields.isNotice ? NOTICE : PRIVMSG;
    const account = this.#accounts?.tagOf(fields, owner, ownerEnd, time) ?? NO_TAG;
    this.#reserve(maxHistoryLineBytes(after - start) + (this.#channel?.length ?? 0) + account.length);
    const bytes = this.#bytes;
    let at = this.#tags.write(seq, time, account, bytes, this.#length);
    bytes[at++] = COLON;
    const sourceStart = at;
    for (let from = source; from < sourceEnd; from++) bytes[at++] = fields[from]!;
    if (cloak !== undefined && isAddressEnd(bytes[at - 1]!)) at = this.#cloaked(sourceStart, at, cloak);
    for (let i = 0; i < verb.length; i++) bytes[at++] = verb[i]!;
    if (this.#channel === undefined) {
      for (let from = target; from < targetEnd; from++) bytes[at++] = fields[from]!;
    } else {
      // With a name longer than the recorded one, the line may become too long.
      if (targetEnd - target < this.#channel.length) {
        return this.#addDecoded(fields.slice(start, after), { seq, time });
      }
      for (let i = 0; i < this.#channel.length; i++) bytes[at++] = this.#channel[i]!;
    }
    bytes[at++] = SPACE;
    bytes[at++] = COLON;
    for (let from = text; from < textEnd; from++) {
      const byte = fields[from]!;
      if (byte <= CR && (byte === LF || byte === CR || byte === NUL)) {
        return this.#addDecoded(fields.slice(start, after), { seq, time });
      }
      bytes[at++] = byte;
    }
    bytes[at++] = CR;
    bytes[at++] = LF;
    this.#length = at;
  }

  /** Returns everything added. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #addDecoded(fields: Uint8Array, { seq, time }: { seq: number; time: number }): void {
    const { accounts, caps, cloak, logId, channel, lead, batchRef } = this.#options;
    const decoded = decodeEvent(fields);
    if (decoded === undefined || decoded.kind === "boot") return;
    const account = decoded.kind === "message" ? accountNameAt(accounts.byOwner(decoded.from), time) : "";
    const place = { seq, time, account };
    const cloaked = cloak === undefined ? decoded : { ...decoded, source: cloak.sourceOf(decoded.source) };
    const event = channel === undefined ? cloaked : withChannelName(cloaked, channel);
    const lines = event.kind === "message" && isMultiline(event.text)
      ? renderMultiline(event, place, caps, this.#options, batchRef(), lead)
      : [withLead(render(event, place, this.#form, logId), lead)];
    for (const line of lines) this.line(channel === undefined ? line : truncateRenderedLine(line));
  }

  /** Cloaks the address of the source that was written from `start` to `end`; returns its new end. */
  #cloaked(start: number, end: number, cloak: HostCloak): number {
    let host = end;
    while (host > start && this.#bytes[host - 1] !== AT) host--;
    if (host === start || LOOPBACK_LEAD.every((byte, i) => this.#bytes[host + i] === byte)) return end;
    const source = decoder.decode(this.#bytes.subarray(start, end));
    const shown = cloak.sourceOf(source);
    if (shown === source) return end;
    const { read, written } = encoder.encodeInto(shown, this.#bytes.subarray(start));
    assert(read === shown.length, "a line fits the bytes reserved for it");
    return start + written;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * this.#bytes.length + bytes);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  #text(text: string): void {
    this.#reserve(UNIT_MAX_BYTES * text.length);
    const { read, written } = encoder.encodeInto(text, this.#bytes.subarray(this.#length));
    assert(read === text.length, "a line fits the bytes reserved for it");
    this.#length += written;
  }
}

/** The tags `account=NAME` of senders, encoded once for the lines of one reply. */
class AccountTags {
  readonly #accounts: AccountLookup;
  /** By a hash of the owner id: few users have most of the messages. */
  readonly #slots: (AccountTag | undefined)[] = new Array(ACCOUNT_TAG_SLOTS).fill(undefined);

  constructor(accounts: AccountLookup) {
    this.#accounts = accounts;
  }

  /** The tag for what the owner id that `bytes` have from `start` to `end` sent at `time`. */
  tagOf(bytes: Uint8Array, start: number, end: number, time: number): Uint8Array {
    let hash = 0;
    for (let i = start; i < end; i++) hash = (hash * 31 + bytes[i]!) & (ACCOUNT_TAG_SLOTS - 1);
    let slot = this.#slots[hash];
    let isSame = slot?.owner.length === end - start;
    for (let i = start; isSame && i < end; i++) isSame = slot!.owner[i - start] === bytes[i];
    if (slot === undefined || !isSame) {
      slot = this.#makeTag(bytes.slice(start, end));
      this.#slots[hash] = slot;
    }
    return time >= slot.since ? slot.tag : NO_TAG;
  }

  #makeTag(owner: Uint8Array): AccountTag {
    const account = this.#accounts.byOwner(decoder.decode(owner));
    if (account === undefined) return { owner, tag: NO_TAG, since: Infinity };
    const tag = encoder.encode(`account=${escapeTagValue(account.name)}`);
    return { owner, tag, since: account.createdAt };
  }
}

/** Whether `byte` may end an address: a hexadecimal digit or a colon. A cloak ends in "k", `localhost` in "t". */
function isAddressEnd(byte: number): boolean {
  return byte >= 0x30 && byte <= COLON || byte >= 0x61 && byte <= 0x66 || byte >= 0x41 && byte <= 0x46;
}

/** Returns `event` with `channel` as the name of its channel. */
function withChannelName(event: RecordedEvent, channel: string): RecordedEvent {
  switch (event.kind) {
    case "message":
    case "redact":
      return { ...event, target: { kind: "channel", name: channel } };
    case "join":
    case "part":
    case "topic":
    case "kick":
    case "mode":
      return { ...event, channel };
    case "quit":
    case "nick":
    case "rename":
    case "boot":
      return event;
    default:
      return unreachable(event);
  }
}

/** Truncates `line` after its tags to the length of a line. */
function truncateRenderedLine(line: string): string {
  const start = line.startsWith("@") ? line.indexOf(" ") + 1 : 0;
  return line.slice(0, start) + truncateLine(line.slice(start));
}

function withLead(line: string, lead: string): string {
  return lead === "" ? line : withTag(line, lead);
}
