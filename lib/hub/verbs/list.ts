/** LIST (modern, "LIST message") with the conditions of ISUPPORT ELIST. */
import { casefold } from "../../irc/casemap.ts";
import { MAXTARGETS } from "../../irc/limits.ts";
import { maskMatches } from "../../irc/mask.ts";
import type { Message } from "../../irc/message.ts";
import { RPL_LIST, RPL_LISTEND, RPL_LISTSTART, RPL_TRYAGAIN } from "../../irc/numerics.ts";
import { QUERY_MAX_ROWS } from "../config.ts";
import { seen } from "../findable.ts";
import type { Hub } from "../hub.ts";
import type { Room, Session } from "../state.ts";
import type { VerbTable } from "../verb.ts";

const MINUTE_MS = 60_000;

/**
 * ISUPPORT ELIST, by the letters of modern: `C<9` made less than 9 minutes ago, `C>9` more; `*tea*` a mask; `!*tea*` none; `T<9`
 * topic set less than 9 minutes ago, `T>9` more; `<9` fewer members than 9, `>9` more.
 */
export const ELIST = "CMNTU";

type Condition = (room: Room, hub: Hub) => boolean;

/** What is asked for: one of the names or masks, where there are any, and all of the conditions. */
interface Wish {
  readonly names: string[];
  readonly masks: string[];
  readonly conditions: Condition[];
}

function wishOf(words: readonly string[]): Wish {
  const wish: Wish = { names: [], masks: [], conditions: [] };
  for (const word of words) {
    const condition = conditionOf(word);
    if (condition !== undefined) wish.conditions.push(condition);
    else if (/[*?]/.test(word)) wish.masks.push(casefold(word));
    else wish.names.push(word);
  }
  return wish;
}

/** Undefined: `word` is a name or a mask. */
function conditionOf(word: string): Condition | undefined {
  if (word.startsWith("!")) {
    const mask = casefold(word.slice(1));
    return (room) => !maskMatches(mask, room.folded);
  }
  const [, what = "", sign, digits] = /^([CT]?)([<>])(\d{1,9})$/i.exec(word) ?? [];
  if (sign === undefined) return undefined;
  const value = Number(digits);
  const holds = (number: number) => sign === "<" ? number < value : number > value;
  switch (what.toUpperCase()) {
    case "C":
      return (room, hub) => holds((hub.now - room.createdAt) / MINUTE_MS);
    case "T":
      return ({ target }, hub) => target.topic !== "" && holds((hub.now - target.topicAt) / MINUTE_MS);
    default:
      return (room) => holds(room.members.size);
  }
}

/** All rooms that one may know of and that somebody is in, or those that are wished for. */
function list(hub: Hub, session: Session, message: Message): void {
  hub.numeric(session, RPL_LISTSTART, "Channel :Users  Name");
  const words = message.params.slice(0, 2).flatMap((param) => param.split(",")).filter((word) => word !== "");
  const wish = wishOf(words.slice(0, MAXTARGETS));
  let rows = 0;
  for (const room of candidates(hub, wish)) {
    if (room.members.size === 0 && !room.permanent || !seen(session, room)) continue;
    if (!wish.conditions.every((holds) => holds(room, hub))) continue;
    if (rows++ === QUERY_MAX_ROWS) {
      hub.numeric(session, RPL_TRYAGAIN, `LIST :Cut after ${QUERY_MAX_ROWS} rows; ask for rooms by name`);
      break;
    }
    hub.numeric(session, RPL_LIST, `${room.name} ${room.members.size} :${room.target.topic}`);
  }
  hub.numeric(session, RPL_LISTEND, ":End of /LIST");
}

function candidates({ state }: Hub, { names, masks }: Wish): Iterable<Room> {
  if (masks.length === 0) {
    return names.length === 0
      ? state.rooms.values()
      : new Set(names.flatMap((name) => state.room(name) ?? []));
  }
  const named = new Set(names.map(casefold));
  return state.rooms.values().filter(({ folded }) =>
    named.has(folded) || masks.some((mask) => maskMatches(mask, folded))
  );
}

export const LIST_VERBS: VerbTable = {
  LIST: { min: 0, who: "session", run: list },
};
