/** The prompt: where typed lines go, what is unread elsewhere, and what is not as usual. Pure. */
import { countColumns } from "../../base/text_width.ts";
import { describeStatus } from "../../client/conversation/connection_status.ts";
import type { ConnectionStatus } from "../../client/conversation/connection_status.ts";
import type { View } from "../../client/conversation/model/views.ts";
import { formatViewName } from "./view_rule.ts";

/** The state of the current view: "out": we have left the channel, or never were in it. */
export type ViewState = "in" | "joining" | "left" | "out";

export interface PromptState {
  /** The current view; undefined: there is none. */
  readonly view: { readonly name: string; readonly state: ViewState } | undefined;
  /** Views with unread messages; none where all are shown. */
  readonly unread: readonly View[];
  readonly status: ConnectionStatus;
  /** Messages of ours that were not sent. */
  readonly unsentCount: number;
  /** We are marked as away. */
  readonly isAway?: boolean;
}

const STATE_TEXTS: Readonly<Record<ViewState, string>> = {
  in: "",
  joining: " (joining)",
  left: " (left)",
  out: " (not in it)",
};

/** The prompt takes at most so much of the width, and as many columns; more only for its name and the connection. */
const WIDEST_SHARE = 0.6;
const WIDEST_COLUMNS = 70;

/**
 * `#lobby> `, with what is not as usual: `#lobby [reconnecting (4 s), 2 unsent]> `, `#lobby (left)> `, and what is unread
 * elsewhere, mentions and direct messages (`!`) first: `#dev [@bob 1! · #lobby 12 · #ops 3]> `; where that is too long,
 * the number of the others: `#dev [@bob 1! +2]> `. `now` in milliseconds.
 */
export function formatPrompt(
  { view, unread, status, unsentCount, isAway }: PromptState,
  now: number,
  columns: number,
): string {
  const name = view === undefined ? "(no room)" : formatViewName(view.name) + STATE_TEXTS[view.state];
  const words = [
    ...isAway ? ["away"] : [],
    ...describeStatus(status, now),
    ...unsentCount === 0 ? [] : [`${unsentCount} unsent`],
  ];
  const frame = (news: string) => {
    const parts = [...words, ...news === "" ? [] : [news]];
    return `${name}${parts.length === 0 ? "" : ` [${parts.join(", ")}]`}> `;
  };
  const most = Math.min(WIDEST_COLUMNS, columns * WIDEST_SHARE);
  let longest: string | undefined;
  for (const news of formatNews(unread)) {
    const prompt = frame(news);
    if (countColumns(prompt) <= most) longest = prompt;
    else if (countColumns(news) > most) break;
  }
  return longest ?? frame(formatTotal(unread));
}

/** From its beginning alone to the whole of it. */
function* formatNews(unread: readonly View[]): Iterable<string> {
  if (unread.length === 0) yield "";
  const sorted = unread.toSorted((a, b) => rank(a) - rank(b));
  let news = "";
  for (const [index, view] of sorted.entries()) {
    news += (index === 0 ? "" : " · ") + formatUnread(view);
    const rest = sorted.length - index - 1;
    yield news + (rest === 0 ? "" : ` +${rest}`);
  }
}

function formatUnread({ name, unreadCount, mentionCount }: View): string {
  return `${formatViewName(name)} ${unreadCount}${mentionCount > 0 ? "!" : ""}`;
}

/** `+4!`: the number of views. */
function formatTotal(unread: readonly View[]): string {
  if (unread.length === 0) return "";
  return `+${unread.length}${unread.some(({ mentionCount }) => mentionCount > 0) ? "!" : ""}`;
}

function rank({ mentionCount }: View): number {
  return mentionCount > 0 ? 0 : 1;
}
