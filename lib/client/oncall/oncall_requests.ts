/** Single requests of on-call (docs/protocol/oncall.md) over a connection: lists, calendars, notify URLs, pages. */
import type { Message } from "../../irc/message.ts";
import { CALENDAR_CHUNK_LENGTH } from "../../irc/oncall.ts";
import { ONCALL_CAPABILITY } from "../../irc/vendor_extensions.ts";
import { parseWireCount, parseWireTime } from "../../irc/wire_number.ts";
import type { Link } from "../connection/link.ts";
import { findFailureReply } from "../session/failure_reply.ts";
import { parseOptionalWord, readPageItems } from "../conversation/oncall/page_item.ts";
import type { PageItem } from "../conversation/oncall/page_item.ts";
import { isNotSaved } from "./page_log.ts";

export type OncallOutcome<T> =
  | { readonly kind: "done"; readonly value: T }
  /** The server has no on-call. */
  | { readonly kind: "unsupported" }
  /** The server refused it: its reply. */
  | { readonly kind: "rejected"; readonly reply: Message }
  /** The server did not answer, or the answer is not understood: it may have done what was asked. */
  | { readonly kind: "silent" };

/** A notification is tried for 10 s by the server; a test has to outlive that. */
const TEST_TIMEOUT_MS = 30_000;

/** Whether the server has on-call; if so, requests the capability. Other commands have no use for it. */
export function hasOncall(link: Link): boolean {
  if (link.session.capValue(ONCALL_CAPABILITY) === undefined) return false;
  link.send({ command: "CAP", params: ["REQ", ONCALL_CAPABILITY] });
  return true;
}

/** Sends `command params…`; `read` finds in the response what was asked for; undefined: it is not there. */
async function request<T>(
  link: Link,
  command: "ONCALL" | "PAGE",
  params: readonly string[],
  read: (lines: readonly Message[]) => T | undefined,
  timeoutMs?: number,
): Promise<OncallOutcome<T>> {
  const outcome = await link.request({ command, params: [...params] }, timeoutMs);
  if (outcome.kind !== "answered") return { kind: "silent" };
  const reply = findFailureReply(outcome.lines);
  if (reply !== undefined) return { kind: "rejected", reply };
  const value = read(outcome.lines);
  return value === undefined ? { kind: "silent" } : { kind: "done", value };
}

/** The parameters of the lines ONCALL that begin with `words`. */
function findRows(lines: readonly Message[], ...words: string[]): string[][] {
  return lines.filter(({ command }) => command === "ONCALL").map(({ params }) => params)
    .filter((row) => words.every((word, index) => row[index] === word));
}

/** One step of a list as it is on the server. */
export interface ListedStep {
  /** `alice,bob`, or `@primary`. */
  readonly people: string;
  readonly seconds: number;
  /** Accounts on duty now; empty: none. */
  readonly onDuty: readonly string[];
  /** End of the duty, in milliseconds since the epoch; undefined: it has none. */
  readonly until: number | undefined;
}

export interface ListedSilence {
  readonly until: number;
  readonly by: string;
  readonly reason: string;
}

export interface ListedEscalation {
  readonly name: string;
  readonly steps: readonly ListedStep[];
  /** Undefined: it is not silenced. */
  readonly silence: ListedSilence | undefined;
}

export async function listEscalations(link: Link): Promise<OncallOutcome<readonly ListedEscalation[]>> {
  return await request(link, "ONCALL", ["LISTS"], (lines) => {
    if (findRows(lines, "LISTS", "*").length === 0) return undefined;
    return findRows(lines, "LIST").map(([, name = "", ...words]) => ({
      name,
      steps: readSteps(words, findRows(lines, "DUTY", name)),
      silence: findRows(lines, "SILENCED", name).map(readSilence)[0],
    }));
  });
}

function readSteps(words: readonly string[], duties: readonly string[][]): ListedStep[] {
  const steps: ListedStep[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const duty = duties.find(([, , number]) => parseWireCount(number) === at / 2 + 1);
    steps.push({
      people: words[at]!,
      seconds: parseWireCount(words[at + 1]) ?? 0,
      onDuty: readNames(duty?.[3]),
      until: parseWireTime(duty?.[4]),
    });
  }
  return steps;
}

function readNames(word = "*"): string[] {
  return parseOptionalWord(word)?.split(",") ?? [];
}

/** `SILENCED <list> <time>|* <nick> :<reason>`; undefined: it is not silenced. */
function readSilence([, , time, by = "", reason = ""]: readonly string[]): ListedSilence | undefined {
  const until = parseWireTime(time);
  return until === undefined ? undefined : { until, by, reason };
}

/** `steps`: as in `ONCALL SET`. The steps as the server has stored them. */
export async function setEscalation(
  link: Link,
  name: string,
  steps: readonly string[],
): Promise<OncallOutcome<readonly ListedStep[]>> {
  return await request(link, "ONCALL", ["SET", name, ...steps], (lines) => {
    const [row] = findRows(lines, "SET");
    return row && readSteps(row.slice(2), []);
  });
}

export async function deleteEscalation(link: Link, name: string): Promise<OncallOutcome<string>> {
  return await request(link, "ONCALL", ["DELETE", name], (lines) => findRows(lines, "DELETE")[0]?.[1]);
}

/** `seconds` 0 ends the silence: the value is "off" then. */
export async function silenceEscalation(
  link: Link,
  name: string,
  seconds: number,
  reason: string,
): Promise<OncallOutcome<ListedSilence | "off">> {
  return await request(link, "ONCALL", ["SILENCE", name, String(seconds), reason], (lines) => {
    const [row] = findRows(lines, "SILENCED");
    return row && (readSilence(row) ?? "off");
  });
}

export interface ListedCalendar {
  readonly name: string;
  readonly uploader: string;
  /** When it was uploaded. */
  readonly time: number | undefined;
  /** Accounts on duty now; empty: none. */
  readonly onDuty: readonly string[];
  /** End of that duty; undefined: there is none. */
  readonly until: number | undefined;
}

export async function listCalendars(link: Link): Promise<OncallOutcome<readonly ListedCalendar[]>> {
  return await request(link, "ONCALL", ["CALENDAR", "LIST"], (lines) => {
    if (findRows(lines, "CALENDAR", "LIST", "*").length === 0) return undefined;
    return findRows(lines, "CALENDAR", "ITEM").map(([, , name = "", uploader = "", time, names, until]) => ({
      name,
      uploader,
      time: parseWireTime(time),
      onDuty: readNames(names),
      until: parseWireTime(until),
    }));
  });
}

/** Uploads the bytes of an iCalendar file. The value: the server's words about what it has stored. */
export async function uploadCalendar(
  link: Link,
  name: string,
  bytes: Uint8Array,
): Promise<OncallOutcome<string>> {
  const text = bytes.toBase64();
  for (let at = 0; at < text.length; at += CALENDAR_CHUNK_LENGTH) {
    const chunk = text.slice(at, at + CALENDAR_CHUNK_LENGTH);
    const outcome = await request(link, "ONCALL", ["CALENDAR", "PUT", name, chunk], () => true);
    if (outcome.kind !== "done") return outcome;
  }
  return await request(
    link,
    "ONCALL",
    ["CALENDAR", "SAVE", name],
    (lines) => findRows(lines, "CALENDAR", "SAVE")[0]?.at(-1),
  );
}

export async function deleteCalendar(link: Link, name: string): Promise<OncallOutcome<string>> {
  return await request(
    link,
    "ONCALL",
    ["CALENDAR", "DELETE", name],
    (lines) => findRows(lines, "CALENDAR", "DELETE")[0]?.[2],
  );
}

/** The notify URL of one's account; `url`: sets it; "*": deletes it; undefined: asks. The value "": there is none. */
export async function notifyUrl(link: Link, url?: string): Promise<OncallOutcome<string>> {
  return await request(link, "ONCALL", url === undefined ? ["NOTIFY"] : ["NOTIFY", url], (lines) => {
    const [row] = findRows(lines, "NOTIFY");
    return row && (parseOptionalWord(row[1]) ?? "");
  });
}

/** Has the server send a notification to the notify URL of one's account. */
export async function testNotifyUrl(link: Link): Promise<OncallOutcome<true>> {
  const isTaken = (lines: readonly Message[]) => findRows(lines, "TEST").length > 0 || undefined;
  return await request(link, "ONCALL", ["TEST"], isTaken, TEST_TIMEOUT_MS);
}

/** `which`: those that are open, those that ring for us, or also those that have ended. */
export async function listPages(
  link: Link,
  which: "open" | "ringing" | "all",
): Promise<OncallOutcome<readonly PageItem[]>> {
  const word = { open: [], ringing: ["RINGING"], all: ["ALL"] }[which];
  return await request(link, "PAGE", ["LIST", ...word], readPageItems);
}

/** What the server says of the end of a page. */
export interface ConfirmedEnd {
  /** The server's words. */
  readonly text: string;
  /** Whether it is on the server's disk; else the page rings again after a restart of the server. */
  readonly isSaved: boolean;
}

/** One that is repeated is confirmed again. */
export async function acknowledgePage(link: Link, number: number): Promise<OncallOutcome<ConfirmedEnd>> {
  return await requestEnd(link, ["ACK", String(number)], "ACK");
}

/** `params`: the request, the page last; `answer`: the word of the line that confirms it. */
async function requestEnd(
  link: Link,
  params: readonly [verb: string, about: string],
  answer: string,
): Promise<OncallOutcome<ConfirmedEnd>> {
  const [, about] = params;
  return await request(link, "PAGE", params, (lines) => {
    const line = lines.find(({ params: [word, of] }) => word === answer && of === about);
    if (line === undefined) return undefined;
    return { text: line.params.at(-1) ?? "", isSaved: !lines.some((each) => isNotSaved(each, about)) };
  });
}

/** Withdraws our page `id`. */
export async function withdrawPage(link: Link, id: string): Promise<OncallOutcome<ConfirmedEnd>> {
  return await requestEnd(link, ["WITHDRAW", id], "END");
}
