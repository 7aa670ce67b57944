/** What was shown when the person began to type the line: a message that comes meanwhile is not what they mean. Pure. */
import type { Chat } from "../../conversation/chat.ts";
import type { ShownMessage } from "../../conversation/model/message_excerpts.ts";
import type { View } from "../../conversation/model/views.ts";

/** The messages of the current view as in `MessageExcerpts.listShown`, and our newest one anywhere. */
export interface LineStart {
  readonly shown: readonly ShownMessage[];
  readonly own: readonly ShownMessage[];
  readonly newestOwn: ShownMessage | undefined;
}

type ViewKey = View["key"];

/** By chat, and the view that the line is typed in: each has its own draft. */
const starts = new WeakMap<Chat, WeakMap<ViewKey, LineStart>>();

/** The line in the current view is `line` now. */
export function noteLine(chat: Chat, line: string): void {
  const view = findView(chat);
  if (view === undefined) return;
  if (line === "") return forgetLine(chat, view.key);
  const known = starts.get(chat) ?? new WeakMap<ViewKey, LineStart>();
  starts.set(chat, known);
  if (known.has(view.key)) return;
  known.set(view.key, {
    shown: chat.excerpts.listShown(view.name),
    own: chat.excerpts.listShown(view.name, true),
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
