import { assertEquals } from "@std/assert";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { LocalHistory } from "../../commands/logs/local_history.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import { positionAt } from "../../lib/client/conversation/model/read_position.ts";
import type { HistoryRange } from "../../lib/client/conversation/sync/history_read.ts";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import type { RecordedEvent } from "../../lib/hub/model/state/event.ts";
import { formatMsgid } from "../../lib/hub/output/render.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { pureTest } from "../support/test.ts";

const LOG = "log1";
const START = 1_700_000_000_000;

/** Appends `event` at second `at`; its number. */
function append(ring: Ring, event: RecordedEvent, at: number): number {
  const scratch = new Uint8Array(8192);
  return ring.append(START + at * 1000, scratch, encodeEvent(event, scratch));
}

function say(ring: Ring, text: string, at: number, channel = "#tea"): number {
  const target = { kind: "channel", name: channel } as const;
  const message = {
    kind: "message",
    verb: "PRIVMSG",
    source: "bob!b@h",
    tags: "",
    from: "o",
    id: undefined,
  } as const;
  return append(ring, { ...message, target, text }, at);
}

/** Fills the ring once around with messages in another room. */
function flood(ring: Ring, at: number): void {
  for (let bytes = 0; bytes < RING_MIN_BYTES; bytes += 2000) say(ring, "x".repeat(2000), at, "#flood");
}

interface ReadOptions {
  readonly range?: Partial<HistoryRange>;
  readonly position?: ReadPosition;
  readonly told?: string[];
  readonly signal?: AbortSignal;
}

function history(
  ring: Ring,
  { range = {}, position, told = [], signal = new AbortController().signal }: ReadOptions = {},
): LocalHistory {
  return new LocalHistory({
    source: { ring, logId: LOG },
    range: { target: "#tea", ...range },
    position,
    onNewLog: ({ time }) => told.push(`new log from ${(time - START) / 1000}`),
    now: () => START + 3_600_000,
    signal,
  });
}

/** What is read, in short: a text, or `gap why after-before`, or what is done. */
function read(from: LocalHistory): Promise<string[]> {
  const second = (time: number | undefined) => time === undefined ? "" : String((time - START) / 1000);
  return Array.fromAsync(from.read(), (entry) => {
    switch (entry.kind) {
      case "message":
        return entry.text;
      case "gap":
        return `gap ${entry.why} ${second(entry.after)}-${second(entry.before)}`;
      case "room_renamed":
        return `${entry.from} is ${entry.to}`;
      case "redacted":
        return `${entry.by} removes ${entry.id}`;
      case "reaction":
        return `${entry.from} reacts ${entry.text}`;
      default:
        return entry.kind;
    }
  });
}

/** The position behind message `seq`, which was said at second `at`. */
function behind(seq: number, at: number): ReadPosition {
  return { seq, id: formatMsgid(seq, LOG), time: START + at * 1000 };
}

pureTest("local history: the messages of the room, and later what is new", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  say(ring, "one", 1);
  say(ring, "elsewhere", 2, "#ops");
  const reader = history(ring);
  assertEquals(await read(reader), ["one"]);
  assertEquals(reader.position, behind(1, 1));
  assertEquals(await read(reader), []);
  say(ring, "two", 3, "#TEA");
  assertEquals(await read(reader), ["two"]);
  assertEquals(reader.position, behind(3, 3));
});

pureTest(
  "local history: a message has the name of its room as the log has it, not as it was asked for",
  async () => {
    const ring = Ring.create(RING_MIN_BYTES);
    say(ring, "one", 1, "#Coffee");
    append(ring, { kind: "rename", source: "bob!b@h", channel: "#Coffee", to: "#Tea", reason: "" }, 2);
    say(ring, "two", 3, "#Tea");
    const rooms = await Array.fromAsync(
      history(ring).read(),
      (entry) => entry.kind === "message" ? entry.channel : entry.kind,
    );
    assertEquals(rooms, ["#Tea", "room_renamed", "#Tea"]);
  },
);

pureTest("local history: an abort ends the reading of many records", async () => {
  const ring = Ring.create(16 * RING_MIN_BYTES);
  say(ring, "one", 0);
  for (let nth = 0; nth < 5000; nth++) say(ring, "x", 1, "#ops");
  say(ring, "two", 2);
  for (const [shown, afterTurns] of [[[], 0], [["one"], 1]] as const) {
    const abort = new AbortController();
    const texts = read(history(ring, { signal: abort.signal }));
    for (let turn = 0; turn < afterTurns; turn++) await nextLoopIteration();
    abort.abort();
    assertEquals(await texts, shown);
  }
  assertEquals(await read(history(ring)), ["one", "two"]);
});

pureTest("local history: since and until", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  for (const at of [1, 2, 3, 4]) say(ring, String(at), at);
  assertEquals(await read(history(ring, { range: { since: START + 2000, until: START + 4000 } })), [
    "2",
    "3",
  ]);
});

pureTest(
  "local history: behind a position all that is new is read, also what is older than since",
  async () => {
    const ring = Ring.create(RING_MIN_BYTES);
    for (const at of [1, 2, 3, 4]) say(ring, String(at), at);
    assertEquals(await read(history(ring, { range: { since: START + 4000 }, position: behind(1, 1) })), [
      "2",
      "3",
      "4",
    ]);
  },
);

pureTest("local history: what is lost behind the range is no gap in it", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const position = behind(say(ring, "one", 1), 1);
  const next = Ring.create(RING_MIN_BYTES, { firstSeq: SEQ_JUMP + 2 });
  say(next, "two", 5);
  const until = (at: number) => read(history(next, { range: { until: START + at * 1000 }, position }));
  assertEquals(await until(6), ["gap restart 1-5", "two"]);
  assertEquals(await until(5), []);
  flood(ring, 2);
  say(ring, "two", 5);
  assertEquals(await read(history(ring, { range: { until: START + 5000 }, position })), [
    "gap overwritten 1-5",
  ]);
});

pureTest("local history: what was removed later is not shown; what is removed live is told", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const seq = say(ring, "one", 1);
  const target = { kind: "channel", name: "#tea" } as const;
  const reader = history(ring);
  assertEquals(await read(reader), ["one"]);
  const redact = {
    kind: "redact",
    source: "bob!b@h",
    target,
    from: "o",
    msgid: formatMsgid(seq, LOG),
    reason: "",
  } as const;
  append(ring, redact, 2);
  assertEquals(await read(reader), [`bob removes ${formatMsgid(seq, LOG)}`]);
  assertEquals(await read(history(ring)), [`bob removes ${formatMsgid(seq, LOG)}`]);
});

pureTest(
  "local history: a room that was renamed has its earlier messages; one that is renamed is followed",
  async () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const rename = (from: string, to: string, at: number) =>
      append(ring, { kind: "rename", source: "bob!b@h", channel: from, to, reason: "" }, at);
    say(ring, "one", 1, "#coffee");
    rename("#coffee", "#tea", 2);
    say(ring, "another #coffee", 3, "#coffee");
    say(ring, "two", 4);
    const reader = history(ring);
    assertEquals(await read(reader), ["one", "#coffee is #tea", "two"]);
    rename("#tea", "#milk", 5);
    say(ring, "another #tea", 6);
    say(ring, "three", 7, "#milk");
    assertEquals(await read(reader), ["#tea is #milk", "three"]);
    assertEquals(reader.target, "#milk");
  },
);

pureTest("local history: reactions, but no other message without text", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const target = { kind: "channel", name: "#tea" } as const;
  const tagged = (tags: string) =>
    append(ring, {
      kind: "message",
      verb: "TAGMSG",
      source: "al!a@h",
      target,
      text: "",
      tags,
      from: "o",
      id: undefined,
    }, 1);
  tagged("+draft/react=👍;+draft/reply=x");
  tagged("+typing=active");
  assertEquals(await read(history(ring)), ["al reacts 👍"]);
});

pureTest("local history: what is overwritten behind the position is a gap, told once", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const position = behind(say(ring, "one", 1), 1);
  flood(ring, 2);
  const reader = history(ring, { position });
  assertEquals(await read(reader), ["gap overwritten 1-"]);
  assertEquals(reader.position, {
    ...position,
    reportedGap: { count: undefined, most: 2, why: "overwritten" },
  });
  assertEquals(await read(history(ring, { position: reader.position })), []);
  say(ring, "two", 3);
  assertEquals(await read(reader), ["two"]);
  assertEquals(reader.position, behind(ring.nextSeq - 1, 3));
  assertEquals(await read(history(ring, { position })), ["gap overwritten 1-3", "two"]);
});

pureTest("local history: from a time on, only what was overwritten after it is a gap", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  say(ring, "one", 1);
  flood(ring, 5);
  say(ring, "two", 9);
  const since = (at: number) => read(history(ring, { range: { since: START + at * 1000 } }));
  assertEquals(await since(6), ["two"]);
  assertEquals(await since(2), [`gap overwritten 1.999-9`, "two"]);
  assertEquals(await read(history(ring, { position: positionAt(START + 8000) })), ["two"]);
});

pureTest("local history: a reader that is too slow is told of a gap", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  say(ring, "one", 1);
  const reader = history(ring);
  assertEquals(await read(reader), ["one"]);
  flood(ring, 2);
  flood(ring, 3);
  say(ring, "two", 4);
  assertEquals(await read(reader), ["gap overwritten 1-4", "two"]);
});

pureTest("local history: a crash of the server between two messages is a gap, told once", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const position = behind(say(ring, "one", 1), 1);
  const reader = history(ring);
  assertEquals(await read(reader), ["one"]);
  const next = Ring.create(RING_MIN_BYTES, { firstSeq: SEQ_JUMP + 2 });
  reader.continueIn({ ring: next, logId: LOG });
  assertEquals(await read(reader), ["gap restart 1-"]);
  say(next, "two", 9);
  assertEquals(await read(reader), ["two"]);
  assertEquals(await read(history(next, { position })), ["gap restart 1-9", "two"]);
  const reported = { ...position, reportedGap: { count: undefined, why: "restart" } } as const;
  assertEquals(await read(history(next, { position: reported })), ["two"]);
});

pureTest("local history: of another log it goes on by time, and says so", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  for (const at of [1, 2, 3]) say(ring, String(at), at);
  const told: string[] = [];
  const position = { seq: 900, id: "p0-another", time: START + 2000 };
  assertEquals(await read(history(ring, { position, told })), ["3"]);
  assertEquals(told, ["new log from 2"]);
});

pureTest("local history: direct messages are never read", async () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const target = { kind: "direct", name: "al", owner: "o2" } as const;
  const message = {
    kind: "message",
    verb: "PRIVMSG",
    source: "bob!b@h",
    tags: "",
    from: "o",
    id: undefined,
  } as const;
  append(ring, { ...message, target, text: "secret" }, 1);
  for (const name of ["al", "bob", "#tea"]) {
    assertEquals(await read(history(ring, { range: { target: name } })), []);
  }
});
