/**
 * PRIVMSG and NOTICE with the tag `chatterbox.chat/at` or `chatterbox.chat/every` (our own; docs/protocol/schedule.md):
 * the message is kept, and said later (verbs/schedules/due_messages.ts).
 */
import { utf8Length } from "../../../base/bytes.ts";
import { parseDuration } from "../../../base/values/duration.ts";
import { parseTimestamp } from "../../../base/values/timestamp.ts";
import { isTimeZone } from "../../../base/values/zoned_time.ts";
import { CAP } from "../../../irc/capabilities.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { isSenderId } from "../../../irc/sender_id.ts";
import { AT_TAG, EVERY_TAG, SCHEDULED_CODE, ZONE_TAG } from "../../../irc/vendor_extensions.ts";
import type { HubContext, Services } from "../../context.ts";
import { sendEvent } from "../../fanout/fan_out.ts";
import { markLate } from "../../model/late_mark.ts";
import type { ScheduledMessage } from "../../model/scheduled_message.ts";
import type { Account, Session, User } from "../../model/state/entities.ts";
import { exceedsLine, formatTimestamp } from "../../output/render.ts";
import {
  MAX_CRON_BYTES,
  MAX_SCHEDULE_AHEAD_MS,
  MAX_SCHEDULED,
  MAX_SCHEDULED_PER_ACCOUNT,
  MAX_SCHEDULED_PER_ADDRESS,
  MAX_ZONE_BYTES,
} from "../../services/scheduled_messages.ts";
import { findTarget, isStatusTarget } from "./message_target.ts";
import type { MessageDraft } from "./message_target.ts";
import { isService } from "./nickserv.ts";

/** When a message is to be said: as its tags have it. */
export interface ScheduleTags {
  readonly at: string | undefined;
  readonly every: string | undefined;
  readonly zone: string;
}

/** Code and description of a refusal. */
type Refusal = readonly [code: string, text: string];

/** The tags of a message that is to be said later; undefined: it is to be said now. */
export function readScheduleTags(tags: ReadonlyMap<string, string>): ScheduleTags | undefined {
  const [at, every] = [tags.get(AT_TAG), tags.get(EVERY_TAG)];
  if (at === undefined && every === undefined) return undefined;
  return { at, every, zone: tags.get(ZONE_TAG) || "UTC" };
}

/** Keeps the message `draft` to `name` until its time, or answers why not. */
export function scheduleMessage(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  draft: MessageDraft,
  when: ScheduleTags,
): void {
  const { account } = user;
  if (account === undefined) {
    return refuse(
      context,
      session,
      draft,
      "ACCOUNT_REQUIRED",
      "Only a registered name can schedule messages",
    );
  }
  const fault = findFault(name, draft, when);
  if (fault !== undefined) return refuse(context, session, draft, ...fault);
  if (draft.id !== undefined && answerRepeated(context, services, session, account, name, draft)) return;
  const target = findTarget(context, services, session, user, name, draft);
  if (target === undefined) return; // the client has been told
  const longest = {
    ...draft,
    kind: "message",
    target,
    text: markLate(draft.text, context.now, when.zone),
  } as const;
  if (exceedsLine(longest)) {
    const text = "The message is too long: it must have room for a mark that it is late";
    return refuse(context, session, draft, "TOO_LONG", text);
  }
  const full = services.scheduledMessages.fullness(account.owner, session.host);
  if (full !== undefined) return refuse(context, session, draft, "TOO_MANY", FULL_TEXTS[full]);
  const add = (dueAt: number) =>
    addAndAnswer(context, services, session, {
      owner: account.owner,
      source: `${account.name}!${user.username}@${user.host}`,
      address: session.host,
      verb: draft.verb === "NOTICE" ? "NOTICE" : "PRIVMSG",
      target: target.name,
      text: draft.text,
      tags: draft.tags,
      senderId: draft.id ?? "",
      zone: when.zone,
      every: when.every ?? "",
      createdAt: context.now,
      dueAt,
    });
  if (when.every !== undefined) return scheduleRepeated(context, services, session, draft, when, add);
  const dueAt = readTime(when.at ?? "", context.now);
  if (typeof dueAt !== "number") return refuse(context, session, draft, ...dueAt);
  add(dueAt);
}

const FULL_TEXTS = {
  account: `An account has at most ${MAX_SCHEDULED_PER_ACCOUNT} scheduled messages: cancel one first`,
  address: `An address has at most ${MAX_SCHEDULED_PER_ADDRESS} scheduled messages`,
  server: `This server has reached its limit of ${MAX_SCHEDULED} scheduled messages`,
} as const;

function refuse(
  context: HubContext,
  session: Session,
  { verb }: MessageDraft,
  code: string,
  text: string,
): void {
  context.fail(session, verb, code, [], text);
}

function findFault(
  name: string,
  { id }: MessageDraft,
  { at, every, zone }: ScheduleTags,
): Refusal | undefined {
  if (name.includes(",") || isStatusTarget(name) || isService(name)) {
    return ["INVALID_TARGET", "A scheduled message has one target, a room or a person"];
  }
  if (id !== undefined && !isSenderId(id)) {
    return ["INVALID_ID", "An id must be 1 to 64 printable ASCII characters"];
  }
  if (at !== undefined && every !== undefined) return ["INVALID_TIME", "Give one time, or when to repeat"];
  if (every !== undefined && utf8Length(every) > MAX_CRON_BYTES) {
    return ["INVALID_TIME", `A cron expression has at most ${MAX_CRON_BYTES} bytes`];
  }
  return utf8Length(zone) <= MAX_ZONE_BYTES && isTimeZone(zone)
    ? undefined
    : ["INVALID_TIME", "The time zone is unknown here"];
}

/** A time, or a duration from now. */
function readTime(text: string, now: number): number | Refusal {
  const ms = parseDuration(text);
  const at = ms === undefined ? parseTimestamp(text) : now + ms;
  if (at === undefined) {
    return ["INVALID_TIME", "Expected a time such as 2026-01-02T03:04:05Z, or a duration such as 2h"];
  }
  if (at < now) return ["INVALID_TIME", "This time has passed"];
  return at - now <= MAX_SCHEDULE_AHEAD_MS ? at : ["INVALID_TIME", "The time is more than a year ahead"];
}

/** Calls `add` with the first time of a cron expression; it is evaluated beside the turn. */
function scheduleRepeated(
  context: HubContext,
  { scheduledMessages }: Services,
  session: Session,
  draft: MessageDraft,
  { every = "", zone }: ScheduleTags,
  add: (dueAt: number) => void,
): void {
  const { now } = context;
  let found: number | undefined;
  context.suspend(session, {
    kind: "evaluate",
    session,
    async run() {
      await scheduledMessages.loadCron();
      found = scheduledMessages.findNextTime(every, zone, now);
    },
    done(trouble) {
      if (trouble !== undefined) {
        const text = "Expected a cron expression: minute hour day month weekday, such as 0 9 * * 1-5";
        return refuse(context, session, draft, "INVALID_TIME", text);
      }
      if (found === undefined || found - now > MAX_SCHEDULE_AHEAD_MS) {
        return refuse(context, session, draft, "INVALID_TIME", "The expression names no time within a year");
      }
      add(found);
    },
  });
}

/** True for a message that was scheduled, or said, under this id before; the client has been answered. */
function answerRepeated(
  context: HubContext,
  services: Services,
  session: Session,
  { owner }: Account,
  name: string,
  draft: MessageDraft,
): boolean {
  const isSame = (verb: string, target: string, text: string) =>
    verb === draft.verb && text === draft.text && casefold(target) === casefold(name);
  const inUse = (about: string) =>
    context.fail(
      session,
      draft.verb,
      "ID_IN_USE",
      [draft.id!, about],
      "The id is already used for another message",
    );
  for (const each of services.scheduledMessages.of(owner)) {
    if (each.senderId !== draft.id) continue;
    if (isSame(each.verb, each.target, each.text)) sendScheduled(context, session, each);
    else inUse(each.id);
    return true;
  }
  const said = services.history.findBySenderId(owner, draft.id!);
  if (said === undefined) return false;
  const { event } = said;
  if (!isSame(event.verb, event.target.name, event.text)) inUse("*");
  else if (session.caps.has(CAP.echoMessage)) sendEvent(context, session, event, said);
  return true;
}

/** Adds a message, and tells the client once it is on disk. */
function addAndAnswer(
  context: HubContext,
  { scheduledMessages }: Services,
  session: Session,
  wish: Parameters<typeof scheduledMessages.add>[0],
): void {
  const message = scheduledMessages.add(wish);
  context.suspend(session, {
    kind: "save",
    session,
    done(trouble) {
      if (trouble !== undefined) {
        const present = scheduledMessages.get(message.id);
        if (present !== undefined) scheduledMessages.delete(present);
        const text = "The message could not be saved, and will not be said";
        return context.fail(session, message.verb, "TEMPORARILY_UNAVAILABLE", [], text);
      }
      sendScheduled(context, session, message);
    },
  });
}

function sendScheduled(
  context: HubContext,
  session: Session,
  { id, verb, target, dueAt, every }: ScheduledMessage,
): void {
  const time = formatTimestamp(dueAt);
  const words = every === "" ? `It will be said at ${time}` : `It will be said at ${time} first`;
  context.send(
    session,
    `:${context.config.serverName} NOTE ${verb} ${SCHEDULED_CODE} ${id} ${time} ${target} :${words}`,
  );
}
