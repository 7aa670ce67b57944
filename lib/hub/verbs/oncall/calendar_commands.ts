/** CALENDAR of ONCALL: calendars of the people on duty. */
import { CALENDAR_CHUNK_LENGTH, MAX_CALENDAR_BYTES } from "../../../irc/oncall.ts";
import { subnetOf } from "../../../base/ip.ts";
import type { HubContext, Services } from "../../context.ts";
import { needMoreParams } from "../../fanout/replies.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { formatTimestamp } from "../../output/render.ts";
import { MAX_CALENDARS } from "../../services/oncall/duty_calendars.ts";
import { findRoomTime, mayChangeCalendar } from "./oncall_permission.ts";
import {
  CALENDAR_UNITS,
  checkIdentity,
  checkName,
  failOnCall,
  sendOnCall,
  sendWhenSaved,
  showWithDuties,
} from "./oncall_replies.ts";
import type { CalendarReading } from "../../model/duty_outlook.ts";

/** Names that the response to `SAVE` lists of those that are no accounts; of further ones their number. */
const MAX_TOLD_NAMES = 5;

/** `CALENDAR PUT <name> <chunk>`, `SAVE <name>`, `DELETE <name>`, `LIST`. */
export function runCalendarCommand(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  [word = "", name, chunk]: readonly string[],
): void {
  const command = word.toUpperCase();
  if (command === "LIST") return listCalendars(context, services, session, user);
  if (command !== "PUT" && command !== "SAVE" && command !== "DELETE") {
    return failOnCall(context, session, "SUBCOMMAND_INVALID", ["CALENDAR"], "Use PUT, SAVE, DELETE or LIST");
  }
  if (name === undefined || command === "PUT" && chunk === undefined) {
    return needMoreParams(context, session, "ONCALL");
  }
  if (!checkName(context, session, name) || !checkAccount(context, session, user)) return;
  if (!mayChangeCalendar(services, user, name)) {
    const text =
      "Only server operators, those who own the room of the calendar or of a list with it, and the " +
      "account that uploaded it may change a calendar";
    return failOnCall(context, session, "NOT_PERMITTED", [name], text);
  }
  switch (command) {
    case "PUT":
      return putChunk(context, services, session, name, chunk!);
    case "SAVE":
      return saveCalendar(context, services, session, user, name);
    case "DELETE":
      return deleteCalendar(context, services, session, name);
  }
}

function checkAccount(context: HubContext, session: Session, user: User): boolean {
  if (user.account !== undefined || user.isServerOperator) return true;
  failOnCall(context, session, "ACCOUNT_REQUIRED", [], "You are not logged in to an account");
  return false;
}

function putChunk(
  context: HubContext,
  { dutyCalendars }: Services,
  session: Session,
  name: string,
  chunk: string,
): void {
  const fail = (code: string, text: string) => failOnCall(context, session, code, [name], text);
  if (chunk.length > CALENDAR_CHUNK_LENGTH || !/^[A-Za-z0-9+/]+={0,2}$/.test(chunk)) {
    return fail("INVALID_CALENDAR", `A part is up to ${CALENDAR_CHUNK_LENGTH} characters of base64`);
  }
  switch (dutyCalendars.addChunk(session, name, chunk, context.now)) {
    case "full":
      return fail("TOO_MANY", "Too many calendars are being uploaded; try again in a minute");
    case "too_long":
      return fail("INVALID_CALENDAR", `A calendar has at most ${MAX_CALENDAR_BYTES} bytes`);
  }
}

/** `SAVE`: checks what was put, and stores it. */
function saveCalendar(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
): void {
  const { accounts, dutyCalendars } = services;
  const fail = (code: string, text: string) => failOnCall(context, session, code, [name], text);
  const bytes = dutyCalendars.takeUpload(session, name);
  if (bytes === undefined) {
    return fail("INVALID_CALENDAR", "No calendar of this name was put, or it is too long, or not base64");
  }
  if (dutyCalendars.get(name) === undefined && dutyCalendars.isFull) {
    return fail("TOO_MANY", `The server has ${MAX_CALENDARS} calendars, the maximum`);
  }
  const sites = context.exemptAddresses.has(session.host) ? [] : [subnetOf(session.host)];
  if (!user.isServerOperator && !dutyCalendars.takeCheck([user.owner, ...sites], context.monotonic)) {
    return fail("TOO_MANY", "You have saved many calendars in a short time; try again in a minute");
  }
  const text = decode(bytes);
  if (text === undefined) return fail("INVALID_CALENDAR", "The file is not UTF-8");
  const asked = dutyCalendars.read(text, context.now);
  let reading: CalendarReading | undefined;
  context.suspend(session, {
    kind: "evaluate",
    session,
    run: async () => reading = await asked,
    done: () => {
      if (reading?.kind !== "read") {
        const code = reading?.kind === "invalid" ? "INVALID_CALENDAR" : "TEMPORARILY_UNAVAILABLE";
        return fail(code, reading?.why ?? "The calendar could not be read");
      }
      const { events, names } = reading.outlook;
      const words = reading.outlook.words +
        describeStrangers(names.filter((name) => accounts.get(name) === undefined));
      const { nick: uploader, owner } = user;
      const room = dutyCalendars.get(name)?.room ?? findRoomTime(services, name);
      dutyCalendars.save({ name, room, owner, uploader, savedAt: context.now, text }, reading.outlook);
      sendWhenSaved(context, session, name, { words: ["CALENDAR", "SAVE", name, events], text: words });
    },
  });
}

/** Names that are no accounts: they are taken, since a person may register later, and are not rung until then. */
function describeStrangers(names: readonly string[]): string {
  if (names.length === 0) return "";
  const others = names.length > MAX_TOLD_NAMES ? ` and ${names.length - MAX_TOLD_NAMES} others` : "";
  return `; not registered, and not rung: ${names.slice(0, MAX_TOLD_NAMES).join(", ")}${others}`;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function deleteCalendar(
  context: HubContext,
  { dutyCalendars }: Services,
  session: Session,
  name: string,
): void {
  if (dutyCalendars.get(name) === undefined) {
    return failOnCall(context, session, "NO_SUCH_CALENDAR", [name], "There is no calendar of this name");
  }
  dutyCalendars.delete(name);
  sendWhenSaved(context, session, name, { words: ["CALENDAR", "DELETE", name] });
}

function listCalendars(context: HubContext, services: Services, session: Session, user: User): void {
  if (!checkIdentity(context, session, user)) return;
  showWithDuties(context, services, session, () => sendCalendars(context, services, session));
}

function* sendCalendars(context: HubContext, services: Services, session: Session): WorkSteps {
  const { dutyCalendars } = services;
  for (const { name, uploader, savedAt } of [...dutyCalendars.all]) {
    const { names, until } = dutyCalendars.dutyAt(name, context.now);
    const people = names.filter((each) => services.accounts.get(each) !== undefined).join(",") || "*";
    const time = until === undefined ? "*" : formatTimestamp(until);
    const words = ["CALENDAR", "ITEM", name, uploader, formatTimestamp(savedAt), people, time];
    sendOnCall(context, session, { words });
    yield CALENDAR_UNITS;
  }
  sendOnCall(context, session, { words: ["CALENDAR", "LIST", "*"] });
}
