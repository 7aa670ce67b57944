/** The lines that a view begins with when the person comes to it: its name, its topic, and what is new. Pure. */
import { toPrintable } from "../../base/printable_text.ts";
import { countColumns } from "../../base/text_width.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { renderRule } from "./rule.ts";
import type { StyledSpan } from "./styled_line.ts";

export interface ViewRule {
  /** A channel, or the nick of the other user. */
  readonly name: string;
  /** "": it has none. */
  readonly topic: string;
  /** `3 new since 13:40`; "": nothing is new. */
  readonly news: string;
}

/** Widest rule: on a wider terminal the ends would be too far apart to be read together. */
const RULE_COLUMNS = 100;
/** A shorter part of a topic says nothing. */
const SHORTEST_TOPIC_COLUMNS = 8;

/** The name of a view as it is shown: a person has an at sign before it. */
export function formatViewName(name: string): string {
  return toPrintable(isChannelName(name) ? name : `@${name}`);
}

/**
 *     ── #ops · on call: carol until Monday 9:00 ──────────── 3 new since 13:40 ──
 *
 * Where there is no room for it the topic is cut or left out, and what is new has a line of its own.
 */
export function renderViewRule({ name, topic, news }: ViewRule, columns: number): StyledSpan[][] {
  const width = Math.min(columns, RULE_COLUMNS);
  const title = formatViewName(name);
  const spare = width - countColumns(`── ${title} ─ ${news} ──`);
  if (news !== "" && spare < 0) {
    return [renderRule(title, "", width), [{ text: toPrintable(news), style: "bold" }]];
  }
  const about = topic === "" || spare < SHORTEST_TOPIC_COLUMNS ? "" : ` · ${topic}`;
  return [renderRule(title + about, news, width)];
}
