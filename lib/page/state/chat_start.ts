/** What a chat begins with. */
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { DEFAULT_LOBBY } from "../../irc/vendor_extensions.ts";
import { Chat } from "../../client/conversation/chat.ts";
import type { Registration } from "../../client/session/session_event.ts";
import type { LinkEnd } from "../connection/web_socket_link.ts";
import type { KeptState } from "../storage/kept_state.ts";
import type { TabGroup } from "../storage/tab_group.ts";
import type { LoadActions } from "./late_actions.ts";
import type { PreferenceStore } from "./preference_store.ts";
import { browserTime } from "./time_text.ts";

export interface ChatSessionOptions {
  readonly nick: string;
  /** Of the WebSocket. */
  readonly url: string;
  /** The connection cannot be read on its way. */
  readonly isPrivate: boolean;
  /** What registers as `nick`. */
  readonly register: (nick: string) => Registration;
  /** The server is on this machine. */
  readonly isLoopback: boolean;
  readonly kept: KeptState;
  readonly tabs: TabGroup;
  readonly preferences: PreferenceStore;
  /** The key of the name is kept in this browser. */
  readonly hasKey: boolean;
  readonly loadActions: LoadActions;
  /** The first registration is complete. */
  readonly onEntered: () => void;
  /** The person has logged out in another tab. */
  readonly onLoggedOut: () => void;
  /** There is no connection and no further attempt. */
  readonly onOver: (end: LinkEnd) => void;
}

/** The chat with the conversations that were open last. */
export function makeChat(
  nick: string,
  { rooms: { rooms, current, direct, ignored }, unsent }: KeptState,
): Chat {
  const chat = new Chat({
    nick,
    home: rooms.length === 0 ? DEFAULT_LOBBY : undefined,
    channels: rooms,
    clock: browserTime.clock,
    newId: () => crypto.randomUUID(),
    unsent: unsent.filter(({ failure }) => failure === undefined).map(({ message }) => message),
    ignored,
    isInteractive: true,
    showsOneView: true,
    tracksReceipts: true,
  });
  for (const name of direct) chat.views.openChannel(name);
  const isDirect = current !== undefined && !isChannelName(current);
  const open = isDirect ? current : rooms.find((room) => isSameName(room, current ?? "")) ?? rooms[0];
  if (open !== undefined) chat.views.choose(open);
  return chat;
}

/** The page is not behind others. */
export function isVisible(): boolean {
  return document.visibilityState === "visible";
}
