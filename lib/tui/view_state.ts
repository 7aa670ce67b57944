/** The state of the current view. Pure. */
import { currentTarget } from "../client/commands/requests.ts";
import type { Chat } from "../client/conversation/chat.ts";
import { isChannelName } from "../irc/names/name_rules.ts";
import type { ViewState } from "./view/view_prompt.ts";

export function findViewState(chat: Chat, current: string): ViewState {
  if (currentTarget(chat) === undefined) return chat.views.find(current)?.isOpen === true ? "left" : "out";
  return isChannelName(current) && !chat.wantedChannels.has(current) ? "joining" : "in";
}
