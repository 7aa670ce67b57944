/** Pages as a server lists them (docs/protocol/oncall.md). Pure. */
import { formatDuration } from "../../../base/values/duration.ts";
import type { Message } from "../../../irc/message.ts";
import { PAGE_ENDS, REACH_KINDS } from "../../../irc/oncall.ts";
import type { PageState, ReachKind } from "../../../irc/oncall.ts";
import { parseWireCount, parseWireTime } from "../../../irc/wire_number.ts";

/** A person that a page rings, or a name by which it finds none. */
export interface RungPerson {
  readonly name: string;
  readonly how: ReachKind;
}

/** Where the escalation of a page is. */
export interface PageProgress {
  /** The step that runs, from 1, and how many there are. */
  readonly step: number;
  readonly steps: number;
  /** The people of the next step: accounts, or a calendar with its `@`. */
  readonly next: readonly string[];
  /** When that begins, in milliseconds since the epoch. */
  readonly nextAt: number | undefined;
}

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
  /** Those that it has rung so far; none: it has rung none, has ended, or the server does not tell. */
  readonly rung: readonly RungPerson[];
  /** Undefined: it does not ring, or the server does not tell. */
  readonly progress: PageProgress | undefined;
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
  if (end < 0) return undefined;
  const find = (word: string) => rows.slice(0, end).filter((row) => row[0] === word);
  const byNumber = (word: string) => Map.groupBy(find(word), (row) => row[1] ?? "");
  const [steps, people] = [byNumber("STEP"), byNumber("PEOPLE")];
  return find("ITEM").flatMap((row) => {
    const number = row[1] ?? "";
    return readItem(row, (people.get(number) ?? []).flatMap(readPeople), steps.get(number)?.map(readStep)[0]);
  });
}

function readItem(
  [, number, list = "", word, opened, pager = "", by, at, text = ""]: readonly string[],
  rung: readonly RungPerson[],
  progress: PageProgress | undefined,
): PageItem[] {
  const [count, state] = [parseWireCount(number), parsePageState(word)];
  if (count === undefined || state === undefined) return [];
  const times = { openedAt: parseWireTime(opened), at: parseWireTime(at) };
  return [{ number: count, list, state, pager, by: parseOptionalWord(by), text, ...times, rung, progress }];
}

/** `PEOPLE <number> <how> <names>` */
function readPeople([, , word, names = ""]: readonly string[]): RungPerson[] {
  const how = REACH_KINDS.find((each) => each === word);
  return how === undefined ? [] : names.split(",").map((name) => ({ name, how }));
}

/** `STEP <number> <step> <steps> <next people> <time>` */
function readStep([, , step, steps, next = "", time]: readonly string[]): PageProgress | undefined {
  const [nth, count] = [parseWireCount(step), parseWireCount(steps)];
  if (nth === undefined || count === undefined) return undefined;
  return { step: nth, steps: count, next: next.split(","), nextAt: parseWireTime(time) };
}

/** `rings alice, bob (offline)`; undefined: none are known. */
export function describeRung({ rung }: PageItem): string | undefined {
  if (rung.length === 0) return undefined;
  return `rings ${rung.map((person) => person.name + describeHow(person)).join(", ")}`;
}

function describeHow({ name, how }: RungPerson): string {
  switch (how) {
    case "session":
      return "";
    case "notify":
      return " (notified)";
    case "offline":
      return " (offline)";
    case "failed":
      return " (not notified)";
    case "unreachable":
      return name.startsWith("@") ? " (no person on duty)" : " (no account)";
  }
}

/** `step 2 of 3; next carol in 4m`; undefined: there is one step, or none is known. */
export function describeProgress({ progress }: PageItem, now: number): string | undefined {
  if (progress === undefined || progress.steps < 2) return undefined;
  const { step, steps, next, nextAt } = progress;
  const when = nextAt === undefined ? "" : ` in ${formatDuration(nextAt - now)}`;
  return `step ${step} of ${steps}; next ${next.join(", ")}${when}`;
}
