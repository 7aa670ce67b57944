/**
 * Calendars of the people on duty, which steps of escalation lists name. They are read when they are first needed: the
 * code for that is loaded with the first calendar.
 *
 *     fact calendar, by folded name: { name, room, owner, uploader, savedAt, text }   the text in base64
 */
import { KeyedBuckets } from "../../../base/keyed_buckets.ts";
import { MINUTE_MS } from "../../../base/values/time_unit.ts";
import { foldOnCallName, isOnCallName, MAX_CALENDAR_BYTES } from "../../../irc/oncall.ts";
import { readMember, readTime } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import type { Session } from "../../model/state/entities.ts";
import { readRoomTime } from "./escalation_lists.ts";
import type * as Reader from "../duty/duty_calendar.ts";

/** Most calendars of a server. */
export const MAX_CALENDARS = 100;
/** Most sessions that upload a calendar at a time. */
export const MAX_CALENDAR_UPLOADS = 20;
/** Most of them of one account: another one ends the oldest of these. */
export const MAX_UPLOADS_PER_ACCOUNT = 2;
/** So many calendars are checked for one account, and for the clients of one site: that takes up to 0.3 s each. */
export const CALENDAR_CHECK_RATE = { count: 10, ms: 10 * MINUTE_MS };
/** An upload of which no part has come for so long is given up where another one needs its place, in milliseconds. */
const UPLOAD_IDLE_MS = MINUTE_MS;
/** For so long the people on duty are taken from the last answer, in milliseconds, unless their duty ends before. */
const DUTY_CACHE_MS = MINUTE_MS;

/** The people on duty, by name. */
export interface Duty {
  readonly names: readonly string[];
  /** When that changes, in milliseconds since the epoch; undefined: never, or not soon. */
  readonly until: number | undefined;
}

const NO_DUTY: Duty = { names: [], until: undefined };

export interface StoredCalendar {
  readonly name: string;
  /** Creation time of the room of its name, to which it belongs; 0: there was none when the calendar was made. */
  readonly room: number;
  /** The account that uploaded it. */
  readonly owner: OwnerId;
  readonly uploader: string;
  /** Milliseconds since the epoch. */
  readonly savedAt: number;
  /** iCalendar (RFC 5545). */
  readonly text: string;
}

interface KnownCalendar extends StoredCalendar {
  calendar: Reader.DutyCalendar | undefined;
  duty: (Duty & { readonly at: number }) | undefined;
}

interface Upload {
  readonly name: string;
  readonly chunks: string[];
  length: number;
  at: number;
}

export interface CheckedCalendar {
  readonly events: number;
  readonly words: string;
  readonly names: readonly string[];
}

export class DutyCalendars {
  readonly #facts: FactBuffer;
  /** By folded name. */
  readonly #calendars = new Map<string, KnownCalendar>();
  readonly #uploads = new Map<Session, Upload>();
  readonly #checks = new KeyedBuckets(CALENDAR_CHECK_RATE);
  #reader: typeof Reader | undefined;

  constructor(facts: FactBuffer) {
    this.#facts = facts;
  }

  get all(): Iterable<StoredCalendar> {
    return this.#calendars.values();
  }

  get isFull(): boolean {
    return this.#calendars.size >= MAX_CALENDARS;
  }

  get(name: string): StoredCalendar | undefined {
    return this.#calendars.get(foldOnCallName(name));
  }

  /** Whether {@link dutyAt} can be asked now: there is no calendar, or the code that reads them is loaded. */
  get isReady(): boolean {
    return this.#calendars.size === 0 || this.#reader !== undefined;
  }

  /** Loads the code that reads calendars. */
  async load(): Promise<void> {
    this.#reader ??= await import("../duty/duty_calendar.ts");
  }

  /**
   * The people that the calendar has on duty at `now`; none where there is no such calendar, or where it cannot be read.
   * Call {@link load} before.
   */
  dutyAt(name: string, now: number): Duty {
    const known = this.#calendars.get(foldOnCallName(name));
    if (known === undefined || this.#reader === undefined) return NO_DUTY;
    const { duty } = known;
    const isFresh = duty !== undefined && now >= duty.at && now < duty.at + DUTY_CACHE_MS &&
      now < (duty.until ?? Infinity);
    if (isFresh) return duty;
    known.duty = { ...this.#askDuty(this.#reader, known, now), at: now };
    return known.duty;
  }

  #askDuty(reader: typeof Reader, known: KnownCalendar, now: number): Duty {
    try {
      known.calendar ??= reader.readDutyCalendar(known.text);
      return reader.dutyAt(known.calendar, now);
    } catch {
      return NO_DUTY; // checked when it was saved, perhaps by another version
    }
  }

  /** Takes a check for each of `keys`, an account and a site; false: they have had as many as they may at present. */
  takeCheck(keys: readonly string[], now: number): boolean {
    return keys.every((key) => this.#checks.take(key, now));
  }

  /**
   * What `text` holds, in words, its number of events, and the names of all duties; throws TypeError where it is none.
   * Call {@link load} before.
   */
  check(text: string): CheckedCalendar {
    const calendar = this.#reader!.readDutyCalendar(text);
    const words = this.#reader!.describeExtent(calendar);
    return { events: calendar.events, words, names: this.#reader!.namesOf(calendar) };
  }

  save(calendar: StoredCalendar): void {
    const key = foldOnCallName(calendar.name);
    this.#calendars.set(key, { ...calendar, calendar: undefined, duty: undefined });
    const text = new TextEncoder().encode(calendar.text).toBase64();
    this.#facts.put("calendar", key, { ...calendar, text });
  }

  delete(name: string): void {
    this.#calendars.delete(foldOnCallName(name));
    this.#facts.put("calendar", foldOnCallName(name), undefined);
  }

  /** Adds a part of an upload, in base64; a word: why it is refused. */
  addChunk(session: Session, name: string, chunk: string, now: number): "full" | "too_long" | undefined {
    const folded = foldOnCallName(name);
    let upload = this.#uploads.get(session);
    if (upload === undefined || foldOnCallName(upload.name) !== folded) {
      if (!this.#makeRoom(session, now)) return "full";
      upload = { name, chunks: [], length: 0, at: now };
      this.#uploads.set(session, upload);
    }
    upload.length += chunk.length;
    upload.at = now;
    if (isTooLong(upload)) {
      upload.chunks.length = 0;
      return "too_long";
    }
    upload.chunks.push(chunk);
    return undefined;
  }

  #makeRoom(session: Session, now: number): boolean {
    if (this.#uploads.has(session)) return true;
    const own = [...this.#uploads.keys()].filter((other) =>
      other.user !== undefined && other.user === session.user
    );
    if (own.length >= MAX_UPLOADS_PER_ACCOUNT) this.#uploads.delete(own[0]!);
    if (this.#uploads.size < MAX_CALENDAR_UPLOADS) return true;
    for (const [other, { at }] of this.#uploads) {
      if (other.closeReason !== undefined || now - at >= UPLOAD_IDLE_MS) this.#uploads.delete(other);
    }
    return this.#uploads.size < MAX_CALENDAR_UPLOADS;
  }

  /** Ends the upload of `session` and returns its bytes; undefined: none for this name, too long, or not base64. */
  takeUpload(session: Session, name: string): Uint8Array<ArrayBuffer> | undefined {
    const upload = this.#uploads.get(session);
    this.#uploads.delete(session);
    if (upload === undefined || isTooLong(upload)) return undefined;
    if (foldOnCallName(upload.name) !== foldOnCallName(name)) return undefined;
    try {
      const bytes = Uint8Array.fromBase64(upload.chunks.join(""));
      return bytes.length > MAX_CALENDAR_BYTES ? undefined : bytes;
    } catch {
      return undefined;
    }
  }

  /** Restores the fact `calendar`. */
  restore(key: string, value: unknown): void {
    const text = (member: string) => readMember(value, member, "string");
    const name = text("name");
    if (!isOnCallName(name) || foldOnCallName(name) !== key) {
      throw new TypeError("its name does not match its key");
    }
    const bytes = Uint8Array.fromBase64(text("text"));
    if (bytes.length > MAX_CALENDAR_BYTES) throw new RangeError("text is too long");
    this.#calendars.set(key, {
      name,
      room: readRoomTime(value),
      owner: text("owner"),
      uploader: text("uploader"),
      savedAt: readTime(value, "savedAt"),
      text: new TextDecoder().decode(bytes),
      calendar: undefined,
      duty: undefined,
    });
    void this.load();
  }
}

/** Whether the upload has more base64 than that of the largest calendar. */
function isTooLong({ length }: Upload): boolean {
  return length > Math.ceil(MAX_CALENDAR_BYTES / 3) * 4;
}
