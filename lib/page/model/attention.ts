/** What is unread. Pure. */
import type { RoomList } from "./room_list.ts";

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
