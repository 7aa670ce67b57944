import { assertEquals } from "@std/assert";
import type { ChatEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { ReconnectReport } from "../../lib/tui/reconnect_report.ts";
import { pureTest } from "../support/test.ts";
import { say } from "./view/printing.ts";

/** The line after a loss of `ms`, in which `entries` were missed. */
function report(ms: number, ...entries: readonly ChatEntry[]): string | undefined {
  const report = new ReconnectReport(() => "13:00");
  const chat = (isOnline: boolean, isSettled = true) => ({
    isOnline,
    joinSync: { isSettled },
    directSync: { isSettled },
  });
  assertEquals(report.observe(chat(false), 0), undefined); // the first connection is no return
  assertEquals(report.observe(chat(true), 1000), undefined);
  report.observe(chat(false), 2000);
  assertEquals(report.observe(chat(true, false), 2000 + ms), undefined);
  for (const entry of entries) report.noteEntry(entry, "alice");
  const line = report.observe(chat(true), 2000 + ms);
  assertEquals(report.observe(chat(true), 3000 + ms), undefined);
  return line;
}

const gap = { kind: "gap", time: 2500, target: "#lobby", after: 1000, before: 2500 } as const;

pureTest("return: how long it was, and what was missed", () => {
  assertEquals(report(8000), "back after 8 s; nothing missed");
  assertEquals(report(125_000, say("hi", { time: 3000 })), "back after 2 min; 1 missed message is above");
  assertEquals(
    report(3_900_000, say("hi", { time: 3000 }), say("ho", { time: 4000 })),
    "back after 1 h 5 min; 2 missed messages are above",
  );
});

pureTest("return: own messages and those that come afterwards were not missed", () => {
  assertEquals(
    report(8000, say("mine", { time: 3000, from: "alice" }), say("now", { time: 20_000 })),
    "back after 8 s; nothing missed",
  );
});

pureTest("return: what is lost, and a server that ended without saving, as far as that is known", () => {
  const crash = { ...gap, count: undefined, why: "restart" } as const;
  assertEquals(
    report(8000, { ...gap, count: 7, why: "overwritten" }),
    "back after 8 s; 7 messages lost: see the gap above",
  );
  assertEquals(
    report(8000, { ...gap, count: undefined, why: "overwritten" }, { ...gap, count: 7, why: "overwritten" }),
    "back after 8 s; not all that was missed is known: see the gap above",
  );
  assertEquals(
    report(8000, { ...crash, count: 1 }),
    "back after 8 s; 1 message lost: see the gap above",
  );
  assertEquals(
    report(8000, { ...crash, after: undefined }),
    "back after 8 s; the server ended without saving: its last messages may be missing",
  );
  assertEquals(
    report(120_000, { ...crash, most: 3 }, say("hi", { time: 3000 })),
    "back after 2 min; the server ended without saving after 13:00: up to 3 messages may be missing; " +
      "1 missed message is above",
  );
});

pureTest("return: a connection that breaks again before all has been read is one loss", () => {
  const report = new ReconnectReport(() => "13:00");
  const chat = (isOnline: boolean, isSettled = true) => ({
    isOnline,
    joinSync: { isSettled },
    directSync: { isSettled },
  });
  report.observe(chat(true), 0);
  report.observe(chat(false), 1000);
  report.observe(chat(true, false), 2000);
  report.observe(chat(false), 3000);
  assertEquals(report.observe(chat(true), 11_000), "back after 10 s; nothing missed");
});

pureTest(
  "return: that the server ended without saving is one line, in whichever view it is seen first",
  () => {
    const crash = { ...gap, count: undefined, why: "restart" } as const;
    const state = (isOnline: boolean, isSettled = true) => ({
      isOnline,
      joinSync: { isSettled },
      directSync: { isSettled },
    });
    const isLeftOut = (during: readonly ChatEntry[], later: readonly ChatEntry[]) => {
      const report = new ReconnectReport(() => "13:00");
      report.observe(state(true), 0);
      report.observe(state(false), 2000);
      report.observe(state(true, false), 3000);
      const note = (entry: ChatEntry) => report.noteEntry(entry, "alice");
      const left = during.map(note);
      report.observe(state(true), 3000);
      return [...left, ...later.map(note)];
    };
    const withBob = { ...crash, target: "bob" };
    assertEquals(isLeftOut([crash, withBob], [withBob]), [true, true, true]);
    assertEquals(isLeftOut([], [withBob, crash]), [false, true]); // the line of the return did not tell
    assertEquals(isLeftOut([{ ...crash, count: 1 }], []), [false]);
    assertEquals(isLeftOut([crash], [{ ...crash, before: 1500 }, { ...crash, after: 2500, before: 4000 }]), [
      true,
      false,
      false,
    ]);
  },
);
