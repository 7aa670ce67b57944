/** Pages as a server lists them (docs/protocol/oncall.md). Pure. */
import type { Message } from "../../../irc/message.ts";
import { PAGE_ENDS } from "../../../irc/oncall.ts";
import type { PageState } from "../../../irc/oncall.ts";
import { parseWireCount, parseWireTime } from "../../../irc/wire_number.ts";

export interface PageItem {
  readonly number: number;
  readonly list: string;
  readonly state: PageState;
  /** Milliseconds since the epoch. */
  readonly openedAt: number | undefined;
  readonly pager: string;
  /** The person that ended it; undefined: none has. */
  readonly by: string | undefined;
  /** When it ended; of a silenced page when it begins to ring. */
  readonly at: number | undefined;
  readonly text: string;
}

const PAGE_STATES: readonly PageState[] = ["ringing", "silenced", ...PAGE_ENDS];

/** Undefined: `text` is no state. */
export function parsePageState(text: string | undefined): PageState | undefined {
  return PAGE_STATES.find((each) => each === text);
}

/** `*` stands for none. */
export function parseOptionalWord(word: string | undefined): string | undefined {
  return word === "*" ? undefined : word;
}

/** The response to `PAGE LIST`; undefined: its end is missing. */
export function readPageItems(lines: readonly Message[]): PageItem[] | undefined {
  const rows = lines.filter(({ command }) => command === "PAGE").map(({ params }) => params);
  const end = rows.findIndex(([word, mark]) => word === "LIST" && mark === "*");
  return end < 0 ? undefined : rows.slice(0, end).filter(([word]) => word === "ITEM").flatMap(readItem);
}

function readItem([, number, list = "", word, opened, pager = "", by, at, text = ""]: string[]): PageItem[] {
  const [count, state] = [parseWireCount(number), parsePageState(word)];
  if (count === undefined || state === undefined) return [];
  const times = { openedAt: parseWireTime(opened), at: parseWireTime(at) };
  return [{ number: count, list, state, pager, by: parseOptionalWord(by), text, ...times }];
}
