/** What a channel looks like to a session: its topic and its names. */
import { CAP } from "../../irc/capabilities.ts";
import { utf8Length } from "../../base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES, NICKLEN } from "../../irc/limits.ts";
import { RPL_NAMREPLY, RPL_TOPIC, RPL_TOPICWHOTIME } from "../../irc/numerics.ts";
import { nickOf } from "../model/identifiers.ts";
import { isVisible } from "../policy/visibility.ts";
import { canSee } from "../policy/channel_access.ts";
import { sendMarker } from "./history/read_marker_updates.ts";
import { sendChannelMetadata } from "./metadata_replies.ts";
import type { HubContext, Services } from "../context.ts";
import type { WorkSteps } from "../model/work_steps.ts";
import { OPERATOR, UNANNOUNCED, VOICE } from "../model/channel_modes.ts";
import type { Channel, Session, User } from "../model/state/entities.ts";
import { joinToLines } from "../output/line_limits.ts";
import { frameWords } from "../output/framed_params.ts";
import { endOfNames } from "./replies.ts";

/** How a name looks in NAMES: bits of an index of `Channel.names`. */
const MULTI_PREFIX = 1;
/** https://ircv3.net/specs/extensions/userhost-in-names */
const USERHOST = 2;

/** Names that are told in about the time of one line. */
const NAMES_PER_UNIT = 5;
/** So many times as long it takes where it has to be found out for each member whether it may be found. */
const FILTERED_EFFORT = 5;

/** What follows a JOIN: topic and names (modern, "JOIN message"). */
export function sendChannelState(
  context: HubContext,
  services: Services,
  session: Session,
  channel: Channel,
): void {
  if (channel.conversation.topic !== "") sendTopic(context, session, channel);
  // read-marker: "The command MUST be sent before the `RPL_ENDOFNAMES` reply".
  if (session.caps.has(CAP.readMarker) && session.user !== undefined) {
    sendMarker(context, services, session, session.user, channel.name);
  }
  if (!session.caps.has(CAP.noImplicitNames)) sendNames(context, session, channel);
  sendChannelMetadata(context, services, session, channel);
}

export function sendTopic(context: HubContext, session: Session, channel: Channel): void {
  const { topic, topicBy, topicAt } = channel.conversation;
  context.numeric(session, RPL_TOPIC, channel.name, topic);
  context.numericFramed(
    session,
    RPL_TOPICWHOTIME,
    frameWords(channel.name, nickOf(topicBy), Math.floor(topicAt / 1000)),
  );
}

/**
 * 353 lines and 366. In a large channel these are the members that others have been told of: a client keeps who is named here
 * until it hears of them leaving, which it will not of the others. What is more than a piece comes later.
 */
export function sendNames(context: HubContext, session: Session, channel: Channel): void {
  const steps = sendNamesInSteps(context, session, channel);
  if (channel.members.size > context.unitsPerTurn) context.runInSteps(steps);
  else while (!steps.next().done);
}

/** Units (work_steps.ts) of telling the names of `channel`, if it is done at once. */
export function namesUnits(context: HubContext, channel: Channel): number {
  return 1 + Math.min(channel.members.size, context.unitsPerTurn) / NAMES_PER_UNIT;
}

function* sendNamesInSteps(context: HubContext, session: Session, channel: Channel): WorkSteps {
  const style = (hasMultiPrefix(session) ? MULTI_PREFIX : 0) |
    (session.caps.has(CAP.userhostInNames) ? USERHOST : 0);
  const say = (names: string) => {
    const visibility = channel.conversation.settings?.hasFlag("s") ? "@" : "=";
    context.numeric(session, RPL_NAMREPLY, visibility, channel.name, names);
  };
  const { user } = session;
  const inside = user !== undefined && channel.members.has(user);
  const all = inside || context.state.invisible.size === 0;
  const { namesReplies: cache } = channel;
  const known = all ? cache[style] : undefined;
  const told: string[] = [];
  for (
    const lines of known === undefined
      ? collectNames(context, channel, style, all ? undefined : session)
      : [known]
  ) {
    if (session.closeReason !== undefined) return;
    if (!canSee(session, channel.conversation, channel)) break; // not any more
    for (const names of lines) say(names);
    if (known === undefined) told.push(...lines);
    yield Math.ceil(context.unitsPerTurn / NAMES_PER_UNIT) * (all ? 1 : FILTERED_EFFORT);
  }
  if (all) cache[style] ??= told; // the channel has another cache if anything has changed meanwhile
  if (user !== undefined && (channel.members.get(user) ?? 0) & UNANNOUNCED) {
    say(formatName(user, channel.members.get(user)!, style));
  }
  endOfNames(context, session, channel.name);
}

/**
 * The names that others see, and that `asker`, where given, may find: as many to a line as fit. Each time so many
 * members are looked at as fit a piece; those that have gone by then are not in it, those that have come meanwhile are.
 */
function* collectNames(
  context: HubContext,
  channel: Channel,
  style: number,
  asker: Session | undefined,
): Iterable<string[]> {
  const linesOf = (names: string[]) => {
    const head = `:${context.config.serverName} ${RPL_NAMREPLY}  = ${channel.name} :`;
    return joinToLines(names, " ", MAX_LINE_BYTES - CRLF_BYTES - utf8Length(head) - NICKLEN);
  };
  let names: string[] = [];
  let looked = 0;
  for (const [user, bits] of channel.members) {
    if (looked++ === context.unitsPerTurn) {
      yield linesOf(names);
      [names, looked] = [[], 1];
    }
    if (!(bits & UNANNOUNCED) && (asker === undefined || isVisible(context, asker, user))) {
      names.push(formatName(user, bits, style));
    }
  }
  yield linesOf(names);
}

function formatName(user: User, bits: number, style: number): string {
  return membershipPrefix(bits, (style & MULTI_PREFIX) !== 0) + (style & USERHOST ? user.source : user.nick);
}

/** `@`, `+`, both where multi-prefix was asked for, or nothing. */
export function membershipPrefix(bits: number, multiPrefix: boolean): string {
  if (bits & OPERATOR) return bits & VOICE && multiPrefix ? "@+" : "@";
  return bits & VOICE ? "+" : "";
}

export function hasMultiPrefix(session: Session): boolean {
  return session.caps.has(CAP.multiPrefix);
}
