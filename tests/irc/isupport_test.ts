import { assertEquals, assertThrows } from "@std/assert";
import { utf8Length } from "../../lib/base/bytes.ts";
import { formatIsupportLines, parseIsupportToken } from "../../lib/irc/isupport.ts";
import { MAX_LINE_BYTES, NICKLEN, SERVERNAMELEN } from "../../lib/irc/limits.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { pureTest } from "../support/test.ts";
import { forAll } from "./property.ts";

const LEAD = `:${"s".repeat(SERVERNAMELEN)} 005 ${"n".repeat(NICKLEN)} `;
const TRAILER = "are supported by this server";

/** The tokens of the lines, as a client reads them; checks the framing on the way. */
function readBack(lines: string[]): Map<string, string | boolean> {
  const tokens = new Map<string, string | boolean>();
  for (const line of lines) {
    assertEquals(utf8Length(`${LEAD}${line}\r\n`) <= MAX_LINE_BYTES, true, line);
    const params = parseMessage(LEAD + line)?.params.slice(1) ?? [];
    assertEquals(params.pop(), TRAILER);
    assertEquals(params.length >= 1 && params.length <= 13, true, line);
    for (const param of params) {
      const { name, value } = parseIsupportToken(param);
      tokens.set(name, value);
    }
  }
  return tokens;
}

pureTest("isupportLines: names alone, values, and the sentence at the end", () => {
  const tokens = new Map<string, string | true>([["CASEMAPPING", "ascii"], ["WHOX", true], [
    "PREFIX",
    "(ov)@+",
  ]]);
  assertEquals(formatIsupportLines(tokens), [
    "CASEMAPPING=ascii WHOX PREFIX=(ov)@+ :are supported by this server",
  ]);
  assertEquals(formatIsupportLines(new Map([["STATUSMSG", ""]])), [
    "STATUSMSG= :are supported by this server",
  ]);
  assertEquals(formatIsupportLines(new Map()), []);
});

pureTest("isupportLines: thirteen tokens a line", () => {
  const tokens = new Map(Array.from({ length: 27 }, (_, i) => [`T${i}`, true as const]));
  const lines = formatIsupportLines(tokens);
  assertEquals(lines.map((line) => line.split(" :")[0]?.split(" ").length), [13, 13, 1]);
  assertEquals(readBack(lines), tokens);
});

pureTest("isupportLines: space, = and backslash are escaped", () => {
  const tokens = new Map([["NETWORK", "Example Network=\\o/"]]);
  const lines = formatIsupportLines(tokens);
  assertEquals(lines, ["NETWORK=Example\\x20Network\\x3D\\x5Co/ :are supported by this server"]);
  assertEquals(readBack(lines), tokens);
});

pureTest(
  "isupportLines: a token that fits no line is our mistake",
  () => void assertThrows(() => formatIsupportLines(new Map([["X", "x".repeat(400)]])), RangeError, "X"),
);

pureTest("parseIsupportToken: name, value, and taken back", () => {
  assertEquals(parseIsupportToken("WHOX"), { name: "WHOX", value: true });
  assertEquals(parseIsupportToken("EXCEPTS="), { name: "EXCEPTS", value: "" });
  assertEquals(parseIsupportToken("A=b=c"), { name: "A", value: "b=c" });
  assertEquals(parseIsupportToken("-WHOX"), { name: "WHOX", value: false });
  assertEquals(parseIsupportToken("N=a\\x20b\\x5c\\x3D\\y\\x2"), { name: "N", value: "a b\\=\\y\\x2" });
});

pureTest("property: every token comes back, in lines that fit", () =>
  forAll(1_000, (random) => {
    const tokens = new Map<string, string | true>();
    for (let left = random.below(40); left > 0; left--) {
      tokens.set(
        random.text("ABCDEFGHIJ", 1, 12),
        random.chance(3) ? true : random.text("ab =\\:,é😀", 0, 40),
      );
    }
    assertEquals(readBack(formatIsupportLines(tokens)), tokens);
  }));
