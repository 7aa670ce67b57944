/** On-call at a `TestHub`: lists and pages, and what people are told of them. */
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { assert } from "../../lib/base/assert.ts";
import { readDutyOutlook } from "../../lib/hub/services/duty/duty_outlook.ts";
import type { DutyCalendars } from "../../lib/hub/services/oncall/duty_calendars.ts";
import { ONCALL_OWNER } from "../../lib/hub/services/oncall/page_message.ts";
import { ONCALL_CAPABILITY } from "../../lib/irc/vendor_extensions.ts";
import { login, makeOperator } from "./hub_accounts.ts";
import { START } from "./hub.ts";
import type { TestHub } from "./hub.ts";

export const ONCALL_CAPS = [ONCALL_CAPABILITY, "message-tags", "batch", "labeled-response"];

/** What `session` is told when it says `lines`, and what was wanted of the disk for that is done. */
export async function asks(chat: TestHub, session: Session, ...lines: string[]): Promise<string[]> {
  chat.heard(session);
  chat.say(session, ...lines);
  await chat.errands();
  return chat.heard(session);
}

/** The words behind `verb` of the lines that begin with `word`. */
export function told(lines: readonly string[], word = "", verb = "PAGE"): string[] {
  const pattern = new RegExp(`^(?:@\\S+ )?:irc\\.test ${verb} (.*)$`);
  return lines.flatMap((line) => pattern.exec(line)?.[1] ?? []).filter((words) => words.startsWith(word));
}

/** The codes of FAIL in `lines`. */
export function codes(lines: readonly string[]): string[] {
  return lines.flatMap((line) => / FAIL \w+ (\S+)/.exec(line)?.[1] ?? []);
}

/** A server operator called root, who has made the list `name` with these steps. */
export async function makeList(chat: TestHub, name: string, steps: string): Promise<Session> {
  const root = login(chat, "root", undefined, { caps: ONCALL_CAPS });
  makeOperator(chat, "root");
  await asks(chat, root, `ONCALL SET ${name} ${steps}`);
  return root;
}

/** Time passes in steps of 10 seconds, and what is due is done as the timer of the server does it. */
export function wait(chat: TestHub, ms: number): void {
  const until = chat.now + ms;
  while (chat.now < until) {
    chat.now = Math.min(until, chat.now + 10_000);
    chat.hub.runDue(chat.now);
    chat.deliver();
  }
}

/** The outcome of the notifications so far. */
export function settleNotifications(chat: TestHub, trouble: string | undefined): void {
  for (const { done } of chat.notifications.splice(0)) {
    chat.hub.beginTask(chat.now);
    done(trouble);
  }
  chat.deliver();
}

/** The recorded messages of OnCall: the receiver and the text of each. */
export function recorded({ log }: TestHub): string[] {
  const found: string[] = [];
  for (let seq = log.oldestSeq; seq < log.nextSeq; seq++) {
    const record = log.read(seq);
    const event = record.kind === "ok" ? decodeEvent(record.payload) : undefined;
    if (event?.kind === "message" && event.from === ONCALL_OWNER) {
      found.push(`${event.target.name} ${event.text}`);
    }
  }
  return found;
}

/** The texts of OnCall's messages in `lines`. */
export function said(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /:OnCall!\S+ (?:NOTICE|PRIVMSG) \S+ :(.*)/.exec(line)?.[1] ?? []);
}

/** A calendar that has `name` on duty in the first week of 2026. */
export function calendarOf(name: string): string {
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:test",
    "BEGIN:VEVENT",
    "UID:1",
    "DTSTAMP:20260101T000000Z",
    "DTSTART:20260101T000000Z",
    "DTEND:20260108T000000Z",
    `SUMMARY:${name}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
}

/** The lines that put `text` as the calendar `name`. */
export function puts(name: string, text: string): string[] {
  const chunks = new TextEncoder().encode(text).toBase64().match(/.{1,400}/g)!;
  return chunks.map((chunk) => `ONCALL CALENDAR PUT ${name} ${chunk}`);
}

/** Saves the calendar `name` as of {@link START}. */
export function saveCalendar(calendars: DutyCalendars, name: string, text: string): void {
  const reading = readDutyOutlook(text, START);
  assert(reading.kind === "read", "a calendar");
  calendars.save({ name, owner: "", uploader: "", room: 0, savedAt: 0, text }, reading.outlook);
}
