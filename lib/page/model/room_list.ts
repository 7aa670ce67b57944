/** The list of rooms and direct conversations beside the conversation. Pure. */
import { casefold } from "../../irc/names/casemap.ts";
import type { View } from "../../client/conversation/model/views.ts";

export interface RoomItem {
  /** The folded name: stands for the item in a list that is patched. */
  readonly key: string;
  /** A room with its #, or the nick of the other person. */
  readonly name: string;
  readonly isRoom: boolean;
  readonly unreadCount: number;
  /** Unread messages with our nick; in a direct conversation all of them. */
  readonly mentionCount: number;
  readonly isCurrent: boolean;
  /** False: we have left the room. */
  readonly isJoined: boolean;
  /** There is text in its composer. */
  readonly hasDraft: boolean;
}

export interface RoomList {
  /** By name. */
  readonly rooms: readonly RoomItem[];
  /** That with the latest message first. */
  readonly direct: readonly RoomItem[];
}

/** Unread messages of all conversations. */
export interface UnreadTotals {
  readonly unread: number;
  /** Those that concern the person. */
  readonly mentions: number;
}

export function countUnread({ rooms, direct }: RoomList): UnreadTotals {
  const items = [...rooms, ...direct];
  return {
    unread: items.reduce((sum, { unreadCount }) => sum + unreadCount, 0),
    mentions: items.reduce((sum, { mentionCount }) => sum + mentionCount, 0),
  };
}

/** The list for `views`. `hasDraft`: whether something is typed for a conversation. */
export function makeRoomList(views: readonly View[], hasDraft: (name: string) => boolean): RoomList {
  const rooms = views.filter(({ kind }) => kind === "channel").sort(compareNames);
  const direct = views.filter(({ kind }) => kind === "direct").sort((a, b) =>
    (b.lastActivity ?? 0) - (a.lastActivity ?? 0) || compareNames(a, b)
  );
  const describe = (view: View) => describeView(view, hasDraft(view.name));
  return { rooms: rooms.map(describe), direct: direct.map(describe) };
}

/**
 * The name to open with Alt and an arrow key: the next one below `current` (`step` 1) or above it (-1), around the
 * ends; of those with unread messages only, if `unreadOnly`. Undefined: there is none.
 */
export function stepRoom(
  { rooms, direct }: RoomList,
  step: 1 | -1,
  unreadOnly = false,
): string | undefined {
  const items = [...rooms, ...direct];
  const start = items.findIndex(({ isCurrent }) => isCurrent);
  const origin = start < 0 && step < 0 ? 0 : start;
  for (let count = 1; count <= items.length; count++) {
    const item = items[(origin + step * count + items.length * 2) % items.length]!;
    if (!item.isCurrent && (!unreadOnly || item.unreadCount > 0)) return item.name;
  }
  return undefined;
}

function compareNames(a: View, b: View): number {
  const [one, other] = [casefold(a.name), casefold(b.name)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function describeView(view: View, hasDraft: boolean): RoomItem {
  const { name, kind, unreadCount, mentionCount, isCurrent, isJoined } = view;
  return {
    key: casefold(name),
    name,
    isRoom: kind === "channel",
    unreadCount,
    mentionCount,
    isCurrent,
    isJoined,
    hasDraft,
  };
}
