/**
 * Fan-out of events that not all sessions receive, or not in the same way: it depends on their capabilities or on
 * their privileges.
 */
import { CAP, FORM_CAPS, formOf } from "../../irc/capabilities.ts";
import type {
  ChannelTarget,
  EventOf,
  MessageEvent,
  RoutedChannelTarget,
  RoutedRankTarget,
} from "../model/state/event.ts";
import type { OwnerId, RecordPlace } from "../model/identifiers.ts";
import type { HubContext, Services } from "../context.ts";
import { MULTILINE_MASK, renderMultiline } from "../output/multiline.ts";
import { channelObservers, directConversationObservers } from "./observers.ts";
import { canRead } from "../policy/channel_access.ts";
import type { WorkSteps } from "../model/work_steps.ts";
import { namesUnits, sendChannelState } from "./channel_replies.ts";
import { OPERATOR, VOICE } from "../model/channel_modes.ts";
import type { Channel, Session } from "../model/state/entities.ts";
import { sendEvent } from "./fan_out.ts";
import { RenderCache } from "./render_cache.ts";
import { render } from "../output/render.ts";

type RedactEvent = EventOf<"redact">;
type RenameEvent = EventOf<"rename">;

/** Sends a message of several lines to a channel. */
export function fanOutMultiline(
  context: HubContext,
  services: Services,
  event: MessageEvent,
  target: RoutedChannelTarget,
  place: RecordPlace,
  origin: Session | undefined,
): void {
  const ref = context.nextBatchRef();
  const versions = new RenderCache(
    context,
    services,
    MULTILINE_MASK,
    (caps) => renderMultiline(event, place, caps, context.config, ref),
  );
  for (const session of messageReceivers(context, target, origin)) {
    if (context.isCollectingResponse(session)) sendEvent(context, session, event, place);
    else versions.send(session);
  }
}

/** The sessions that receive a channel message; the sending session only with echo-message. */
function* messageReceivers(
  context: HubContext,
  { name, channel, conversation }: RoutedChannelTarget,
  origin: Session | undefined,
): Iterable<Session> {
  for (const session of channel?.audience ?? channelObservers(context.state, name)) {
    if (session === origin) continue;
    if (channel !== undefined || canRead(context, session, conversation, undefined)) {
      yield session;
    }
  }
  if (origin !== undefined && origin.caps.has(CAP.echoMessage)) yield origin;
}

/** Sends a message to the operators of a channel, or to those with operator or voice (STATUSMSG). */
export function fanOutStatusMessage(
  context: HubContext,
  event: MessageEvent,
  { prefix, channel }: RoutedRankTarget,
  place: RecordPlace,
  origin: Session | undefined,
): void {
  const meant = prefix === "@" ? OPERATOR : OPERATOR | VOICE;
  for (const [user, bits] of channel?.members ?? []) {
    if (!(bits & meant)) continue;
    for (const session of user.sessions) if (session !== origin) sendEvent(context, session, event, place);
  }
  if (origin !== undefined && origin.caps.has(CAP.echoMessage)) sendEvent(context, origin, event, place);
}

/** Sends a redaction to the sessions with the capability for it. */
export function fanOutRedaction(
  context: HubContext,
  services: Services,
  event: RedactEvent,
  place: RecordPlace,
  origin: Session | undefined,
): void {
  const versions = new RenderCache(
    context,
    services,
    FORM_CAPS.with(CAP.redaction),
    (caps) => caps.has(CAP.redaction) ? [render(event, place, formOf(caps), context.config.logId)] : [],
  );
  const { source, from, target } = event;
  const hearers = target.kind === "channel"
    ? messageReceivers(context, routeToChannel(context, services, target), origin)
    : new Set([
      ...conversationSessions(context, from, target.owner),
      ...directConversationObservers(context, source, from, target),
    ]);
  for (const session of hearers) versions.send(session);
}

function routeToChannel(context: HubContext, services: Services, target: ChannelTarget): RoutedChannelTarget {
  const channel = context.state.channel(target.name);
  return { ...target, channel, conversation: channel?.conversation ?? services.history.channel(target.name) };
}

/**
 * The sessions of both owners of a direct message, by whatever nicks they have now; the sending session only with
 * echo-message.
 */
function* conversationSessions(context: HubContext, from: OwnerId, to: OwnerId): Iterable<Session> {
  for (const { owner, sessions } of context.state.users.values()) {
    if (owner !== to && owner !== from) continue;
    for (const session of sessions) if (owner === to || session.caps.has(CAP.echoMessage)) yield session;
  }
}

/**
 * Announces that `channel` has a new name. Clients without channel-rename see themselves leave and join again,
 * unless only the case of letters has changed as they compare it, in ASCII (channel-rename, "Fallback").
 */
export function fanOutChannelRename(
  context: HubContext,
  services: Services,
  channel: Channel,
  event: RenameEvent,
  place: RecordPlace,
): void {
  const sameToThem = foldAscii(event.channel) === foldAscii(event.to);
  const anew: Session[] = [];
  for (const session of [...channel.audience]) {
    if (session.caps.has(CAP.channelRename)) sendEvent(context, session, event, place);
    else if (session.user !== undefined && !sameToThem) {
      sendPartAndJoin(context, session, channel, event, place);
      anew.push(session);
    }
  }
  context.runInSteps(sendChannelStates(context, services, channel, anew));
}

function* sendChannelStates(
  context: HubContext,
  services: Services,
  channel: Channel,
  sessions: readonly Session[],
): WorkSteps {
  for (const session of sessions) {
    if (session.channels.has(channel)) sendChannelState(context, services, session, channel);
    yield namesUnits(context, channel);
  }
}

function sendPartAndJoin(
  context: HubContext,
  session: Session,
  channel: Channel,
  { channel: old, reason }: RenameEvent,
  { time }: RecordPlace,
): void {
  const { source, realname, account } = session.user!;
  const place = { seq: 0, time, account: account?.name ?? "" };
  sendEvent(context, session, { kind: "part", source, channel: old, reason }, place);
  sendEvent(context, session, { kind: "join", source, channel: channel.name, realname }, place);
}

/** ISUPPORT CASEMAPPING=ascii. */
function foldAscii(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
