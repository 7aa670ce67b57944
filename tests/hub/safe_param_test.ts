import { assert, assertEquals } from "@std/assert";
import { utf8Length } from "../../lib/base/bytes.ts";
import { toSafeParam } from "../../lib/hub/output/safe_param.ts";
import { truncateLine } from "../../lib/hub/output/line_limits.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

pureTest("a quoted word is one middle parameter: itself where it can be, else *", () => {
  assertEquals(["bob", "", ":x", "a b", "::", "a:b"].map(toSafeParam), ["bob", "*", "*", "*", "*", "a:b"]);
  forAll(2000, (random) => {
    const word = toSafeParam(random.text(": abß😀\u0301", 0, 400));
    assert(utf8Length(word) <= 300);
    assertEquals(parseMessage(`:s 401 me ${word} :No such nick`)?.params, ["me", word, "No such nick"]);
  });
});

pureTest("a line is cut at 510 bytes, between characters, and otherwise left alone", () => {
  assertEquals(truncateLine("x".repeat(510)), "x".repeat(510));
  assertEquals(truncateLine("x".repeat(511)), "x".repeat(510));
  assertEquals(truncateLine("é".repeat(255)), "é".repeat(255));
  assertEquals(truncateLine("€".repeat(171)), "€".repeat(170));
});
