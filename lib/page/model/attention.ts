/** What draws attention to a page that is not looked at: its title and badge. Pure. */
import { toPrintable } from "../../base/printable_text.ts";
import type { UnreadTotals } from "./room_list.ts";

/** Highest number that a badge shows. */
const MAX_BADGE = 99;

/** `(2) #lobby · ChatterBox`; `• #lobby · ChatterBox` where what is unread concerns others. */
export function makeTitle(
  current: string | undefined,
  { unread, mentions }: UnreadTotals,
  program: string,
): string {
  const mark = mentions > 0 ? `(${formatBadge(mentions)}) ` : unread > 0 ? "• " : "";
  return mark + (current === undefined ? program : `${toPrintable(current)} · ${program}`);
}

/** The badge of the icon: a number, "•" for unread messages that concern others, "" for none. */
export function makeBadge({ unread, mentions }: UnreadTotals): string {
  return mentions > 0 ? formatBadge(mentions) : unread > 0 ? "•" : "";
}

function formatBadge(count: number): string {
  return count > MAX_BADGE ? `${MAX_BADGE}+` : String(count);
}

/** `bob is typing`, `bob and carol are typing`, `3 people are typing`; "" for no person. */
export function describeTyping(names: readonly string[]): string {
  const [first = "", second = ""] = names.map(toPrintable);
  switch (names.length) {
    case 0:
      return "";
    case 1:
      return `${first} is typing`;
    case 2:
      return `${first} and ${second} are typing`;
    default:
      return `${names.length} people are typing`;
  }
}
