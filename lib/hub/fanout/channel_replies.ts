/** The replies that describe a channel to a session: its topic and its names. */
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

/** Style of a name in NAMES: bits of an index of `Channel.namesReplies`. */
const MULTI_PREFIX = 1;
/** https://ircv3.net/specs/extensions/userhost-in-names */
const USERHOST = 2;

/** Names that cost about as much as one line. */
const NAMES_PER_UNIT = 5;
/** Factor on the cost where the visibility of each member must be checked. */
const FILTERED_EFFORT = 5;

/** Sends what follows a JOIN: topic and names (modern, "JOIN message"). */
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
 * Sends the 353 lines and 366. In a large channel they list only the announced members: a client keeps a listed
 * name until it sees the member leave, which is not sent for unannounced ones. What exceeds one piece is sent in
 * later turns.
 */
export function sendNames(context: HubContext, session: Session, channel: Channel): void {
  const steps = sendNamesInSteps(context, session, channel);
  if (channel.members.size > context.unitsPerTurn) context.runInSteps(steps);
  else while (!steps.next().done);
}

/** Work units (work_steps.ts) of sending the names of `channel` in one piece. */
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
    if (!canSee(session, channel.conversation, channel)) break; // the session has lost access meanwhile
    for (const names of lines) say(names);
    if (known === undefined) told.push(...lines);
    yield Math.ceil(context.unitsPerTurn / NAMES_PER_UNIT) * (all ? 1 : FILTERED_EFFORT);
  }
  if (all) cache[style] ??= told; // a change of the channel meanwhile has replaced its cache
  if (user !== undefined && (channel.members.get(user) ?? 0) & UNANNOUNCED) {
    say(formatName(user, channel.members.get(user)!, style));
  }
  endOfNames(context, session, channel.name);
}

/**
 * The names of the announced members, visible to `asker` where given, packed into as few lines as possible. Each
 * step looks at as many members as fit a piece. Members that leave before their step are missing; members that join
 * meanwhile are included.
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

/** `@`, `+`, both if multi-prefix was negotiated, or nothing. */
export function membershipPrefix(bits: number, multiPrefix: boolean): string {
  if (bits & OPERATOR) return bits & VOICE && multiPrefix ? "@+" : "@";
  return bits & VOICE ? "+" : "";
}

export function hasMultiPrefix(session: Session): boolean {
  return session.caps.has(CAP.multiPrefix);
}
