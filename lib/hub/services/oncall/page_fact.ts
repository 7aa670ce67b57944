/** Reads the saved value of a page; it is untrusted data. */
import { PAGE_ENDS, REACH_KINDS } from "../../../irc/oncall.ts";
import { readMember, readTime } from "../../log/facts.ts";
import type { Page, PageEnd, PagePerson } from "./page.ts";
import { readSteps } from "./escalation_lists.ts";

/** What the fact `page` says, apart from the number. Throws if it is not valid. */
export function readPage(value: unknown): Omit<Page, "number"> {
  const text = (name: string) => readMember(value, name, "string");
  const { people, end } = (value ?? {}) as { people?: unknown; end?: unknown };
  if (!Array.isArray(people)) throw new TypeError("people is not a list");
  return {
    id: text("id"),
    owner: text("owner"),
    source: text("source"),
    site: text("site"),
    list: text("list"),
    steps: readSteps(value),
    text: text("text"),
    openedAt: readTime(value, "openedAt"),
    ringingSince: readTime(value, "ringingSince"),
    begun: readCount(value, "begun"),
    stepAt: readTime(value, "stepAt"),
    people: people.map(readPerson),
    end: end === undefined ? undefined : readEnd(end),
  };
}

function readCount(value: unknown, name: string): number {
  const count = readMember(value, name, "number");
  if (!Number.isSafeInteger(count) || count < 0) throw new TypeError(`${name} is not a count`);
  return count;
}

function readPerson(value: unknown): PagePerson {
  const how = REACH_KINDS.find((each) => each === readMember(value, "how", "string"));
  if (how === undefined) throw new TypeError("how a person is reached is not known");
  const { isNotified, hasFailed } = value as { isNotified?: unknown; hasFailed?: unknown };
  return {
    owner: readMember(value, "owner", "string"),
    name: readMember(value, "name", "string"),
    step: readCount(value, "step"),
    seq: readCount(value, "seq"),
    how,
    rings: readCount(value, "rings"),
    ringAt: readTime(value, "ringAt"),
    isNotified: isNotified === true,
    hasFailed: hasFailed === true,
  };
}

function readEnd(value: unknown): PageEnd {
  const how = PAGE_ENDS.find((each) => each === readMember(value, "how", "string"));
  if (how === undefined) throw new TypeError("how it ended is not known");
  const { isTold } = value as { isTold?: unknown };
  return {
    how,
    nick: readMember(value, "nick", "string"),
    account: readMember(value, "account", "string"),
    owner: readMember(value, "owner", "string"),
    at: readTime(value, "at"),
    isTold: isTold === true,
  };
}
