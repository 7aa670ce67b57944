/** CHATHISTORY asked at random, and what its answer has to be: reckoned anew from all that was ever said. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { nickOf } from "../../lib/hub/model/identifiers.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { parseHistoryGap } from "../../lib/irc/vendor_extensions.ts";
import type { HistoryGap } from "../../lib/irc/vendor_extensions.ts";
import { asShown, CHANNELS, shown } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";
import type { Fact } from "./truth.ts";

/** The hub counts so many of a target's messages that are gone, at the least (timeline.ts). */
const COUNTED = 1024;

/** One request of somebody who is here, about a channel or a person. */
export function askHistory(schedule: Schedule): void {
  const { random, truth, log } = schedule;
  const client = schedule.anyClient();
  const target = random.chance(3) ? random.pick(schedule.people).nick : random.pick(CHANNELS);
  const ever = truth.facts.filter((fact) => concerns(fact, target, client.session));
  const here = truth.present(log.events, schedule.chat.hub.services.history.retained).filter((fact) =>
    concerns(fact, target, client.session)
  );
  const anchor = ever.length === 0 ? undefined : random.pick(ever.slice(-random.pick([5, 50, ever.length])));
  const limit = 1 + random.below(random.pick([5, 50]));
  const command = random.pick(["AFTER", "BEFORE", "LATEST"] as const);
  const byTime = anchor !== undefined && random.chance(2);
  const { request, answer } = byTime
    ? selectByTime(command, anchor.time + random.pick([0, 0, -1, 1, 500, -500]), limit, here)
    : select(command, anchor, limit, here);
  schedule.chat.say(client.session, `CHATHISTORY ${request.replace("?", target)} ${limit}`);
  const lines = schedule.heard(client).filter(({ command }) => command !== "BATCH");
  const gap = lines[0] === undefined ? undefined : parseHistoryGap(lines[0]);
  if (gap !== undefined) lines.shift();
  const failed = lines.find(({ command }) => command === "FAIL");
  if (failed !== undefined) { // a channel of which nothing was ever said
    return assert(here.length === 0, failed.params.join(" "));
  }
  assertEquals(lines.map(shown), answer.map(asShown), request);
  if (byTime) assert(gap?.count === undefined, "of what came after a time nobody counts what is lost");
  else if (anchor === undefined || !/^(AFTER|LATEST) /.test(request)) assertEquals(gap, undefined, request);
  else {
    const isCut = request.startsWith("AFTER ") && answer.length === limit && answer.at(-1) !== here.at(-1);
    judgeGap(schedule, gap, anchor, ever, here, isCut ? answer.at(-1)!.seq : Infinity);
  }
}

function concerns({ event }: Fact, target: string, { user }: Session): boolean {
  if (event.target.kind === "channel") return event.target.name === target;
  const { owner } = user!;
  return event.from === owner && event.target.name === target ||
    event.target.owner === owner && nickOf(event.source) === target;
}

function select(
  command: "AFTER" | "BEFORE" | "LATEST",
  anchor: Fact | undefined,
  limit: number,
  here: readonly Fact[],
): { request: string; answer: Fact[] } {
  if (anchor === undefined) {
    return { request: "LATEST ? *", answer: here.slice(startBefore(here, here.length - limit, 0)) };
  }
  const request = `${command} ? msgid=${anchor.msgid}`;
  const after = here.filter(({ seq }) => seq > anchor.seq);
  switch (command) {
    case "AFTER":
      return { request, answer: after.slice(0, limit) };
    case "LATEST":
      return { request, answer: after.slice(-limit) };
    case "BEFORE":
      return { request, answer: here.filter(({ seq }) => seq < anchor.seq).slice(-limit) };
  }
}

/** By a time: no page is cut where the time of its first or last message does not lead on. */
function selectByTime(
  command: "AFTER" | "BEFORE" | "LATEST",
  time: number,
  limit: number,
  here: readonly Fact[],
): { request: string; answer: Fact[] } {
  const request = `${command} ? timestamp=${new Date(time).toISOString()}`;
  const { before, through } = cutAt(here, time);
  if (command === "BEFORE") {
    return { request, answer: here.slice(startBefore(here, before - limit, 0), before) };
  }
  if (command === "LATEST") {
    return { request, answer: here.slice(startBefore(here, here.length - limit, through)) };
  }
  let to = Math.min(here.length, through + limit);
  while (to < here.length && cutAt(here, here[to - 1]!.time).through !== to) to++;
  return { request, answer: here.slice(through, to) };
}

/** The last place up to `from`, but not before `least`, from which the time of the first message leads backwards. */
function startBefore(here: readonly Fact[], from: number, least: number): number {
  if (from <= least) return least;
  while (from > least && cutAt(here, here[from]!.time).before !== from) from--;
  return from;
}

/** Before the first message of that time and behind the last; else behind all that is earlier, and before all that is later. */
function cutAt(here: readonly Fact[], time: number): { before: number; through: number } {
  const equal = here.findIndex((fact) => fact.time === time);
  if (equal >= 0) return { before: equal, through: here.findLastIndex((fact) => fact.time === time) + 1 };
  const later = here.findIndex((fact) => fact.time > time);
  return {
    before: here.findLastIndex((fact) => fact.time < time) + 1,
    through: later < 0 ? here.length : later,
  };
}

/** What is lost behind the anchor and before `until` is told; and where it is counted, it is so many. */
function judgeGap(
  { truth, log, restarts }: Schedule,
  gap: HistoryGap | undefined,
  anchor: Fact,
  ever: readonly Fact[],
  here: readonly Fact[],
  until: number,
): void {
  const first = here.find(({ seq }) => seq > anchor.seq)?.seq ?? Infinity;
  const there = new Set(here);
  const missing = ever.filter((fact) => {
    if (fact.seq <= anchor.seq || fact.seq >= until || there.has(fact)) return false;
    // What a server has lost that was cut off is told where the numbers jump, with the answer that goes on there.
    return !fact.lost || fact.seq < first;
  }).length;
  const restarted = truth.restarts.some((seq) => seq > anchor.seq && seq <= first);
  const said = `after ${anchor.msgid} ${missing} are missing; told ${JSON.stringify(gap)}`;
  // Of a sync that a power cut has cut off later sectors may be there, and earlier ones not: such holes are not told.
  const isHole = restarts === "power cut" && !restarted;
  if (gap === undefined) return assert(missing === 0 || isHole, said);
  if (gap.count === undefined) {
    // Who starts does not know how many there were before.
    const counted = gap.why === "overwritten" && truth.restarts.length === 0 && missing < COUNTED;
    return assert(restarted || !counted, said);
  }
  assert(gap.why === "overwritten" && anchor.seq < log.events.oldestSeq, said);
  if (!isHole) assertEquals(gap.count, missing, said);
}
