/**
 * The archive as JSON, one object a line. docs/archive.md describes it for other programs.
 *
 *     {archive, log, cursor, changesFrom, complete}          version of the format; the first line
 *     {conversation, room, name, prunedUntil}                before the first record of it; `name` is folded
 *     {conversation, owner, with, name, prunedUntil}         one side of direct messages
 *     {seq, time, kind, in, type, from, text, payload}       a record; `type`, `from` and `text` are for readers
 *     {redacted}                                             numbers of deleted messages
 *     {former, until}                                        a name, or an owner, that was given up
 *     {lost, why}                                            from and until
 *     {member, in}                                           a user in rooms, by the ids of their conversations
 *     {records}                                              number of records; the last line
 *
 * Those from `redacted` to `member` are in a complete export only. An import reads the payload, not the text.
 */
import { casefold } from "../../lib/irc/names/casemap.ts";
import { joinConcatenated } from "../../lib/irc/multiline.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { nickOf } from "../../lib/hub/model/identifiers.ts";
import type { RecordedEvent } from "../../lib/hub/model/state/event.ts";
import type { ArchiveLoss } from "../../lib/log/archive.ts";
import type { ExportedConversation, ExportedRecord } from "../../lib/store/archive/archive_export.ts";
import type { FormerName } from "../../lib/store/archive/former_name_table.ts";
import { ALL_KINDS } from "../../lib/store/archive/entry_table.ts";

export const FORMAT_VERSION = 1;

export interface ExportHeader {
  readonly logId: string;
  readonly cursor: number;
  /** All is known that was renamed, retired or deleted after an export with this cursor, or a later one. */
  readonly changesFrom: number;
  /** Whether nothing was left out. */
  readonly isComplete: boolean;
}

/** A line of an export. */
export type ExportLine =
  | { readonly kind: "header"; readonly header: ExportHeader }
  | { readonly kind: "conversation"; readonly conversation: ExportedConversation }
  | {
    readonly kind: "record";
    readonly record: Omit<ExportedRecord, "conversations">;
    readonly ids: readonly number[];
  }
  | { readonly kind: "redacted"; readonly seqs: readonly number[] }
  | { readonly kind: "former"; readonly former: FormerName }
  | { readonly kind: "loss"; readonly loss: ArchiveLoss }
  | { readonly kind: "member"; readonly nick: string; readonly ids: readonly number[] }
  | { readonly kind: "end"; readonly records: number };

export function formatExportLine(line: ExportLine): string {
  switch (line.kind) {
    case "header": {
      const { logId, cursor, changesFrom, isComplete } = line.header;
      return formatJsonLine({
        archive: FORMAT_VERSION,
        log: logId,
        cursor,
        changesFrom,
        complete: isComplete,
      });
    }
    case "conversation": {
      const { id, key, shown, prunedUntil } = line.conversation;
      const place = key.kind === "channel" ? { room: shown } : { owner: key.owner, with: shown };
      return formatJsonLine({ conversation: id, ...place, name: key.name, prunedUntil });
    }
    case "record": {
      const { seq, time, kind, payload } = line.record;
      const head = { seq, time: new Date(time).toISOString(), kind, in: line.ids };
      return formatJsonLine({ ...head, ...describeEvent(decodeEvent(payload)), payload: payload.toBase64() });
    }
    case "redacted":
      return formatJsonLine({ redacted: line.seqs });
    case "former":
      return formatJsonLine({ former: line.former.name, until: line.former.until });
    case "loss":
      return formatJsonLine({ lost: [line.loss.from, line.loss.until], why: line.loss.why });
    case "member":
      return formatJsonLine({ member: line.nick, in: line.ids });
    case "end":
      return formatJsonLine({ records: line.records });
  }
}

/** What a person reads of a record. */
function describeEvent(event: RecordedEvent | undefined): Readonly<Record<string, string>> {
  if (event === undefined || event.kind === "boot") return {};
  const type = event.kind === "message" ? event.verb.toLowerCase() : event.kind;
  return { type, from: nickOf(event.source), ...textOf(event) };
}

function textOf(event: RecordedEvent): { text?: string } {
  switch (event.kind) {
    case "message":
      return { text: joinConcatenated(event.text) };
    case "topic":
      return { text: event.topic };
    case "part":
    case "quit":
    case "kick":
    case "redact":
    case "rename":
      return { text: event.reason };
    default:
      return {};
  }
}

const LOSS_REASONS: readonly ArchiveLoss["why"][] = ["overwritten", "pruned", "damaged"];

/** Parses a line. Throws an error that says what is wrong with it. */
export function parseExportLine(text: string): ExportLine {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) throw new TypeError("it is not an object");
  const line = new LineReader(value as Record<string, unknown>);
  if (line.has("archive")) return { kind: "header", header: parseHeader(line) };
  if (line.has("conversation")) return { kind: "conversation", conversation: parseConversation(line) };
  if (line.has("seq")) return { kind: "record", record: parseRecord(line), ids: line.numbers("in") };
  if (line.has("redacted")) return { kind: "redacted", seqs: line.numbers("redacted") };
  if (line.has("former")) {
    return { kind: "former", former: { name: line.text("former"), until: line.number("until") } };
  }
  if (line.has("lost")) return { kind: "loss", loss: parseLoss(line) };
  if (line.has("member")) return { kind: "member", nick: line.text("member"), ids: line.numbers("in") };
  if (line.has("records")) return { kind: "end", records: line.number("records") };
  throw new TypeError("it is no line of an export");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError("it is not JSON");
  }
}

function parsePayload(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw new TypeError("its payload is not in base64");
  }
}

function parseHeader(line: LineReader): ExportHeader {
  const version = line.number("archive");
  if (version !== FORMAT_VERSION) throw new TypeError(`it has version ${version} of the format`);
  return {
    logId: line.text("log"),
    cursor: line.number("cursor"),
    changesFrom: line.number("changesFrom"),
    isComplete: line.flag("complete"),
  };
}

function parseConversation(line: LineReader): ExportedConversation {
  const name = line.text("name");
  const isChannel = line.has("room");
  const shown = line.text(isChannel ? "room" : "with");
  if (casefold(shown) !== name) throw new TypeError("its names don't match");
  const key = isChannel
    ? { kind: "channel", name } as const
    : { kind: "direct", owner: line.text("owner"), name } as const;
  return { id: line.number("conversation"), key, shown, prunedUntil: line.number("prunedUntil") };
}

function parseRecord(line: LineReader): Omit<ExportedRecord, "conversations"> {
  const payload = parsePayload(line.text("payload"));
  if (decodeEvent(payload) === undefined) throw new TypeError("its payload is no event");
  const time = Date.parse(line.text("time"));
  if (!Number.isSafeInteger(time)) throw new TypeError("its time is no time");
  return { seq: line.number("seq"), time, kind: line.choice("kind", ALL_KINDS), payload };
}

function parseLoss(line: LineReader): ArchiveLoss {
  const [from, until] = line.numbers("lost");
  if (from === undefined || until === undefined || from >= until) throw new TypeError("lost is no range");
  return { from, until, why: line.choice("why", LOSS_REASONS) };
}

/** Reads the members of a parsed line. */
class LineReader {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#members, name);
  }

  text(name: string): string {
    const value = this.#members[name];
    if (typeof value !== "string") throw new TypeError(`${name} is no text`);
    return value;
  }

  number(name: string): number {
    return toCount(this.#members[name], name);
  }

  numbers(name: string): number[] {
    const value = this.#members[name];
    if (!Array.isArray(value)) throw new TypeError(`${name} is no list`);
    return value.map((each) => toCount(each, name));
  }

  flag(name: string): boolean {
    return this.#members[name] === true;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const found = choices.find((each) => each === this.#members[name]);
    if (found === undefined) throw new TypeError(`${name} is none of ${choices.join(", ")}`);
    return found;
  }
}

function toCount(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new TypeError(`${name} is no number`);
  return value as number;
}
