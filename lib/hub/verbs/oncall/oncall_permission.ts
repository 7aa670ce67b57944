/**
 * Permission to change an escalation list or a calendar. A list belongs to the room of its name that was there when it was
 * made: by a room that is made or renamed later another person would get what is not theirs.
 */
import { foldOnCallName } from "../../../irc/oncall.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { CHANNEL_PREFIX } from "../../../irc/names/name_rules.ts";
import type { Services } from "../../context.ts";
import { isRememberedOperator } from "../../model/channel_settings.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import type { User } from "../../model/state/entities.ts";

function roomOf({ history }: Services, name: string): ConversationLog | undefined {
  return history.channels.get(casefold(CHANNEL_PREFIX + name));
}

/** What a list or calendar called `name` that is made now belongs to: the creation time of its room; 0: there is none. */
export function findRoomTime(services: Services, name: string): number {
  return roomOf(services, name)?.createdAt ?? 0;
}

/** Whether `user` owns the room of the name, and `known`, which has the name, belongs to that; undefined: there is none. */
function ownsRoom(
  services: Services,
  { account }: User,
  name: string,
  known: { readonly room: number } | undefined,
): boolean {
  const room = roomOf(services, name);
  return isRememberedOperator(room?.settings, account) &&
    (known === undefined || known.room === room!.createdAt);
}

/** Server operators, and accounts that own the room of the same name. */
export function mayChangeList(services: Services, user: User, name: string): boolean {
  return user.isServerOperator || ownsRoom(services, user, name, services.escalationLists.get(name));
}

/** These, those of a list that uses the calendar, and the account that uploaded it. */
export function mayChangeCalendar(services: Services, user: User, name: string): boolean {
  const { dutyCalendars, escalationLists } = services;
  const calendar = dutyCalendars.get(name);
  if (user.isServerOperator || ownsRoom(services, user, name, calendar)) return true;
  if (user.account !== undefined && calendar?.owner === user.account.owner) return true;
  const folded = foldOnCallName(name);
  return escalationLists.all.some((list) =>
    list.steps.some((step) => step.kind === "calendar" && foldOnCallName(step.calendar) === folded) &&
    mayChangeList(services, user, list.name)
  );
}
