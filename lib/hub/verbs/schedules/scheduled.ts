/**
 * SCHEDULED (our own; docs/protocol/schedule.md): the messages that one's account has scheduled.
 *
 *     SCHEDULED LIST           SCHEDULED LIST <id> <time> <target> <zone> <expression>|* <lines> :<first line>
 *                              SCHEDULED LIST *
 *     SCHEDULED CANCEL <id>    SCHEDULED CANCEL <id>
 */
import type { Message } from "../../../irc/message.ts";
import { splitMultiline } from "../../../irc/multiline.ts";
import type { HubContext, Services } from "../../context.ts";
import { needMoreParams } from "../../fanout/replies.ts";
import type { ScheduledMessage } from "../../model/scheduled_message.ts";
import type { Account, Session, User } from "../../model/state/entities.ts";
import { formatTimestamp } from "../../output/render.ts";
import { isScheduleId } from "../../services/scheduled_messages.ts";
import type { VerbTable } from "../verb.ts";

function scheduled(
  context: HubContext,
  services: Services,
  session: Session,
  { params: [word = "", id] }: Message,
  { account }: User,
): void {
  if (account === undefined) {
    return failScheduled(context, session, "ACCOUNT_REQUIRED", "You are not logged in to an account");
  }
  switch (word.toUpperCase()) {
    case "LIST":
      return listScheduled(context, services, session, account);
    case "CANCEL":
      if (id === undefined) return needMoreParams(context, session, "SCHEDULED");
      return cancelScheduled(context, services, session, account, id);
    default:
      return failScheduled(context, session, "SUBCOMMAND_INVALID", "Use LIST or CANCEL");
  }
}

function failScheduled(
  context: HubContext,
  session: Session,
  code: string,
  text: string,
  about: readonly string[] = [],
): void {
  context.fail(session, "SCHEDULED", code, about, text);
}

function sendScheduled(context: HubContext, session: Session, words: string): void {
  context.send(session, `:${context.config.serverName} SCHEDULED ${words}`);
}

/** The next one first. */
function listScheduled(context: HubContext, services: Services, session: Session, { owner }: Account): void {
  const all = [...services.scheduledMessages.of(owner)].sort((one, other) => one.dueAt - other.dueAt);
  for (const each of all) sendScheduled(context, session, `LIST ${formatRow(each)}`);
  sendScheduled(context, session, "LIST *");
}

/** The spaces of the expression are written as `_`. */
function formatRow({ id, dueAt, target, zone, every, text }: ScheduledMessage): string {
  const expression = every === "" ? "*" : every.trim().replaceAll(/\s+/g, "_");
  const [first, ...others] = splitMultiline(text);
  return `${id} ${formatTimestamp(dueAt)} ${target} ${zone} ${expression} ${1 + others.length} :${
    first!.text
  }`;
}

function cancelScheduled(
  context: HubContext,
  { scheduledMessages }: Services,
  session: Session,
  { owner }: Account,
  id: string,
): void {
  const found = scheduledMessages.get(id);
  if (found === undefined || found.owner !== owner) {
    const about = isScheduleId(id) ? [id] : [];
    return failScheduled(
      context,
      session,
      "NO_SUCH_MESSAGE",
      "You have no scheduled message with this id",
      about,
    );
  }
  scheduledMessages.delete(found);
  context.suspend(session, {
    kind: "save",
    session,
    done: (trouble) => {
      if (trouble === undefined) return sendScheduled(context, session, `CANCEL ${id}`);
      const text =
        "The message is canceled, but that could not be saved: it may return when the server restarts";
      failScheduled(context, session, "TEMPORARILY_UNAVAILABLE", text, [id]);
    },
  });
}

export const SCHEDULED_VERBS: VerbTable = {
  SCHEDULED: { min: 1, who: "user", run: scheduled },
};
