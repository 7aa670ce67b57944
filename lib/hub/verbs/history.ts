/**
 * CHATHISTORY (https://ircv3.net/specs/extensions/chathistory). A room's history can be read by whoever may enter the
 * room: everybody, as long as rooms are open. Direct messages can be read by their two owners only.
 */
import { CAP } from "../../irc/caps.ts";
import { casefold } from "../../irc/casemap.ts";
import type { Message } from "../../irc/message.ts";
import { isRoomName } from "../../irc/names.ts";
import type { Gap } from "../../irc/vendor.ts";
import { SEQ_JUMP } from "../../log/seq_jump.ts";
import type { Target } from "../archive.ts";
import { CHATHISTORY_MAX_MESSAGES } from "../config.ts";
import type { Hub } from "../hub.ts";
import { sayBatch, sayMessages } from "../playback.ts";
import { quoted } from "../quote.ts";
import { after, around, before, between, cutAt, latest } from "../selection.ts";
import type { Anchor, Selection } from "../selection.ts";
import type { Session } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { seqOfMsgid, timestamp } from "../view.ts";

/** The number of anchors that each subcommand takes, after its target. */
const ANCHORS: Readonly<Record<string, number>> = { BEFORE: 1, AFTER: 1, LATEST: 1, AROUND: 1, BETWEEN: 2 };

const MSGID = "msgid=";

const NOTHING: Selection = { from: 0, to: 0, keep: "newest" };

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
  const selected = found === "empty" ? NOTHING : select(hub, command, params, found);
  if ("code" in selected) {
    const context = selected.code === "INVALID_PARAMS" ? command : `${command} ${quoted(name)}`;
    return hub.fail(session, "CHATHISTORY", selected.code, context, selected.text);
  }
  const target = found === "empty" ? undefined : found;
  const called = target?.name ?? quoted(name);
  const gap = session.caps & CAP.seq ? gapBefore(hub, command, params[1]!, target, selected) : undefined;
  sayMessages(hub, session, called, target, selected, gap && { target: called, ...gap });
}

/** What is lost between the message that the request goes on from and the first of the answer. */
function gapBefore(
  { ring, config }: Hub,
  command: string,
  anchor: string,
  target: Target | undefined,
  { from, to }: Selection,
): Omit<Gap, "target"> | undefined {
  if (command !== "AFTER" && command !== "LATEST" || !anchor.startsWith(MSGID)) return undefined;
  const seq = seqOfMsgid(anchor.slice(MSGID.length), config.logId);
  if (seq === undefined) return undefined;
  // A server that was cut off leaves a jump in the numbers (log/ring.ts).
  const next = from < to ? target!.timeline.at(from) : ring.nextSeq;
  if (Math.floor(seq / SEQ_JUMP) !== Math.floor(next / SEQ_JUMP)) return { count: undefined, why: "restart" };
  if (seq >= ring.oldestSeq) return undefined;
  const count = target?.timeline.goneAfter(seq, ring.oldestSeq);
  return count === 0 ? undefined : { count, why: "overwritten" };
}

/** What `session` may read under `name`. Nobody learns whether others have written to each other. */
function readable(hub: Hub, session: Session, name: string): Target | "empty" | "unknown" {
  if (isRoomName(name)) {
    const folded = casefold(name);
    return hub.archive.rooms.get(folded) ?? (hub.state.rooms.has(folded) ? "empty" : "unknown");
  }
  const owner = ownerOf(session);
  return (owner === "" ? undefined : hub.archive.talk(owner, name)) ?? "empty";
}

function ownerOf(session: Session): string {
  return session.user?.owner ?? session.owner;
}

function select(hub: Hub, command: string, params: readonly string[], target: Target): Selection | Failure {
  const limit = limitOf(params.at(command === "BETWEEN" ? 3 : 2)!);
  if (limit === undefined) return { code: "INVALID_PARAMS", text: "The limit is a whole number above 0" };
  const { timeline } = target;
  const length = timeline.length(hub.ring.oldestSeq);
  if (command === "LATEST" && params[1] === "*") return latest(undefined, limit, length);
  const cuts = [];
  for (const text of params.slice(1, 1 + ANCHORS[command]!)) {
    const anchor = anchorOf(hub, text);
    if ("code" in anchor) return anchor;
    cuts.push(cutAt(timeline, anchor, (seq) => hub.ring.timeOf(seq) ?? 0));
  }
  const [first, second] = cuts;
  switch (command) {
    case "BEFORE":
      return before(first!, limit);
    case "AFTER":
      return after(first!, limit, length);
    case "LATEST":
      return latest(first, limit, length);
    case "AROUND":
      return around(first!, limit, length);
    default:
      return between(first!, second!, limit);
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

function timeOf(text: string): number | undefined {
  const [, stamp] = /^timestamp=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)$/.exec(text) ?? [];
  const time = Date.parse(stamp ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** `TARGETS <timestamp> <timestamp> <limit>`: the rooms one is in and the people one has talked to, by their latest message. */
function targets(hub: Hub, session: Session, params: readonly string[]): void {
  const fail = (text: string) => hub.fail(session, "CHATHISTORY", "INVALID_PARAMS", "TARGETS", text);
  if (params.length !== 3) return fail("Two timestamps and a limit are needed");
  const [first, second] = [timeOf(params[0]!), timeOf(params[1]!)];
  const limit = limitOf(params[2]!);
  if (first === undefined || second === undefined) return fail("Both ends are timestamp=…");
  if (limit === undefined) return fail("The limit is a whole number above 0");
  const [low, high] = [Math.min(first, second), Math.max(first, second)];
  const rows = latestOf(hub, session).filter(({ time }) => time > low && time < high);
  rows.sort((a, b) => first <= second ? a.time - b.time : b.time - a.time);
  const ref = hub.batchRef();
  const lead = session.caps & CAP.batch ? `@batch=${ref} ` : "";
  const lines = rows.slice(0, limit).map(({ name, time }) =>
    `${lead}:${hub.config.serverName} CHATHISTORY TARGETS ${name} ${timestamp(time)}`
  );
  sayBatch(hub, session, ref, "draft/chathistory-targets", lines);
}

function latestOf(hub: Hub, session: Session): { name: string; time: number }[] {
  const rooms = [...session.rooms.keys()].map((room) => room.target);
  const talks = hub.archive.talks.get(ownerOf(session))?.values() ?? [];
  return [...rooms, ...talks].flatMap(({ name, timeline }) => {
    const length = timeline.length(hub.ring.oldestSeq);
    return length === 0 ? [] : [{ name, time: hub.ring.timeOf(timeline.at(length - 1)) ?? 0 }];
  });
}

export const HISTORY_VERBS: VerbTable = {
  CHATHISTORY: { min: 1, who: "session", run: chathistory },
};
