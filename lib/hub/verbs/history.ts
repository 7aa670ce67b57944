/**
 * CHATHISTORY (https://ircv3.net/specs/extensions/chathistory). The history of an open room can be read by everybody who is
 * not banned from it, that of a closed one by those who are in it (room_access.ts). Direct messages can be read by their two
 * owners only.
 */
import { parseTimestamp } from "../../base/timestamp.ts";
import { CAP } from "../../irc/caps.ts";
import { casefold } from "../../irc/casemap.ts";
import type { Message } from "../../irc/message.ts";
import { isRoomName } from "../../irc/names.ts";
import type { Gap } from "../../irc/vendor.ts";
import type { Ring } from "../../log/ring.ts";
import { SEQ_JUMP } from "../../log/seq_jump.ts";
import type { Target } from "../archive.ts";
import { accountOf, ownerOf } from "../accounts.ts";
import { CHATHISTORY_MAX_MESSAGES } from "../config.ts";
import type { Hub } from "../hub.ts";
import { isAfter } from "../markers.ts";
import type { Marker } from "../markers.ts";
import { sayBatch, sayMessages } from "../playback.ts";
import type { Steps } from "../pieces.ts";
import { quoted } from "../quote.ts";
import { mayRead } from "../room_access.ts";
import { after, around, before, between, cutAt, latest, pageEnds, wholeTimes } from "../selection.ts";
import type { Anchor, Cut, Selection } from "../selection.ts";
import type { Session } from "../state.ts";
import type { Positions } from "../timeline.ts";
import type { VerbTable } from "../verb.ts";
import { seqOfMsgid, timestamp } from "../view.ts";

/** The number of anchors that each subcommand takes, after its target. */
const ANCHORS: Readonly<Record<string, number>> = { BEFORE: 1, AFTER: 1, LATEST: 1, AROUND: 1, BETWEEN: 2 };

const MSGID = "msgid=";

/** Rows of TARGETS that are told at the most. */
const MAX_TARGET_ROWS = CHATHISTORY_MAX_MESSAGES;

const NOTHING: Selection = { from: 0, to: 0, keep: "newest", isWhole: true };

type Failure = { code: "INVALID_PARAMS" | "INVALID_MSGREFTYPE" | "MESSAGE_ERROR"; text: string };

function chathistory(hub: Hub, session: Session, message: Message): void {
  const [subcommand = "", ...params] = message.params;
  const command = subcommand.toUpperCase();
  if (command === "TARGETS") return targets(hub, session, params);
  const anchors = ANCHORS[command];
  if (anchors === undefined) {
    return hub.fail(session, "CHATHISTORY", "INVALID_PARAMS", quoted(subcommand), "Unknown command");
  }
  if (params.length !== anchors + 2) {
    const what = params.length < anchors + 2 ? "Insufficient parameters" : "Too many parameters";
    return hub.fail(session, "CHATHISTORY", "INVALID_PARAMS", command, what);
  }
  const name = params[0]!;
  const found = readable(hub, session, name);
  if (found === "unknown") {
    return hub.fail(
      session,
      "CHATHISTORY",
      "INVALID_TARGET",
      `${command} ${quoted(name)}`,
      "Messages could not be retrieved",
    );
  }
  const timeline = found === "empty" ? undefined : shownOf(session, found);
  const selected = timeline === undefined
    ? NOTHING
    : select(hub, command, params, timeline, (found as Target).timeline.breaks);
  if ("code" in selected) {
    const about = selected.code === "INVALID_PARAMS" ? command : `${command} ${quoted(name)}`;
    return hub.fail(session, "CHATHISTORY", selected.code, about, selected.text);
  }
  const target = found === "empty" ? undefined : found;
  const asked = quoted(name); // the client finds its request by it, whatever the target is called by now
  const next = selected.from < selected.to ? timeline!.at(selected.from) : hub.ring.nextSeq;
  // What is lost behind the last message of this answer is told with the next answer.
  const isWhole = command !== "AFTER" || timeline === undefined ||
    selected.to >= timeline.length(hub.ring.oldestSeq);
  const until = isWhole ? Infinity : timeline.at(selected.to - 1);
  const gap = session.caps & CAP.seq
    ? gapBefore(hub, command, params[1]!, target, { next, until }) ?? lostUnread(hub, session, params, target)
    : undefined;
  const room = isRoomName(name) ? target?.name ?? name : undefined;
  sayMessages(hub, session, {
    asked,
    room,
    timeline,
    selection: selected,
    gap: gap && { target: asked, ...gap },
  });
  const account = session.user?.account;
  if (account !== undefined && room === undefined) hub.waiting.clear(hub, account, name); // it reads that by itself
}

/** Of a talk nothing is left, and its last messages went before this session's account had read them. */
function lostUnread(
  hub: Hub,
  session: Session,
  [name = "", anchor = ""]: readonly string[],
  target: Target | undefined,
): Omit<Gap, "target"> | undefined {
  const account = accountOf(session);
  if (target !== undefined || account === undefined || isRoomName(name)) return undefined;
  const marker = hub.markers.of(account, name);
  return marker !== undefined && isBeforeLost(hub, anchor, marker)
    ? { count: undefined, why: "overwritten" }
    : undefined;
}

/** Whether messages were lost unread behind `anchor`. A time up to which all was read is before them, also where the clock was set back. */
function isBeforeLost({ config }: Hub, anchor: string, marker: Marker): boolean {
  const { lost, lostSeq, time } = marker;
  if (anchor.startsWith(MSGID)) {
    return (seqOfMsgid(anchor.slice(MSGID.length), config.logId) ?? Infinity) < lostSeq;
  }
  const since = timeOf(anchor);
  if (since === undefined) return false;
  return since < lost || since <= time && isAfter({ time: lost, seq: lostSeq }, marker);
}

/** What of `target` `session` is shown. */
function shownOf(session: Session, { timeline }: Target): Positions {
  return session.caps & CAP.eventPlayback ? timeline.everythingFor(session.caps) : timeline;
}

/** What is lost between the place that the request goes on from and `until`; the first record of the answer is `next`. */
function gapBefore(
  { ring, config }: Hub,
  command: string,
  anchor: string,
  target: Target | undefined,
  { next, until }: { next: number; until: number },
): Omit<Gap, "target"> | undefined {
  if (command !== "AFTER" && command !== "LATEST") return undefined;
  const since = timeOf(anchor);
  if (since !== undefined) {
    const none = target === undefined || !overwrittenSince(ring, since) ||
      target.timeline.goneAfter(0, ring.oldestSeq) === 0;
    return none ? undefined : { count: undefined, why: "overwritten" };
  }
  if (!anchor.startsWith(MSGID)) return undefined;
  const seq = seqOfMsgid(anchor.slice(MSGID.length), config.logId);
  if (seq === undefined) return undefined;
  // A server that was cut off leaves a jump in the numbers (log/ring.ts).
  if (Math.floor(seq / SEQ_JUMP) !== Math.floor(next / SEQ_JUMP)) return { count: undefined, why: "restart" };
  if (seq >= ring.oldestSeq) return undefined;
  const count = target?.timeline.goneAfter(seq, ring.oldestSeq, until);
  return count === 0 ? undefined : { count, why: "overwritten" };
}

/** True where the ring has lost records of that time: of which conversation, nobody knows any more. */
function overwrittenSince(ring: Ring, time: number): boolean {
  const { oldestSeq } = ring;
  return oldestSeq > 1 && time < (ring.timeOf(oldestSeq) ?? 0);
}

/** What `session` may read under `name`. Nobody learns whether others have written to each other. */
export function readable(hub: Hub, session: Session, name: string): Target | "empty" | "unknown" {
  if (isRoomName(name)) {
    const folded = casefold(name);
    const [target, room] = [hub.archive.rooms.get(folded), hub.state.rooms.get(folded)];
    if (target === undefined) return room === undefined ? "unknown" : "empty";
    return mayRead(hub, session, target, room) ? target : "unknown";
  }
  const owner = ownerOf(session);
  return (owner === "" ? undefined : hub.archive.talk(owner, name)) ?? "empty";
}

function select(
  hub: Hub,
  command: string,
  params: readonly string[],
  timeline: Positions,
  breaks: readonly number[],
): Selection | Failure {
  const limit = limitOf(params.at(command === "BETWEEN" ? 3 : 2)!);
  if (limit === undefined) return { code: "INVALID_PARAMS", text: "The limit is a whole number above 0" };
  const length = timeline.length(hub.ring.oldestSeq);
  const times = { of: (seq: number) => hub.archive.timeOf(seq) ?? 0, breaks };
  const cuts = [];
  let isExact = true;
  for (const text of params.slice(1, 1 + ANCHORS[command]!)) {
    if (command === "LATEST" && text === "*") {
      isExact = false; // the next page may be asked for by a time of this one
      continue;
    }
    const anchor = anchorOf(hub, text);
    if ("code" in anchor) return anchor;
    if (anchor.by === "time") isExact = false;
    cuts.push(cutAt(timeline, anchor, times));
  }
  const { selection, ...within } = page(command, cuts, limit, length);
  return isExact ? selection : wholeTimes(selection, pageEnds(timeline, length, times), within);
}

/** The page that `command` means; `least` and `most`: the positions that it may not exceed. */
function page(
  command: string,
  [first, second]: readonly Cut[],
  limit: number,
  length: number,
): { selection: Selection; least: number; most: number } {
  switch (command) {
    case "BEFORE":
      return { selection: before(first!, limit), least: 0, most: first!.before };
    case "AFTER":
      return { selection: after(first!, limit, length), least: first!.through, most: length };
    case "LATEST":
      return { selection: latest(first, limit, length), least: first?.through ?? 0, most: length };
    case "AROUND":
      return { selection: around(first!, limit, length), least: 0, most: length };
    default: {
      const selection = between(first!, second!, limit);
      return selection.keep === "oldest"
        ? { selection, least: first!.through, most: second!.before }
        : { selection, least: second!.through, most: first!.before };
    }
  }
}

function limitOf(text: string): number | undefined {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) return undefined;
  return Math.min(Number(text), CHATHISTORY_MAX_MESSAGES);
}

/** `msgid=…` or `timestamp=YYYY-MM-DDThh:mm:ss.sssZ`. */
function anchorOf(hub: Hub, text: string): Anchor | Failure {
  if (text.startsWith(MSGID)) {
    const seq = seqOfMsgid(text.slice(MSGID.length), hub.config.logId);
    return seq === undefined
      ? { code: "MESSAGE_ERROR", text: "This msgid is not of this log" }
      : { by: "seq", seq };
  }
  const time = timeOf(text);
  if (time !== undefined) return { by: "time", time };
  if (text.startsWith("timestamp=")) return { code: "INVALID_PARAMS", text: "Invalid timestamp" };
  return { code: "INVALID_MSGREFTYPE", text: "A message is named by msgid= or timestamp=" };
}

/** The time (milliseconds since the epoch) in `timestamp=YYYY-MM-DDThh:mm:ss.sssZ`; undefined for anything else. */
export function timeOf(text: string): number | undefined {
  const [, stamp] = /^timestamp=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)$/.exec(text) ?? [];
  return stamp === undefined ? undefined : parseTimestamp(stamp);
}

/** `TARGETS <timestamp> <timestamp> <limit>`: the rooms one is in and the people one has talked to, by their latest message. */
function targets(hub: Hub, session: Session, params: readonly string[]): void {
  const fail = (text: string) => hub.fail(session, "CHATHISTORY", "INVALID_PARAMS", "TARGETS", text);
  if (params.length !== 3) return fail("Two timestamps and a limit are needed");
  const [first, second] = [timeOf(params[0]!), timeOf(params[1]!)];
  const limit = limitOf(params[2]!);
  if (first === undefined || second === undefined) return fail("Both ends are timestamp=…");
  if (limit === undefined) return fail("The limit is a whole number above 0");
  hub.waiting.asked(hub, session);
  hub.later(sayTargets(hub, session, first, second, limit));
}

/** Of many conversations those that come first of all so far are kept. */
function* sayTargets(hub: Hub, session: Session, first: number, second: number, limit: number): Steps {
  const [low, high] = [Math.min(first, second), Math.max(first, second)];
  const order = (a: TargetRow, b: TargetRow) => first <= second ? a.time - b.time : b.time - a.time;
  let rows: TargetRow[] = [];
  let isWhole = true;
  for (const row of latestOf(hub, session)) {
    if (session.closing !== undefined) return;
    if (row !== undefined && row.time > low && row.time < high) rows.push(row);
    if (rows.length >= 2 * MAX_TARGET_ROWS) {
      rows = rows.sort(order).slice(0, MAX_TARGET_ROWS);
      isWhole = false;
    }
    yield 1;
  }
  rows.sort(order);
  const ref = hub.batchRef();
  const lead = session.caps & CAP.batch ? `@batch=${ref} ` : "";
  // The next page begins behind the last time of this one: a page that ended among equal times would lose the others.
  let end = Math.min(limit, rows.length);
  while (end > 0 && rows[end]?.time === rows[end - 1]!.time) end++;
  const lines = rows.slice(0, end).map(({ name, time }) =>
    `${lead}:${hub.config.serverName} CHATHISTORY TARGETS ${name} ${timestamp(time)}`
  );
  sayBatch(hub, session, ref, "draft/chathistory-targets", lines, isWhole && end === rows.length);
}

interface TargetRow {
  readonly name: string;
  /** Of its latest message. */
  readonly time: number;
}

/** Undefined: of that one nothing is left. */
function* latestOf(hub: Hub, session: Session): Iterable<TargetRow | undefined> {
  const talks = hub.archive.talks.get(ownerOf(session));
  for (const room of session.rooms.keys()) yield latestIn(hub, room.target);
  for (const talk of talks?.values() ?? []) yield latestIn(hub, talk);
  const account = accountOf(session);
  if (account === undefined || !(session.caps & CAP.seq)) return;
  // Who asks for the history of these is told that it is gone.
  for (const [name, { time }] of hub.markers.unreadAndLost(account)) {
    if (!talks?.has(name)) yield { name, time };
  }
}

function latestIn({ archive, ring }: Hub, { name, timeline }: Target): TargetRow | undefined {
  const length = timeline.length(ring.oldestSeq);
  return length === 0 ? undefined : { name, time: archive.timeOf(timeline.at(length - 1)) ?? 0 };
}

export const HISTORY_VERBS: VerbTable = {
  CHATHISTORY: { min: 1, who: "session", run: chathistory },
};
