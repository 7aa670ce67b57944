import { assertEquals } from "@std/assert";
import type { GapEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { describeGapIn } from "../../lib/client/conversation/model/gap_text.ts";
import { pureTest } from "../support/test.ts";

/** Times are minutes; a day has a hundred. */
const local = {
  clock: (time: number) => `10:${time % 100}`,
  day: (time: number) => `day ${Math.floor(time / 100)}`,
  date: (time: number) => `${Math.floor(time / 100)} Nov`,
};

function text(parts: Partial<GapEntry>): string {
  const gap: GapEntry = {
    kind: "gap",
    time: 117,
    target: "#lobby",
    count: 37,
    why: "overwritten",
    after: 112,
    before: 117,
    ...parts,
  };
  return describeGapIn(gap, "#Lobby", local);
}

pureTest("gap text: how many, from when to when, and why", () => {
  assertEquals(text({}), "gap: 37 messages, 10:12–10:17");
  assertEquals(text({ count: 1 }), "gap: 1 message, 10:12–10:17");
  assertEquals(text({ count: undefined }), "gap: 10:12–10:17, some messages may be lost");
  assertEquals(text({ count: undefined, most: 37 }), "gap: up to 37 messages, 10:12–10:17");
  assertEquals(text({ count: undefined, most: 1 }), "gap: up to 1 message, 10:12–10:17");
  assertEquals(text({ before: 112 }), "gap: 37 messages, at 10:12");
  const crash = (parts: Partial<GapEntry>) => text({ count: undefined, why: "restart", ...parts });
  const perhaps = "its last messages may be missing";
  assertEquals(crash({}), `gap: the server ended without saving between 10:12 and 10:17; ${perhaps}`);
  assertEquals(crash({ before: undefined }), `gap: the server ended without saving after 10:12; ${perhaps}`);
  assertEquals(crash({ after: undefined }), `gap: the server ended without saving before 10:17; ${perhaps}`);
  assertEquals(crash({ before: 112 }), `gap: the server ended without saving at 10:12; ${perhaps}`);
  assertEquals(
    crash({ most: 5 }),
    "gap: the server ended without saving between 10:12 and 10:17; up to 5 messages may be missing",
  );
  assertEquals(
    crash({ count: 5 }),
    "gap: the server ended without saving between 10:12 and 10:17; 5 messages are missing",
  );
});

pureTest("gap text: ends that are not known, another day, another conversation", () => {
  assertEquals(text({ after: 99 }), "gap: 37 messages, 0 Nov 10:99–10:17");
  assertEquals(text({ before: undefined }), "gap: 37 messages, since 10:12");
  assertEquals(text({ after: undefined }), "gap: 37 messages, until 10:17");
  assertEquals(text({ after: undefined, before: undefined }), "gap: 37 messages");
  assertEquals(text({ target: "#dev" }), "gap in #dev: 37 messages, 10:12–10:17");
  assertEquals(text({ target: "bob" }), "gap with bob: 37 messages, 10:12–10:17");
});
