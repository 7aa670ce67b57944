import { assertEquals } from "@std/assert";
import { LiveMerge, MAX_HELD_ENTRIES } from "../../lib/client/history/live_merge.ts";
import type { GapEntry, HistoryItem, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";

const START = { seq: undefined, id: undefined, time: 0 };

function entry(seq: number | undefined, id?: string): MessageEntry {
  return {
    kind: "message",
    seq,
    id,
    time: seq ?? 0,
    channel: "#a",
    from: "bob",
    to: "#a",
    manner: "said",
    text: "x",
  };
}

function seqs(items: HistoryItem[]): unknown[] {
  return items.map((item) => item.kind === "gap" ? [item.count, item.before] : item.seq ?? item.id);
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

Deno.test({
  name: "what comes while the history is read is held, and shown once",
  permissions: "none",
  fn() {
    const seam = new LiveMerge();
    assertEquals(seqs(seam.mergeLive(entry(3))), []);
    assertEquals(seqs(seam.mergeLive(entry(4))), []);
    assertEquals(seqs(seam.mergePage(page(entry(1), entry(2), entry(3)))), [1, 2, 3]);
    assertEquals(seqs(seam.finishHistory(START)), [4]);
    assertEquals(seqs(seam.mergeLive(entry(4))), []);
    assertEquals(seqs(seam.mergeLive(entry(7))), [7]);
    assertEquals(seam.position?.seq, 7);
  },
});

Deno.test({
  name: "after a loss the history goes on behind the last one shown",
  permissions: "none",
  fn() {
    const seam = new LiveMerge();
    seam.mergePage(page(entry(1), entry(2)));
    seam.finishHistory(START);
    seam.dropHeld();
    assertEquals(seqs(seam.mergeLive(entry(5))), []);
    seam.dropHeld();
    assertEquals(seam.position?.seq, 2);
    assertEquals(seqs(seam.mergeLive(entry(6))), []);
    assertEquals(seqs(seam.mergePage(page(entry(2), entry(3), entry(5), entry(6)))), [3, 5, 6]);
    assertEquals(seqs(seam.finishHistory(START)), []);
  },
});

Deno.test({
  name: "without sequence numbers ids tell what was seen, and without ids nothing is dropped",
  permissions: "none",
  fn() {
    const seam = new LiveMerge();
    seam.mergeLive(entry(undefined, "b"));
    assertEquals(seqs(seam.mergePage(page(entry(undefined, "a"), entry(undefined, "b")))), ["a", "b"]);
    assertEquals(seqs(seam.finishHistory(START)), []);
    assertEquals(seam.mergeLive(entry(undefined)).length, 1);
    assertEquals(seam.mergeLive(entry(undefined)).length, 1);
  },
});

Deno.test({
  name: "another log begins anew",
  permissions: "none",
  fn() {
    const seam = new LiveMerge();
    seam.mergePage(page(entry(100)));
    seam.forgetIds();
    assertEquals(seqs(seam.mergePage(page(entry(1)))), [1]);
    const ids = new LiveMerge();
    ids.mergePage(page(entry(undefined, "a")));
    ids.forgetIds();
    assertEquals(seqs(ids.mergePage(page(entry(undefined, "a")))), ["a"]);
  },
});

Deno.test({
  name: "where nothing is shown yet, the start of what was asked for is where to go on",
  permissions: "none",
  fn() {
    const seam = new LiveMerge();
    seam.finishHistory({ ...START, time: 17 });
    assertEquals(seam.position, { ...START, time: 17 });
    assertEquals(seqs(seam.mergeLive(entry(3))), [3]);
    assertEquals(seam.position?.seq, 3);
  },
});

Deno.test({
  name: "an earlier run's position: what it saw is not shown again",
  permissions: "none",
  fn() {
    const seam = new LiveMerge({ seq: 4, id: "x", time: 4 });
    assertEquals(seqs(seam.mergePage(page(entry(3), entry(4), entry(5)))), [5]);
  },
});

Deno.test({
  name: "a page reaches past entries that are not shown",
  permissions: "none",
  fn() {
    const seam = new LiveMerge();
    assertEquals(seqs(seam.mergePage({ items: [entry(3)], reached: undefined })), [3]);
    assertEquals(seqs(seam.mergePage({ items: [], reached: entry(9) })), []);
    assertEquals(seam.position?.seq, 9);
    seam.mergePage({ items: [], reached: entry(5) });
    assertEquals(seam.position?.seq, 9, "and never back");
    assertEquals(seqs(seam.mergeLive(entry(9))), []);
    assertEquals(seqs(seam.finishHistory(START)), []);
  },
});

Deno.test({
  name: "what is held when the log loses it is shown in its place, and is not lost",
  permissions: "none",
  fn() {
    const seam = new LiveMerge({ seq: 2, id: "x", time: 2 });
    for (const seq of [10, 11, 20]) seam.mergeLive(entry(seq));
    // Between 2 and 15 the log has lost nine messages; two of them, 10 and 11, have come live.
    assertEquals(seqs(seam.mergePage(page(loss(9, 15), entry(15)))), [[7, 10], 10, 11, 15]);
    assertEquals(seqs(seam.mergePage(page(loss(1, 30), entry(30)))), [20, 30]);
    assertEquals(seqs(seam.finishHistory(START)), []);
  },
});

Deno.test({
  name:
    "a loss that held entries make up for wholly is none; one that nothing follows yet is of unknown size",
  permissions: "none",
  fn() {
    const seam = new LiveMerge({ seq: 2, id: "x", time: 2 });
    seam.mergeLive(entry(3));
    assertEquals(seqs(seam.mergePage(page(loss(1, 4), entry(4)))), [3, 4]);
    const late = new LiveMerge({ seq: 2, id: "x", time: 2 });
    late.mergeLive(entry(9));
    assertEquals(seqs(late.mergePage({ items: [loss(4, undefined)], reached: undefined })), [[undefined, 9]]);
    assertEquals(seqs(late.finishHistory(START)), [9]);
  },
});

Deno.test({
  name: "so much is held, then it is full",
  permissions: "none",
  fn() {
    const seam = new LiveMerge();
    for (let seq = 1; seq < MAX_HELD_ENTRIES; seq++) seam.mergeLive(entry(seq));
    assertEquals(seam.isFull, false);
    seam.mergeLive(entry(MAX_HELD_ENTRIES));
    assertEquals(seam.isFull, true);
    seam.dropHeld();
    assertEquals(seam.isFull, false);
  },
});

Deno.test({
  name: "of what was said since we have been listening nothing is lost, though the log may have lost it",
  permissions: "none",
  fn() {
    const seam = new LiveMerge({ seq: 2, id: "x", time: 2 });
    seam.mergeLive(entry(3));
    seam.mergeLive(entry(5));
    assertEquals(seqs(seam.mergePage(page(entry(3)))), [3]);
    assertEquals(seqs(seam.mergePage({ items: [loss(1, undefined)], reached: undefined })), []);
    assertEquals(seqs(seam.finishHistory(START)), [5]);
  },
});

Deno.test({
  name: "a loss is told for good only when it was told as it is: what makes up for it may yet be dropped",
  permissions: "none",
  fn() {
    const from = { seq: 2, id: "x", time: 2 };
    const told = { ...from, told: { count: 4, why: "overwritten" as const } };
    const seam = new LiveMerge(from);
    seam.mergePage({ items: [loss(4, undefined)], reached: told });
    assertEquals(seam.position, told);
    const held = new LiveMerge(from);
    held.mergeLive(entry(9));
    held.mergePage({ items: [loss(4, undefined)], reached: told });
    assertEquals(held.position, from);
  },
});
