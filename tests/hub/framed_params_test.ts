import { assertEquals } from "@std/assert";
import { frameParams, frameWords } from "../../lib/hub/output/framed_params.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { forAll } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

pureTest("framed params: the last parameter is a text and always has a colon; numbers are words", () => {
  assertEquals(frameParams(["#a", 7, "two words"]), "#a 7 :two words");
  assertEquals([frameParams([""]), frameParams(["#a", ":)"]), frameParams(["one"])], [":", "#a ::)", ":one"]);
  assertEquals(frameWords("#a", 7), "#a 7");
});

pureTest("framed params: no parameter is read as two, as none, or as the end of the line", () => {
  assertEquals(frameParams(["a b", "", ":c", "d"]), "* * * :d");
  assertEquals(frameWords("a\r\nQUIT", "b\0"), "a\ufffd\ufffdQUIT b\ufffd");
});

pureTest("framed params: what is framed parses to its parameters", () => {
  forAll(2000, (random) => {
    const params = Array.from({ length: 1 + random.below(4) }, () => random.text("a :\r\n\0é漢", 0, 3));
    const expected = params.map((param, nth) => {
      const isWord = nth < params.length - 1;
      if (isWord && (param === "" || param.startsWith(":") || param.includes(" "))) return "*";
      return param.replace(/[\r\n\0]/g, "\ufffd");
    });
    assertEquals(parseMessage(`001 ${frameParams(params)}`)?.params, expected);
  });
});

pureTest(
  "framed params: a word of a client cannot forge a line in the numeric or the FAIL that answers it",
  () => {
    const chat = new TestHub();
    const alice = chat.enter("alice");
    const { context } = chat.hub;
    context.numeric(alice, "401", "x\r\n:irc.test 381 alice", "No such nick");
    context.fail(alice, "TEST", "CODE", ["x y", "z"], "text\r\nQUIT");
    chat.deliver();
    assertEquals(chat.heard(alice), [
      ":irc.test 401 alice * :No such nick",
      ":irc.test FAIL TEST CODE * z :text\ufffd\ufffdQUIT",
    ]);
  },
);
