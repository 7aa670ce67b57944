/** What a person does with the view of one conversation, beside saying something in it. Pure. */
import { DAY_MS } from "../../base/values/time_unit.ts";
import type { MessageParts } from "../../irc/message.ts";
import { REACT_TAG, REPLY_TAG, UNREACT_TAG } from "../../irc/reaction.ts";
import type { RequestPurpose } from "./effects.ts";
import { makePageMessage } from "./history_page.ts";
import type { ReadPosition } from "./model/read_position.ts";
import type { ServerFeatures } from "./model/server_features.ts";
import type { Views } from "./model/views.ts";
import type { ReadMarkerTracker } from "./read_marker_tracker.ts";
import type { TypingState, TypingTracker } from "./typing_tracker.ts";

/** For so long a message can be edited or removed by its sender. */
export const EDIT_WINDOW_MS = DAY_MS;

/** What these functions need of the chat. */
export interface ViewHost {
  readonly isOnline: boolean;
  readonly features: ServerFeatures;
  readonly views: Views;
  readonly typing: TypingTracker;
  readonly readMarkers: ReadMarkerTracker | undefined;
  ask(message: MessageParts, purpose: RequestPurpose, now: number): void;
}

/** Opens the view `name`: the person sees all of it, up to its latest message. */
export function openView({ views, readMarkers }: ViewHost, name: string): void {
  views.choose(name);
  const view = views.list().find(({ isCurrent }) => isCurrent);
  if (view?.lastActivity === undefined || !views.isSeen(name)) return;
  readMarkers?.markShown(name, view.lastActivity);
}

/** Whether the person looks at the current view; the page may be behind others. */
export function setWatched(chat: ViewHost, isWatched: boolean): void {
  const { views } = chat;
  views.setWatched(isWatched);
  if (isWatched && views.current !== undefined) openView(chat, views.current);
}

/** Asks for the messages of `target` before `before`, or for the latest ones. They come as an effect. */
export function askForPage(
  chat: ViewHost,
  target: string,
  before: ReadPosition | undefined,
  now: number,
): void {
  const purpose = { for: "page", target, ...before && { before } } as const;
  chat.ask(makePageMessage(purpose), purpose, now);
}

/** Tells the people in `target` that we are typing, or no longer are. */
export function tellTyping(chat: ViewHost, target: string, state: TypingState, now: number): void {
  if (!chat.isOnline || !chat.features.supportsTags) return;
  const message = chat.typing.tell(target, state, now);
  if (message !== undefined) chat.ask(message, { for: "typing" }, now);
}

/** Reacts to the message `id` in `target` with `text`, or withdraws that reaction. */
export function react(
  chat: ViewHost,
  { target, id, text, removed }: { target: string; id: string; text: string; removed: boolean },
  now: number,
): void {
  const tags = new Map([[removed ? UNREACT_TAG : REACT_TAG, text], [REPLY_TAG, id]]);
  chat.ask({ tags, command: "TAGMSG", params: [target] }, { for: "change" }, now);
}

/** Removes our message `id` in `target`, or, as an operator, that of another person. */
export function removeMessage(chat: ViewHost, target: string, id: string, now: number): void {
  chat.ask({ command: "REDACT", params: [target, id] }, { for: "change" }, now);
}
