import { assertEquals } from "@std/assert";
import type {
  ChatEntry,
  GapEntry,
  HistoryItem,
  MessageEntry,
} from "../../lib/client/conversation/model/chat_entry.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import { HeldEntries, LiveMerge, MAX_HELD_ENTRIES } from "../../lib/client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../lib/client/conversation/sync/seen_messages.ts";
import { pureTest } from "../support/test.ts";

const START = { seq: undefined, id: undefined, time: 0 };

function newMerge(position?: ReadPosition): LiveMerge {
  return new LiveMerge({ seen: new SeenMessages(), position });
}

function entry(
  seq: number | undefined,
  id = seq === undefined ? undefined : `m${seq}`,
  from = "bob",
): MessageEntry {
  return {
    kind: "message",
    seq,
    id,
    time: seq ?? 0,
    channel: "#a",
    from,
    to: "#a",
    manner: "said",
    text: "x",
  };
}

function seqs(items: readonly ChatEntry[]): unknown[] {
  return items.map((item) => {
    if (item.kind === "gap") return [item.count, item.before];
    return item.kind === "message" ? item.seq ?? item.id : item.kind;
  });
}

/** A page of a forward reading: it reaches to its last entry. */
function page(...items: HistoryItem[]) {
  const last = items.at(-1);
  return { items, reached: last?.kind === "gap" ? undefined : last };
}

function loss(
  count: number | undefined,
  before: number | undefined,
  why: GapEntry["why"] = "overwritten",
): GapEntry {
  return { kind: "gap", time: 0, target: "#a", count, why, after: 0, before };
}

pureTest("live messages received while history is read are held, and given once", () => {
  const merge = newMerge();
  assertEquals(seqs(merge.mergeLive(entry(3))), []);
  assertEquals(seqs(merge.mergeLive(entry(4))), []);
  assertEquals(seqs(merge.mergePage(page(entry(1), entry(2), entry(3)))), [1, 2, 3]);
  assertEquals(seqs(merge.finishHistory(START)), [4]);
  assertEquals(seqs(merge.mergeLive(entry(4))), []);
  assertEquals(seqs(merge.mergeLive(entry(7))), [7]);
  assertEquals(merge.position?.seq, 7);
});

pureTest("after a connection loss history goes on behind the last message given", () => {
  const merge = newMerge();
  merge.mergePage(page(entry(1), entry(2)));
  merge.finishHistory(START);
  merge.dropHeld();
  assertEquals(seqs(merge.mergeLive(entry(5))), []);
  merge.dropHeld();
  assertEquals(merge.position?.seq, 2);
  assertEquals(seqs(merge.mergeLive(entry(6))), []);
  assertEquals(seqs(merge.mergePage(page(entry(2), entry(3), entry(5), entry(6)))), [3, 5, 6]);
  assertEquals(seqs(merge.finishHistory(START)), []);
});

pureTest(
  "without sequence numbers repeated messages are recognised by id; without ids none is dropped",
  () => {
    const merge = newMerge();
    merge.mergeLive(entry(undefined, "b"));
    assertEquals(seqs(merge.mergePage(page(entry(undefined, "a"), entry(undefined, "b")))), ["a", "b"]);
    assertEquals(seqs(merge.finishHistory(START)), []);
    assertEquals(merge.mergeLive(entry(undefined)).length, 1);
    assertEquals(merge.mergeLive(entry(undefined)).length, 1);
  },
);

pureTest("a new log starts again", () => {
  const merge = newMerge();
  merge.mergePage(page(entry(100)));
  merge.startNewLog();
  assertEquals(seqs(merge.mergePage(page(entry(1)))), [1]);
});

pureTest("without any message the position is the start of the range", () => {
  const merge = newMerge();
  merge.finishHistory({ ...START, time: 17 });
  assertEquals(merge.position, { ...START, time: 17 });
  assertEquals(seqs(merge.mergeLive(entry(3))), [3]);
  assertEquals(merge.position?.seq, 3);
});

pureTest("behind the position of an earlier run nothing is given again", () => {
  const merge = newMerge({ seq: 4, id: "x", time: 4 });
  assertEquals(seqs(merge.mergePage(page(entry(3), entry(4), entry(5)))), [5]);
});

pureTest("the position moves past messages that are not given", () => {
  const merge = newMerge();
  assertEquals(seqs(merge.mergePage({ items: [entry(3)], reached: undefined })), [3]);
  assertEquals(seqs(merge.mergePage({ items: [], reached: entry(9) })), []);
  assertEquals(merge.position?.seq, 9);
  merge.mergePage({ items: [], reached: entry(5) });
  assertEquals(merge.position?.seq, 9, "and never back");
  assertEquals(seqs(merge.mergeLive(entry(9))), []);
  assertEquals(seqs(merge.finishHistory(START)), []);
});

pureTest("held messages that the log has lost are given in their place, and do not count as lost", () => {
  const merge = newMerge({ seq: 2, id: "x", time: 2 });
  for (const seq of [10, 11, 20]) merge.mergeLive(entry(seq));
  // Between 2 and 15 the log has lost nine messages; two of them, 10 and 11, have come live.
  assertEquals(seqs(merge.mergePage(page(loss(9, 15), entry(15)))), [[7, 10], 10, 11, 15]);
  assertEquals(seqs(merge.mergePage(page(loss(1, 30), entry(30)))), [20, 30]);
  assertEquals(seqs(merge.finishHistory(START)), []);
});

pureTest(
  "a gap that held messages fill is none; one at the end has an unknown size",
  () => {
    const merge = newMerge({ seq: 2, id: "x", time: 2 });
    merge.mergeLive(entry(3));
    assertEquals(seqs(merge.mergePage(page(loss(1, 4), entry(4)))), [3, 4]);
    const late = newMerge({ seq: 2, id: "x", time: 2 });
    late.mergeLive(entry(9));
    assertEquals(seqs(late.mergePage({ items: [loss(4, undefined)], reached: undefined })), [[undefined, 9]]);
    assertEquals(seqs(late.finishHistory(START)), [9]);
  },
);

pureTest("held entries are bounded", () => {
  const merge = newMerge();
  for (let seq = 1; seq < MAX_HELD_ENTRIES; seq++) merge.mergeLive(entry(seq));
  assertEquals(merge.held.isFull, false);
  merge.mergeLive(entry(MAX_HELD_ENTRIES));
  assertEquals(merge.held.isFull, true);
  merge.dropHeld();
  assertEquals(merge.held.isFull, false);
});

pureTest(
  "of messages received live none counts as lost, even if the log has lost it",
  () => {
    const merge = newMerge({ seq: 2, id: "x", time: 2 });
    merge.mergeLive(entry(3));
    merge.mergeLive(entry(5));
    assertEquals(seqs(merge.mergePage(page(entry(3)))), [3]);
    assertEquals(seqs(merge.mergePage({ items: [loss(1, undefined)], reached: undefined })), []);
    assertEquals(seqs(merge.finishHistory(START)), [5]);
  },
);

pureTest(
  "a gap counts as shown only if it was shown whole: the messages that fill it may yet be dropped",
  () => {
    const from = { seq: 2, id: "x", time: 2 };
    const behindGap = { ...from, reportedGap: { count: 4, why: "overwritten" as const } };
    const merge = newMerge(from);
    merge.mergePage({ items: [loss(4, undefined)], reached: behindGap });
    assertEquals(merge.position, behindGap);
    const held = newMerge(from);
    held.mergeLive(entry(9));
    held.mergePage({ items: [loss(4, undefined)], reached: behindGap });
    assertEquals(held.position, from);
  },
);

pureTest(
  "history has met the live messages once a page has one of them",
  () => {
    const merge = newMerge();
    merge.mergeLive(entry(3));
    merge.mergeLive(entry(4));
    merge.mergePage(page(entry(1), entry(2)));
    assertEquals(merge.hasMet, false);
    merge.mergePage(page(entry(3)));
    assertEquals(merge.hasMet, true);
    merge.dropHeld();
    assertEquals(merge.hasMet, false, "over the next connection other messages are live");
  },
);

pureTest(
  "conversations that share held entries take their own; the rest keeps its order",
  () => {
    const held = new HeldEntries();
    const seen = new SeenMessages();
    const mergeOf = (name: string) =>
      new LiveMerge({ seen, position: START, held, isOwn: ({ from }) => from === name });
    const [bob, carol] = [mergeOf("bob"), mergeOf("carol")];
    for (const [seq, from] of [[5, "carol"], [6, "bob"], [7, "carol"], [8, "bob"]] as const) {
      held.add(entry(seq, undefined, from));
    }
    // The log has lost 6, which is held; 5 and 7 are of another conversation.
    assertEquals(seqs(bob.mergePage(page(entry(2), entry(8, undefined, "bob")))), [2, 6, 8]);
    assertEquals([bob.hasMet, carol.hasMet], [true, false]);
    assertEquals(seqs(held.takeAll()), [5, 7]);
  },
);

pureTest("other live entries are held too, and given behind history", () => {
  const merge = newMerge();
  merge.mergeLive({ kind: "joined", time: 0, channel: "#a", nick: "carol" });
  merge.mergeLive(entry(2));
  merge.mergeLive({ kind: "left", time: 0, channel: "#a", nick: "carol", reason: "" });
  assertEquals(seqs(merge.mergePage(page(entry(1), entry(2)))), [1, 2]);
  assertEquals(seqs(merge.finishHistory()), ["joined", "left"]);
});
