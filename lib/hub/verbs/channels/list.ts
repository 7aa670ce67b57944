/** LIST (modern, "LIST message") with the conditions of ISUPPORT ELIST. */
import { MINUTE_MS } from "../../../base/values/time_unit.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { MAXTARGETS } from "../../../irc/limits.ts";
import { compileMask, MASK_BOUNDS_TEXT } from "../../../irc/names/mask.ts";
import type { Mask } from "../../../irc/names/mask.ts";
import type { Message } from "../../../irc/message.ts";
import { ERR_BADMASK, RPL_LIST, RPL_LISTSTART, RPL_TRYAGAIN } from "../../../irc/numerics.ts";
import { QUERY_MAX_ROWS } from "../../model/config.ts";
import { visibleChannel } from "../../policy/visibility.ts";
import type { HubContext, Services } from "../../context.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import type { Channel, Session } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { endOfList } from "../../fanout/replies.ts";

type ListCondition = (channel: Channel, context: HubContext, services: Services) => boolean;

/** A parsed query: a channel must match one of the names or masks, if there are any, and all of the conditions. */
interface ListQuery {
  readonly names: string[];
  readonly masks: Mask[];
  readonly conditions: ListCondition[];
}

/** Parses `words`; a mask beyond the bounds is passed to `refuse`. */
function parseListQuery(words: readonly string[], refuse: (word: string) => void): ListQuery {
  const wish: ListQuery = { names: [], masks: [], conditions: [] };
  for (const word of words) {
    const not = word.startsWith("!");
    const condition = not ? undefined : parseCondition(word);
    if (condition !== undefined) wish.conditions.push(condition);
    else if (not || /[*?]/.test(word)) {
      const mask = compileMask(not ? word.slice(1) : word);
      if (mask === undefined) refuse(word);
      else if (not) wish.conditions.push((channel) => !mask.matches(channel.folded));
      else wish.masks.push(mask);
    } else wish.names.push(word);
  }
  return wish;
}

/** The condition that `word` states; undefined if it is a name or a mask. */
function parseCondition(word: string): ListCondition | undefined {
  const [, what = "", sign, digits] = /^([CT]?)([<>])(\d{1,9})$/i.exec(word) ?? [];
  if (sign === undefined) return undefined;
  const value = Number(digits);
  const holds = (number: number) => sign === "<" ? number < value : number > value;
  switch (what.toUpperCase()) {
    case "C":
      return (channel, hub) => holds((hub.now - channel.createdAt) / MINUTE_MS);
    case "T":
      return ({ conversation }, hub) =>
        conversation.topic !== "" && holds((hub.now - conversation.topicAt) / MINUTE_MS);
    default:
      return (channel) => holds(channel.members.size);
  }
}

/** Lists the visible channels that have members or are permanent: all of them, or those that the query selects. */
function list(context: HubContext, services: Services, session: Session, message: Message): void {
  context.numeric(session, RPL_LISTSTART, "Channel", "Users  Name");
  const words = message.params.slice(0, 2).flatMap((param) => param.split(",")).filter((word) => word !== "");
  const asked = words.slice(0, MAXTARGETS);
  const refused: string[] = [];
  const wish = parseListQuery(asked, (word) => refused.push(word));
  for (const word of refused) {
    context.numeric(session, ERR_BADMASK, word, MASK_BOUNDS_TEXT);
  }
  // If every word was refused, the query is empty and would list all channels.
  if (refused.length > 0 && refused.length === asked.length) {
    endOfList(context, session);
  } else context.runInSteps(sendChannelList(context, services, session, wish));
}

/**
 * Scans the channels in steps, over several turns if there are many. A channel that is created or removed during the
 * scan may be listed or not; one that is renamed is not listed twice.
 */
function* sendChannelList(
  context: HubContext,
  services: Services,
  session: Session,
  wish: ListQuery,
): WorkSteps {
  const { names, masks, conditions } = wish;
  const named = new Set(names.map(casefold));
  const asked = (channel: Channel) =>
    masks.length === 0 || named.has(channel.folded) || masks.some((mask) => mask.matches(channel.folded));
  const effort = 1 + 2 * (masks.length + conditions.length);
  const told = new Set<Channel>();
  for (const channel of candidateChannels(context, wish)) {
    if (session.closeReason !== undefined) return;
    const listed = !told.has(channel) && (channel.members.size > 0 || channel.isPermanent) &&
      asked(channel) &&
      visibleChannel(session, channel) &&
      conditions.every((holds) => holds(channel, context, services));
    if (listed && told.size === QUERY_MAX_ROWS) {
      context.numeric(
        session,
        RPL_TRYAGAIN,
        "LIST",
        `Truncated after ${QUERY_MAX_ROWS} rows; list rooms by name`,
      );
      break;
    }
    if (listed) {
      told.add(channel);
      context.numeric(
        session,
        RPL_LIST,
        channel.name,
        channel.members.size,
        channel.conversation.topic,
      );
    }
    yield effort;
  }
  endOfList(context, session);
}

function candidateChannels({ state }: HubContext, { names, masks }: ListQuery): Iterable<Channel> {
  return masks.length > 0 || names.length === 0
    ? state.channels.values()
    : new Set(names.flatMap((name) => state.channel(name) ?? []));
}

export const LIST_VERBS: VerbTable = {
  LIST: { min: 0, who: "session", run: list },
};
