import { assertEquals } from "@std/assert";
import type { Entry } from "../../lib/client/entry.ts";
import { Seam } from "../../lib/client/seam.ts";

function entry(seq: number | undefined, id?: string): Entry {
  return { seq, id, time: seq ?? 0, room: "#a", from: "bob", to: "#a", type: "message", text: "x" };
}

function seqs(entries: Entry[]): unknown[] {
  return entries.map(({ seq, id }) => seq ?? id);
}

Deno.test({
  name: "what comes while the history is read is held, and shown once",
  permissions: "none",
  fn() {
    const seam = new Seam();
    assertEquals(seqs(seam.live(entry(3))), []);
    assertEquals(seqs(seam.live(entry(4))), []);
    assertEquals(seqs(seam.fresh([entry(1), entry(2), entry(3)])), [1, 2, 3]);
    assertEquals(seqs(seam.open()), [4]);
    assertEquals(seqs(seam.live(entry(4))), []);
    assertEquals(seqs(seam.live(entry(7))), [7]);
    assertEquals(seam.last?.seq, 7);
  },
});

Deno.test({
  name: "after a loss the history goes on behind the last one shown",
  permissions: "none",
  fn() {
    const seam = new Seam();
    seam.fresh([entry(1), entry(2)]);
    seam.open();
    seam.close();
    assertEquals(seqs(seam.live(entry(5))), []);
    seam.close();
    assertEquals(seam.last?.seq, 2);
    assertEquals(seqs(seam.live(entry(6))), []);
    assertEquals(seqs(seam.fresh([entry(2), entry(3), entry(5), entry(6)])), [3, 5, 6]);
    assertEquals(seqs(seam.open()), []);
  },
});

Deno.test({
  name: "without sequence numbers ids tell what was seen, and without ids nothing is dropped",
  permissions: "none",
  fn() {
    const seam = new Seam();
    seam.live(entry(undefined, "b"));
    assertEquals(seqs(seam.fresh([entry(undefined, "a"), entry(undefined, "b")])), ["a", "b"]);
    assertEquals(seqs(seam.open()), []);
    assertEquals(seam.live(entry(undefined)).length, 1);
    assertEquals(seam.live(entry(undefined)).length, 1);
  },
});

Deno.test({
  name: "another log begins anew",
  permissions: "none",
  fn() {
    const seam = new Seam();
    seam.fresh([entry(100)]);
    seam.forget();
    assertEquals(seqs(seam.fresh([entry(1)])), [1]);
  },
});
