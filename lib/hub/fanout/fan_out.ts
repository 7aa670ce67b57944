/**
 * Fan-out: sends an event to the sessions that receive it, each in its form: to single sessions, to a channel as a
 * whole, or to all channels of a user.
 */
import { CAP, FORM, FORM_CAPS, formOf } from "../../irc/capabilities.ts";
import type { Form } from "../../irc/capabilities.ts";
import type { Cap } from "../../irc/cap_set.ts";
import { isMultiline } from "../../irc/multiline.ts";
import { RPL_MONOFFLINE, RPL_MONONLINE } from "../../irc/numerics.ts";
import { nickOf } from "../model/identifiers.ts";
import type {
  MessageEvent,
  RecordedEvent,
  RenderableEvent,
  RoutedChannelTarget,
  RoutedDirectTarget,
} from "../model/state/event.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { HubContext, Services } from "../context.ts";
import { renderMultiline, supportsMultiline } from "../output/multiline.ts";
import { channelObservers, directConversationObservers } from "./observers.ts";
import { canRead } from "../policy/channel_access.ts";
import type { Channel, Session, User } from "../model/state/entities.ts";
import { RenderCache } from "./render_cache.ts";
import { render, renderServerTags } from "../output/render.ts";

/**
 * Sends a message to a channel. A channel without members has no audience, but may have a history to which the
 * message is added.
 */
export function fanOutChannelMessage(
  context: HubContext,
  services: Services,
  event: MessageEvent,
  { name, channel, conversation }: RoutedChannelTarget,
  place: RecordPlace,
  origin: Session | undefined,
): void {
  if (channel === undefined) {
    for (const session of channelObservers(context.state, name)) {
      if (canRead(context, session, conversation, undefined)) {
        sendEvent(context, session, event, place);
      }
    }
  }
  const echo = origin !== undefined && origin.caps.has(CAP.echoMessage);
  // A sender in the channel that has echo-message and sent no label gets the same line as the others.
  const shared = echo && channel !== undefined && origin.channels.has(channel) &&
    !context.isCollectingResponse(origin);
  if (channel !== undefined) {
    const line = (form: number) =>
      isRenderedIn(event, form) ? render(event, place, form, context.config.logId) : "";
    services.outbox.channel(channel, line, shared ? undefined : origin);
  }
  if (echo && !shared) sendEvent(context, origin, event, place);
}

/**
 * Sends a direct message to all sessions of both users, once to each. The sender's sessions get it only with
 * echo-message, because otherwise they cannot recognize it as their own. A message to oneself arrives twice, and a
 * label is on the echo alone (labeled-response, "Tags").
 */
export function fanOutDirectMessage(
  context: HubContext,
  services: Services,
  event: MessageEvent,
  target: RoutedDirectTarget,
  place: RecordPlace,
  origin: Session | undefined,
): void {
  const { receiver } = target;
  const sender = origin?.user ?? context.state.user(nickOf(event.source));
  for (const session of receiver?.sessions ?? []) {
    sendToReceiver(context, services, session, event, place, origin);
  }
  const elsewhere = (receiver?.sessions.length ?? 0) === 0
    ? services.accounts.byOwner(target.owner)?.users
    : undefined;
  for (const { sessions } of elsewhere ?? []) {
    for (const session of sessions) sendToReceiver(context, services, session, event, place, origin);
  }
  if (context.state.observersByOwner.size > 0) {
    for (const session of new Set(directConversationObservers(context, event.source, event.from, target))) {
      sendEvent(context, session, event, place);
    }
  }
  for (const session of sender?.sessions ?? []) {
    const echo = session === origin || sender !== receiver && !elsewhere?.includes(sender!);
    if (echo && session.caps.has(CAP.echoMessage)) sendEvent(context, session, event, place);
  }
}

/** Sends the received copy; that of a message to oneself has no label, which is on the echo. */
function sendToReceiver(
  context: HubContext,
  services: Services,
  session: Session,
  event: MessageEvent,
  place: RecordPlace,
  origin: Session | undefined,
): void {
  if (session !== origin) return sendEvent(context, session, event, place);
  for (const line of renderMessage(context, session, event, place)) services.outbox.line(session, line);
}

/**
 * Whether `form` can show `event`. TAGMSG is for clients with message-tags ("MUST NOT be delivered to clients that
 * haven't negotiated").
 */
function isRenderedIn(event: RenderableEvent, form: number): boolean {
  return event.kind !== "message" || event.verb !== "TAGMSG" || (form & FORM.messageTags) !== 0;
}

export function sendEvent(
  context: HubContext,
  session: Session,
  event: RenderableEvent,
  place: RecordPlace,
): void {
  if (event.kind === "message" && isMultiline(event.text)) {
    const lines = renderMessage(context, session, event, place);
    if (supportsMultiline(session.caps)) return context.sendBatch(session, lines);
    for (const line of lines) context.send(session, line);
    return;
  }
  const form = formOf(session.caps);
  if (isRenderedIn(event, form)) context.send(session, render(event, place, form, context.config.logId));
}

/** Sends an event to the user's own sessions. */
export function sendEventToUser(
  context: HubContext,
  user: User,
  event: RecordedEvent,
  place: RecordPlace,
): void {
  for (const session of user.sessions) sendEvent(context, session, event, place);
}

function renderMessage(
  context: HubContext,
  { caps }: Session,
  event: MessageEvent,
  place: RecordPlace,
): string[] {
  return isMultiline(event.text)
    ? renderMultiline(event, place, caps, context.config, context.nextBatchRef())
    : [render(event, place, formOf(caps), context.config.logId)];
}

/** Sends an event other than a message to the audience of `channel`. */
export function fanOutToChannel(
  context: HubContext,
  services: Services,
  channel: Channel | undefined,
  event: RecordedEvent,
  place: RecordPlace,
): void {
  if (channel === undefined) return;
  const held = context.origin !== undefined && context.isCollectingResponse(context.origin) &&
      context.origin.channels.has(channel)
    ? context.origin
    : undefined;
  services.outbox.channel(channel, (form) => render(event, place, form, context.config.logId), held);
  if (held !== undefined) sendEvent(context, held, event, place);
}

/** Sends an event to the audience of `channel` except the sessions of `user`. */
export function fanOutToOthers(
  context: HubContext,
  services: Services,
  channel: Channel,
  user: User,
  event: RecordedEvent,
  place: RecordPlace,
): void {
  const { origin } = context;
  const [own, ...more] = user.sessions;
  if (
    more.length === 0 && (origin === undefined || origin === own || !context.isCollectingResponse(origin))
  ) {
    return services.outbox.channel(channel, (form) => render(event, place, form, context.config.logId), own);
  }
  for (const session of channel.audience) {
    if (session.user !== user) sendEvent(context, session, event, place);
  }
}

/**
 * Sends an event to the audiences of `channels`, once to each session: to the largest channel as a whole, to the
 * others session by session.
 */
export function fanOutToChannels(
  context: HubContext,
  services: Services,
  channels: readonly Channel[],
  event: RecordedEvent,
  place: RecordPlace,
): void {
  const [largest, ...others] = channels.toSorted((a, b) => b.audience.length - a.audience.length);
  if (largest === undefined) return;
  fanOutToChannel(context, services, largest, event, place);
  if (others.length === 0) return;
  const reach = new FanOutOnce();
  for (const session of largest.audience) reach.isFirst(session);
  const versions = new RenderCache(
    context,
    services,
    FORM_CAPS,
    (caps) => [render(event, place, formOf(caps), context.config.logId)],
  );
  for (const channel of others) {
    for (const session of channel.audience) if (reach.isFirst(session)) versions.send(session);
  }
}

let fanOutCount = 0;

/**
 * Marks the sessions that one event has reached. An event may go to a hundred channels with thousands of members,
 * so each session stores a number instead of being added to a set. Only one instance is in use at a time.
 */
export class FanOutOnce {
  readonly #nth = ++fanOutCount;

  /** Whether this is the first call for `session`. */
  isFirst({ pendingOutput }: Session): boolean {
    if (pendingOutput.lastFanOutId === this.#nth) return false;
    pendingOutput.lastFanOutId = this.#nth;
    return true;
  }
}

/**
 * Sends `line`, with `user` as its source, to every session with `cap` that shares one of `channels` with `user`,
 * once to each.
 */
export function fanOutToPeers(
  context: HubContext,
  services: Services,
  user: User,
  channels: Iterable<Channel>,
  cap: Cap,
  line: string,
  account?: string,
  watchers: Iterable<Session> = [],
): void {
  const reach = new FanOutOnce();
  const versions = new RenderCache(
    context,
    services,
    FORM_CAPS,
    (caps) => [withServerTags(context, formOf(caps), user, line, account)],
  );
  const tell = (session: Session, isWatcher: boolean) => {
    if (!session.caps.has(cap) || isWatcher && !session.caps.has(CAP.extendedMonitor)) return;
    if (session.user === user || !reach.isFirst(session)) return;
    versions.send(session);
  };
  for (const channel of channels) for (const session of channel.audience) tell(session, false);
  for (const session of watchers) tell(session, true);
}

/**
 * Sends `line` to those peers, and to sessions with extended-monitor that monitor the nick of `user`
 * (https://ircv3.net/specs/extensions/extended-monitor).
 */
export function fanOutToPeersAndWatchers(
  context: HubContext,
  services: Services,
  user: User,
  cap: Cap,
  line: string,
  account?: string,
): void {
  fanOutToPeers(
    context,
    services,
    user,
    user.announcedChannels,
    cap,
    line,
    account,
    services.monitors.watchersOf(user.folded),
  );
}

/** Notifies the sessions that monitor the nick (MONITOR) that `user` now has it. */
export function notifyOnline(context: HubContext, services: Services, { folded, source }: User): void {
  for (const session of services.monitors.watchersOf(folded)) {
    context.numeric(session, RPL_MONONLINE, source);
  }
}

/** Notifies the sessions that monitor `nick` (MONITOR) that no user has it any more. */
export function notifyOffline(context: HubContext, services: Services, folded: string, nick: string): void {
  for (const session of services.monitors.watchersOf(folded)) {
    context.numeric(session, RPL_MONOFFLINE, nick);
  }
}

/**
 * Sends `line`, which has `user` as its source and is not recorded, with the tags that `session` can see.
 * `account`: the account that the line is attributed to, if it is not the user's current one.
 */
export function sendFrom(
  context: HubContext,
  session: Session,
  user: User,
  line: string,
  account?: string,
): void {
  context.send(session, withServerTags(context, formOf(session.caps), user, line, account));
}

function withServerTags(
  context: HubContext,
  form: Form,
  user: User,
  line: string,
  account = user.account?.name ?? "",
): string {
  const place = { seq: 0, time: context.now, account, bot: context.state.bots.has(user) };
  const tags = renderServerTags(place, form, context.config.logId);
  return tags === "" ? line : `@${tags} ${line}`;
}
