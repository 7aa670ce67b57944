/**
 * Calendars of the people on duty, which steps of escalation lists name. The server reads them, which may take seconds,
 * for some time ahead.
 *
 *     fact calendar, by folded name: { name, room, owner, uploader, savedAt, text }   the text in base64
 */
import { KeyedBuckets } from "../../../base/keyed_buckets.ts";
import { MINUTE_MS } from "../../../base/values/time_unit.ts";
import { foldOnCallName, isOnCallName, MAX_CALENDAR_BYTES } from "../../../irc/oncall.ts";
import { readMember, readTime } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";
import type { CalendarReading, Duty, DutyOutlook } from "../../model/duty_outlook.ts";
import { EffectBuffer } from "../../model/effect_buffer.ts";
import type { CalendarJob } from "../../model/state/async_job.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import type { Session } from "../../model/state/entities.ts";
import { readRoomTime } from "./escalation_lists.ts";

/** Most calendars of a server. */
export const MAX_CALENDARS = 100;
/** Most sessions that upload a calendar at a time. */
export const MAX_CALENDAR_UPLOADS = 20;
/** Most of them of one account: another one ends the oldest of these. */
export const MAX_UPLOADS_PER_ACCOUNT = 2;
/** So many calendars are checked for one account, and for the clients of one site: each may take seconds of a thread. */
export const CALENDAR_CHECK_RATE = { count: 10, ms: 10 * MINUTE_MS };
/** An upload of which no part has come for so long is given up where another one needs its place, in milliseconds. */
const UPLOAD_IDLE_MS = MINUTE_MS;
/** Time between two attempts to read a calendar that could not be read, in milliseconds. */
const RETRY_MS = MINUTE_MS;

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
  outlook: DutyOutlook | undefined;
  /** While it is being read. */
  reading: { readonly ready: Promise<void>; readonly isUrgent: boolean } | undefined;
  /** When it could not be read; undefined: that has not happened, or was tried again. */
  failedAt: number | undefined;
}

interface Upload {
  readonly name: string;
  readonly chunks: string[];
  length: number;
  at: number;
}

export class DutyCalendars {
  readonly #facts: FactBuffer;
  /** By folded name. */
  readonly #calendars = new Map<string, KnownCalendar>();
  readonly #uploads = new Map<Session, Upload>();
  readonly #checks = new KeyedBuckets(CALENDAR_CHECK_RATE);
  readonly #jobs = new EffectBuffer<CalendarJob>();

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

  /** Calendars to be read since the last call. */
  takeJobs(): readonly CalendarJob[] {
    return this.#jobs.take();
  }

  /** Has `text` read from `at` on. */
  read(text: string, at: number): Promise<CalendarReading> {
    const { promise, resolve } = Promise.withResolvers<CalendarReading>();
    this.#jobs.push({ kind: "calendar", text, at, isUrgent: false, done: resolve });
    return promise;
  }

  /**
   * Whether {@link dutyAt} can be asked about all of `names`, which a page waits for; what is missing is being read then.
   */
  isReady(names: readonly string[], now: number): boolean {
    const missing = names.flatMap((name) => this.#findUnready(name, now) ?? []);
    for (const known of missing) this.#refresh(known, now, true);
    return missing.length === 0;
  }

  /** Resolves when {@link dutyAt} can be asked about all of `names`, by default all calendars; undefined: now. */
  prepare(now: number, names: readonly string[] = [...this.#calendars.keys()]): Promise<unknown> | undefined {
    const missing = names.flatMap((name) => this.#findUnready(name, now) ?? []);
    return missing.length === 0
      ? undefined
      : Promise.all(missing.map((known) => this.#refresh(known, now, false)));
  }

  /** The calendar `name` unless it is known what it says at `now`, or that it cannot be read. */
  #findUnready(name: string, now: number): KnownCalendar | undefined {
    const known = this.#calendars.get(foldOnCallName(name));
    if (known === undefined || findDuty(known, now) !== undefined) return undefined;
    const { failedAt } = known;
    return failedAt !== undefined && now >= failedAt && now < failedAt + RETRY_MS ? undefined : known;
  }

  #refresh(known: KnownCalendar, now: number, isUrgent: boolean): Promise<void> {
    const asked = known.reading;
    if (asked !== undefined && (asked.isUrgent || !isUrgent)) return asked.ready;
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const own = known.reading = { ready, isUrgent };
    const done = (reading: CalendarReading) => {
      if (reading.kind === "read") known.outlook = reading.outlook;
      known.failedAt = reading.kind === "read" ? undefined : now;
      if (known.reading === own) known.reading = undefined;
      resolve();
    };
    this.#jobs.push({ kind: "calendar", text: known.text, at: now, isUrgent, done });
    return ready;
  }

  /**
   * The people that the calendar has on duty at `now`; none where there is no such calendar, or where it cannot be read.
   * See {@link isReady}.
   */
  dutyAt(name: string, now: number): Duty {
    const known = this.#calendars.get(foldOnCallName(name));
    const duty = known && findDuty(known, now);
    if (duty === undefined) return NO_DUTY;
    const { duties: [first], before } = known!.outlook!;
    const isHalfOver = now - first!.from > before - now;
    if (isHalfOver && known!.reading === undefined) void this.#refresh(known!, now, false);
    return duty;
  }

  /** Takes a check for each of `keys`, an account and a site; false: they have had as many as they may at present. */
  takeCheck(keys: readonly string[], now: number): boolean {
    return keys.every((key) => this.#checks.take(key, now));
  }

  /** `outlook`: what it has been read to say. */
  save(calendar: StoredCalendar, outlook: DutyOutlook): void {
    const key = foldOnCallName(calendar.name);
    this.#calendars.set(key, { ...calendar, outlook, reading: undefined, failedAt: undefined });
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
      outlook: undefined,
      reading: undefined,
      failedAt: undefined,
    });
  }
}

/** The duty at `now`; undefined: that has to be read. */
function findDuty({ outlook }: KnownCalendar, now: number): Duty | undefined {
  if (outlook === undefined || now >= outlook.before) return undefined;
  return outlook.duties.findLast(({ from }) => from <= now);
}

/** Whether the upload has more base64 than that of the largest calendar. */
function isTooLong({ length }: Upload): boolean {
  return length > Math.ceil(MAX_CALENDAR_BYTES / 3) * 4;
}
