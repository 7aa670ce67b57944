/** What was shown when the person began to type the line: a message that comes meanwhile is not what they mean. Pure. */
import type { Chat } from "../../conversation/chat.ts";
import type { ShownMessage } from "../../conversation/model/message_excerpts.ts";
import type { View } from "../../conversation/model/views.ts";

/** The messages of the current view as in {@link listByOrder}, and our newest one anywhere. */
export interface LineStart {
  readonly shown: readonly ShownMessage[];
  readonly own: readonly ShownMessage[];
  readonly newestOwn: ShownMessage | undefined;
}

type ViewKey = View["key"];

/** By chat, and the view that the line is typed in: each has its own draft. */
const starts = new WeakMap<Chat, WeakMap<ViewKey, LineStart>>();

/** As `MessageExcerpts.listShown`, an edited message of ours where it stood before. */
export function listByOrder({ excerpts }: Chat, where: string, isOwn?: boolean): ShownMessage[] {
  return excerpts.listShown(where, isOwn).sort((a, b) => a.order - b.order);
}

/** The line in the current view is `line` now. */
export function noteLine(chat: Chat, line: string): void {
  const view = findView(chat);
  if (view === undefined) return;
  if (line === "") return forgetLine(chat, view.key);
  const known = starts.get(chat) ?? new WeakMap<ViewKey, LineStart>();
  starts.set(chat, known);
  if (known.has(view.key)) return;
  known.set(view.key, {
    shown: listByOrder(chat, view.name),
    own: listByOrder(chat, view.name, true),
    newestOwn: chat.excerpts.newestOwn,
  });
}

/** The line that was begun in the view `key` is no more: it is submitted or dropped. */
export function forgetLine(chat: Chat, key: ViewKey | undefined): void {
  if (key !== undefined) starts.get(chat)?.delete(key);
}

/** Undefined: the line has come at once, as from a pipe. */
export function findLineStart(chat: Chat): LineStart | undefined {
  const view = findView(chat);
  return view && starts.get(chat)?.get(view.key);
}

function findView({ views }: Chat): View | undefined {
  return views.current === undefined ? undefined : views.find(views.current);
}
