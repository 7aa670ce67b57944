/**
 * Says scheduled messages when they are due. A message has an id that stands for one time of it, and the change of its
 * fact follows from its record: after a crash it is found by the id in the log, or it is not in the log and is said then.
 */
import { casefold } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { MINUTE_MS } from "../../../base/values/time_unit.ts";
import { formatZonedTime } from "../../../base/values/zoned_time.ts";
import { LINE_END } from "../../../irc/multiline.ts";
import { splitText } from "../../../irc/text_splitter.ts";
import type { HubContext, Services } from "../../context.ts";
import { markLate } from "../../model/late_mark.ts";
import type { ScheduledMessage } from "../../model/scheduled_message.ts";
import type { Account, User } from "../../model/state/entities.ts";
import type { MessageEvent, RoutedChannelTarget, RoutedDirectTarget } from "../../model/state/event.ts";
import { scheduledRefusal } from "../../policy/channel_access.ts";
import type { BanIdentity } from "../../policy/identities.ts";
import { banText } from "../../services/bans.ts";
import { MAX_REFUSALS } from "../../services/scheduled_messages.ts";
import { findDirectTarget } from "../messaging/message_target.ts";

/** A message that is said longer after its time is marked as late; a tick comes within seconds. */
const LATE_MS = 2 * MINUTE_MS;

/** Source of what the server tells of a message that was not said; its owner id is that of no user. */
const SERVICE_NICK = "ScheduleServ";
const SERVICE_OWNER = "~schedule";

/** Bytes of a line of that: leaves space for the longest server name and nick. */
const NOTICE_LINE_BYTES = 360;

/** Says what is due. */
export function sayDueMessages(context: HubContext, services: Services): void {
  for (const message of services.scheduledMessages.listDue(context.now)) {
    sayDueMessage(context, services, message);
  }
}

function sayDueMessage(context: HubContext, services: Services, message: ScheduledMessage): void {
  const account = services.accounts.byOwner(message.owner);
  if (account === undefined) return services.scheduledMessages.delete(message);
  const { every, zone } = message;
  const next = every === ""
    ? undefined
    : services.scheduledMessages.findNextTime(every, zone, Math.max(context.now, message.dueAt));
  const outcome = say(context, services, account, message);
  if (outcome.kind === "said") return services.scheduledMessages.goOn(message, next, 0, outcome.seq);
  const refusals = message.refusals + 1;
  const later = refusals < MAX_REFUSALS ? next : undefined;
  const seq = notifyOwner(context, services, account, message, outcome.why, later);
  services.scheduledMessages.goOn(message, later, refusals, seq);
}

type SayOutcome = { readonly kind: "said"; readonly seq: number } | {
  readonly kind: "refused";
  readonly why: string;
};

function say(
  context: HubContext,
  services: Services,
  account: Account,
  message: ScheduledMessage,
): SayOutcome {
  const id = freeId(services, message);
  if (id.seq !== undefined) return { kind: "said", seq: id.seq };
  const user = account.users.find(({ folded }) => folded === account.folded) ?? account.users[0];
  const target = findRoutedTarget(context, services, account, user, message);
  if (typeof target === "string") return { kind: "refused", why: target };
  const { verb, tags, owner: from, dueAt, zone } = message;
  const isLate = context.now - dueAt > LATE_MS;
  const text = isLate ? markLate(message.text, dueAt, zone) : message.text;
  const source = user?.source ?? message.source;
  const event = { kind: "message", verb, source, target, text, tags, from, id: id.id } as const;
  const { seq } = context.commitMessage(event);
  if (target.kind === "direct") services.offlineMessages.noteReceived(event, target, seq);
  return { kind: "said", seq };
}

/**
 * The sender id to say `message` under; `seq`: the record that has it already, as after a crash. That of the sender is
 * used unless another message has it meanwhile.
 */
function freeId({ history }: Services, message: ScheduledMessage): { id: string; seq?: number } {
  const { owner, senderId, every, dueAt, text, target } = message;
  const own = `scheduled-${message.id}-${dueAt.toString(36)}`;
  for (const id of every === "" && senderId !== "" ? [senderId, own] : [own]) {
    const found = history.findBySenderId(owner, id);
    if (found === undefined) return { id };
    const { event } = found;
    const isThere = casefold(event.target.name) === casefold(target) ||
      // The room has been renamed since.
      history.channels.get(casefold(target))?.timeline.has(found.seq) === true;
    if (event.id === id && event.text.startsWith(text) && isThere) return { id, seq: found.seq };
  }
  return { id: own };
}

/** Where the message goes; a text: why it may not. */
function findRoutedTarget(
  context: HubContext,
  services: Services,
  account: Account,
  user: User | undefined,
  { target: name, verb, text, source, owner, address }: ScheduledMessage,
): RoutedChannelTarget | RoutedDirectTarget | string {
  const identity: BanIdentity = user ?? {
    account,
    folded: account.folded,
    foldedSource: casefold(source),
    realHost: address,
    banVerdicts: undefined,
  };
  const subject = { folded: identity.folded, account, host: identity.realHost };
  const ban = user?.isServerOperator === true
    ? undefined
    : services.bans.find("ban", subject, context.now) ?? services.bans.find("mute", subject, context.now);
  if (ban !== undefined) return `You are ${ban.kind === "ban" ? "banned" : "muted"} ${banText(ban)}`;
  if (!isChannelName(name)) {
    const draft = { verb, source, from: owner, text, tags: "", id: undefined, waits: true };
    return findDirectTarget(context, services, name, draft) ?? "No such nick";
  }
  const channel = context.state.channel(name);
  const conversation = channel?.conversation ?? services.history.channels.get(casefold(name));
  const refusal = conversation && scheduledRefusal(user ?? identity, conversation, channel);
  if (conversation === undefined || refusal === "hidden") return "No such channel";
  return refusal?.why ?? { kind: "channel", name: channel?.name ?? conversation.name, channel, conversation };
}

/** Tells the account by a direct message, which waits for it, that `message` was not said; returns its record. */
function notifyOwner(
  context: HubContext,
  services: Services,
  { name, owner, users }: Account,
  message: ScheduledMessage,
  why: string,
  next: number | undefined,
): number {
  const { target, dueAt, zone, every, text, id } = message;
  const then = next !== undefined
    ? `; next try: ${formatZonedTime(next, zone)}`
    : every === ""
    ? ""
    : `; it is not repeated any more, having been refused ${MAX_REFUSALS} times`;
  const words = `Message ${id}, due ${
    formatZonedTime(dueAt, zone)
  }, was not sent to ${target}: ${why}${then}. It was:`;
  const routed: RoutedDirectTarget = {
    kind: "direct",
    name,
    owner,
    receiver: users.find(({ nick }) => casefold(nick) === casefold(name)),
  };
  const event: MessageEvent<RoutedDirectTarget> = {
    kind: "message",
    verb: "NOTICE",
    source: `${SERVICE_NICK}!service@${context.config.serverName}`,
    target: routed,
    text: [...splitText(words, NOTICE_LINE_BYTES), ...splitText(text, NOTICE_LINE_BYTES)].join(LINE_END),
    tags: "",
    from: SERVICE_OWNER,
    id: undefined,
  };
  const { seq } = context.commitMessage(event);
  services.offlineMessages.noteReceived(event, routed, seq);
  return seq;
}
