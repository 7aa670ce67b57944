import { assertEquals, assertThrows } from "@std/assert";
import { DeliveryChecker } from "../../../lib/bench/load/delivery_checker.ts";
import { LINE_MAX_BYTES } from "../../../lib/bench/load/joined_bytes.ts";
import { Stamper } from "../../../lib/bench/load/message_stamp.ts";
import { pureTest } from "../../support/test.ts";

const stamper = new Stamper(100);

function lineOf(
  sender: number,
  number: number,
  { nick = `s${sender}`, channel = "#c", tags = "" } = {},
): string {
  return `${tags}:${nick}!u@h PRIVMSG ${channel} :${stamper.format(sender, number, 1)}\r\n`;
}

function check(
  text: string,
  { cut = 1e9, tagged = false } = {},
): { checker: DeliveryChecker; others: string[]; numbers: number[] } {
  const others: string[] = [];
  const numbers: number[] = [];
  const checker = new DeliveryChecker(
    { channel: "#c", senders: 2, nick: (index) => `s${index}`, tagged, stamper },
    ({ number }) => numbers.push(number),
    (line) => others.push(line),
  );
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += cut) {
    const chunk = bytes.subarray(at, at + cut);
    checker.take(chunk, chunk.length);
  }
  return { checker, others, numbers };
}

pureTest(
  "delivery checker: messages of two senders, however the stream is cut; other lines are handed on",
  () => {
    const text = lineOf(0, 0) + "PING :x\r\n" + lineOf(1, 0) + lineOf(0, 1) + ":h 376 a :end\r\n" +
      lineOf(1, 1);
    for (const cut of [1, 7, 100, 1e9]) {
      const { checker, others, numbers } = check(text, { cut });
      assertEquals([checker.count, checker.malformed, checker.outOfOrder, checker.twice], [4, 0, 0, 0]);
      assertEquals(checker.lost([2, 2]), 0);
      assertEquals(checker.lost([3, 2]), 1);
      assertEquals([others, numbers], [["PING :x", ":h 376 a :end"], [0, 0, 1, 1]]);
    }
  },
);

pureTest("delivery checker: lost, out of order, twice", () => {
  const { checker } = check([0, 3, 1, 1, 4].map((number) => lineOf(0, number)).join(""));
  assertEquals([checker.lost([5]), checker.outOfOrder, checker.twice], [1, 1, 1]);
});

pureTest(
  "delivery checker: a changed text, another nick, room or sender, and missing tags are malformed",
  () => {
    const changed = lineOf(0, 0).replace("xxx", "xXx");
    for (
      const line of [
        changed,
        lineOf(0, 12).replace("00000012", "0000000<"), // "<" is 12 behind "0"
        lineOf(0, 12).replace("00000012", "00000013"),
        lineOf(0, 0).replace("000000001000", "000000002000"), // the time
        lineOf(0, 0, { nick: "mallory" }),
        lineOf(0, 0, { channel: "#d" }),
        lineOf(2, 0),
      ]
    ) {
      assertEquals(check(line).checker.malformed, 1, line);
    }
    assertEquals(check(lineOf(0, 0), { tagged: true }).checker.malformed, 1);
    assertEquals(check(lineOf(0, 0, { tags: "@time=x " }), { tagged: true }).checker.malformed, 0);
  },
);

pureTest("delivery checker: a number that was not sent does not make up for one that was lost", () => {
  const { checker } = check([0, 1, 3].map((number) => lineOf(0, number)).join("") + lineOf(1, 0));
  assertEquals([checker.lost([3, 1]), checker.lost([4, 1]), checker.lost([3, 2])], [1, 1, 2]);
});

pureTest("delivery checker: a number far ahead is not believed: what is passed over would be kept", () => {
  const { checker } = check(lineOf(0, 99_999_999));
  assertEquals([checker.malformed, checker.lost([0])], [1, 0]);
  const growing = Array.from({ length: 40 }, (_, nth) => lineOf(0, nth * 900_000)).join("");
  assertEquals(check(growing).checker.malformed, 38, "a set has no room for all");
});

pureTest("delivery checker: a line without an end has a bound", () => {
  const { checker } = check("");
  const chunk = new Uint8Array(LINE_MAX_BYTES).fill(120);
  const take = () => checker.take(chunk, chunk.length);
  take();
  take();
  assertThrows(take, Error, `a line of more than ${LINE_MAX_BYTES} bytes`);
});
