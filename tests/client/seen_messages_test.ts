import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { SeenMessages } from "../../lib/client/conversation/sync/seen_messages.ts";
import { pureTest } from "../support/test.ts";

const at = (id: string | undefined, time: number, seq?: number) => ({
  id,
  time,
  seq,
  reportedGap: undefined,
});

pureTest("seen messages: an id is new once, until it is forgotten", () => {
  const seen = new SeenMessages();
  assertEquals(seen.addIfNew("1"), true);
  assertEquals(seen.addIfNew("1"), false);
  seen.forget("1");
  assertEquals(seen.addIfNew("1"), true);
  assertEquals([seen.addIfNew(undefined), seen.addIfNew(undefined)], [true, true]);
});

pureTest("seen messages: each conversation has a position, which never goes back", () => {
  const seen = new SeenMessages();
  assertEquals(seen.getPosition("#a"), undefined);
  seen.advance("#a", at("1", 1000));
  seen.advance("#A", at("2", 2000));
  seen.advance("bob", at("3", 3000));
  seen.advance("#a", at("1", 1000));
  assertEquals(seen.getPosition("#a"), at("2", 2000));
  seen.advance("#a", at(undefined, 2500));
  assertEquals(seen.getPosition("#a"), at(undefined, 2500));
  assertEquals(seen.getPosition("bob"), at("3", 3000));
});

pureTest(
  "seen messages: sequence numbers are the order where the server tells them, whatever the times",
  () => {
    const seen = new SeenMessages();
    seen.advance("#a", at("5", 9000, 5));
    seen.advance("#a", at("6", 1000, 6)); // the clock was set back
    assertEquals(seen.getPosition("#a"), at("6", 1000, 6));
    seen.advance("#a", at("5", 9000, 5));
    assertEquals(seen.getPosition("#a")?.id, "6");
  },
);

pureTest(
  "seen messages: a loss is dated ten seconds back by the server's clock, by ours where it tells no time",
  () => {
    const seen = new SeenMessages();
    const untimed = parseMessage(":b!b@h JOIN #a")!;
    const timed = (second: number) =>
      parseMessage(`@time=2026-01-01T00:00:0${second}.000Z :b!b@h PRIVMSG #a :x`)!;
    seen.noteServerTime(untimed, 20_000);
    seen.noteServerTime(untimed, 21_000);
    seen.noteLoss();
    assertEquals(seen.lostAt, 10_000);
    seen.noteServerTime(timed(3), 9);
    seen.noteServerTime(timed(2), 9);
    seen.noteServerTime(untimed, Date.UTC(2030, 0));
    assertEquals(seen.lostAt, 10_000);
    seen.noteLoss();
    assertEquals(seen.lostAt, Date.UTC(2026, 0, 1, 0, 0, 2) - 10_000, "as it was told last: it was set back");
  },
);

pureTest("seen messages: bounded; the oldest is forgotten first", () => {
  const seen = new SeenMessages();
  for (let n = 0; n < 10_001; n++) {
    seen.addIfNew(`m${n}`);
    seen.advance(`#${n % 2000}`, at(`m${n}`, n));
  }
  assertEquals(seen.addIfNew("m1"), false);
  assertEquals(seen.addIfNew("m0"), true);
  assertEquals(seen.getPosition("#1"), undefined);
  assertEquals(seen.getPosition("#0")?.id, "m10000");
});

pureTest(
  "seen messages: a renamed conversation has its position under the new name only; the one unheard longest goes",
  () => {
    const seen = new SeenMessages();
    seen.advance("#a", at("1", 1000));
    seen.rename("#A", "#b");
    assertEquals([seen.getPosition("#a"), seen.getPosition("#b")?.id], [undefined, "1"]);
    for (let n = 0; n < 999; n++) seen.advance(`#${n}`, at(`m${n}`, n));
    seen.advance("#b", at("2", 2000));
    seen.advance("#one more", at("3", 3000));
    assertEquals(["#b", "#0", "#1"].map((name) => seen.getPosition(name)?.id), ["2", undefined, "m1"]);
  },
);
