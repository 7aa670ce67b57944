/** Bounds of docs/limits.md on the side of our clients: mostly of what a server may make them remember. */
import { assertEquals } from "@std/assert";
import { IgnoreList, MAX_IGNORED } from "../../lib/client/conversation/model/ignore_list.ts";
import { JoinedChannels } from "../../lib/client/conversation/model/joined_channels.ts";
import { MAX_UNREAD_TIMES, UnreadCounter } from "../../lib/client/conversation/model/unread_counter.ts";
import { CapabilityTracker } from "../../lib/client/session/capability_tracker.ts";
import { IsupportTable } from "../../lib/client/session/isupport_table.ts";
import { RequestTracker } from "../../lib/client/session/request_tracker.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { constantOf } from "./constants.ts";

/** A test that reads constants in the source. */
function sourceTest(name: string, fn: () => void): void {
  Deno.test({ name: `limits: ${name}`, permissions: { read: true }, fn });
}

/** A bound that only its own file uses. */
function boundOf(path: string, name: string): number {
  return Number(constantOf(`lib/client/${path}`, name));
}

/** As many words as the bound, and one more. */
function oneMoreThan(bound: number): string[] {
  return Array.from({ length: bound + 1 }, (_, n) => `w${n}`);
}

sourceTest("people ignored: so many", () => {
  const ignored = new IgnoreList([]);
  const added = oneMoreThan(MAX_IGNORED).map((name) => ignored.add(name));
  assertEquals(added.filter((isIn) => !isIn), [false]);
  assertEquals([ignored.names.length, ignored.has("w999"), ignored.has("w1000")], [1000, true, false]);
});

sourceTest("tokens of ISUPPORT: so many", () => {
  const bound = boundOf("session/isupport_table.ts", "MAX_TOKENS");
  const table = new IsupportTable();
  table.learn(oneMoreThan(bound));
  assertEquals([table.size, table.has(`w${bound}`)], [bound, false]);
});

sourceTest("capabilities offered: so many", () => {
  const bound = boundOf("session/capability_tracker.ts", "MAX_OFFERED");
  const tracker = new CapabilityTracker(false, false);
  tracker.receive(["*", "LS", oneMoreThan(bound).join(" ")]);
  assertEquals([tracker.value(`w${bound - 1}`), tracker.value(`w${bound}`)], ["", undefined]);
});

sourceTest("members known of a room: so many", () => {
  const bound = boundOf("conversation/model/joined_channels.ts", "MAX_MEMBERS");
  const channels = new JoinedChannels();
  channels.applyLine(parseMessage(":alice!a@h JOIN #tea")!, "alice");
  channels.applyLine(parseMessage(`:irc.test 353 alice = #tea :${oneMoreThan(bound).join(" ")}`)!, "alice");
  assertEquals([...channels.listMembers()].length, bound);
});

sourceTest("lines of a response without a label: so many", () => {
  const bound = boundOf("session/request_tracker.ts", "MAX_GATHERED_LINES");
  const tracker = new RequestTracker();
  const { lines: [, ping = ""] } = tracker.open({ command: "WHO", params: ["*"] }, false);
  const row = parseMessage(":irc.test 352 alice * u h s n H :0 n")!;
  for (let n = 0; n < bound; n++) tracker.takeLine(row, false);
  tracker.takeLine(row, false);
  tracker.takeBatch({ type: "chathistory", params: ["#tea"], tags: new Map(), lines: [row] });
  const response = tracker.takePong(ping.replace("PING ", ""));
  assertEquals(typeof response === "object" && response.lines.length, bound);
});

sourceTest("unread messages with a known time: so many, older ones are counted", () => {
  const counter = new UnreadCounter();
  for (let time = 1; time <= MAX_UNREAD_TIMES + 2; time++) counter.add({ time, isMention: false });
  assertEquals(counter.count, MAX_UNREAD_TIMES + 2);
  counter.markRead(1);
  assertEquals(counter.count, MAX_UNREAD_TIMES + 2, "which of the counted ones are read is unknown");
  counter.markRead(3);
  assertEquals(counter.count, MAX_UNREAD_TIMES - 1);
});
