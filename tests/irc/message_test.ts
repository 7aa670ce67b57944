import { assert, assertEquals, assertThrows } from "@std/assert";
import { formatMessage, type Message, NO_TAGS, parseMessage, parseSource } from "../../lib/irc/message.ts";
import { pureTest } from "../support/test.ts";
import { type Atoms, MSG_JOIN, MSG_SPLIT, USERHOST_SPLIT } from "./ircdocs_vectors.ts";
import { forAll, type Random } from "./property.ts";

function tagMap(atoms: Atoms): ReadonlyMap<string, string> {
  return new Map(Object.entries(atoms.tags ?? {}));
}

for (const [line, atoms] of MSG_SPLIT) {
  pureTest(`ircdocs msg-split: ${JSON.stringify(line)}`, () => {
    assertEquals(parseMessage(line), {
      tags: tagMap(atoms),
      source: atoms.source,
      command: atoms.verb.toUpperCase(),
      params: atoms.params ?? [],
    });
  });
}

for (const [what, atoms, matches] of MSG_JOIN) {
  pureTest(`ircdocs msg-join: ${what}`, () => {
    const { source, verb: command, params } = atoms;
    const line = formatMessage({ tags: tagMap(atoms), source, command, params });
    assert(matches.includes(line), `${JSON.stringify(line)} is none of ${JSON.stringify(matches)}`);
  });
}

for (const [source, atoms] of USERHOST_SPLIT) {
  pureTest(
    `ircdocs userhost-split: ${JSON.stringify(source)}`,
    () => assertEquals(parseSource(source), atoms),
  );
}

pureTest("parseMessage finds no command in lines that have none", () => {
  for (
    const line of [
      "",
      " ",
      "   ",
      ":",
      ":src",
      ":src ",
      "@a=b",
      "@a=b ",
      "@a=b :src",
      "@a=b :src  ",
      "@",
      "@ ",
    ]
  ) {
    assertEquals(parseMessage(line), undefined, JSON.stringify(line));
  }
});

pureTest("parseMessage upper-cases ASCII and nothing else", () => {
  assertEquals(parseMessage("pRivmsg a b")?.command, "PRIVMSG");
  for (const letter of "abcdefghijklmnopqrstuvwxyz") {
    assertEquals(parseMessage(letter)?.command, letter.toUpperCase());
  }
  assertEquals(parseMessage("`{a")?.command, "`{A");
  // With Unicode's rules both of these would become commands of ours.
  assertEquals(parseMessage("prıvmsg a b")?.command, "PRıVMSG");
  assertEquals(parseMessage("paß x")?.command, "PAß");
});

pureTest("parseMessage takes runs of spaces as one, also before the first word", () => {
  const message = parseMessage("  @a=1   :src   PRIVMSG   #room   :  two  spaces");
  assertEquals(message?.tags, new Map([["a", "1"]]));
  assertEquals(message?.source, "src");
  assertEquals(message?.params, ["#room", "  two  spaces"]);
});

pureTest("parseMessage takes an empty source as none", () =>
  assertEquals(parseMessage(": PING x"), {
    tags: NO_TAGS,
    source: undefined,
    command: "PING",
    params: ["x"],
  }));

pureTest("parseMessage reads ten thousand params", () => {
  const params = Array.from({ length: 10_000 }, (_, i) => `p${i}`);
  assertEquals(parseMessage(`JOIN ${params.join(" ")}`)?.params, params);
});

pureTest(
  "parseMessage keeps a colon inside a middle param",
  () => assertEquals(parseMessage("MODE a:b c: :d")?.params, ["a:b", "c:", "d"]),
);

pureTest("formatMessage refuses what cannot be framed, and says which part", () => {
  const broken: [Parameters<typeof formatMessage>[0], string][] = [
    [{ command: "" }, "command"],
    [{ command: "PRIV MSG" }, "command"],
    [{ command: ":X" }, "command"],
    [{ command: "X\r\nQUIT" }, "command"],
    [{ command: "X", source: "" }, "source"],
    [{ command: "X", source: "a b" }, "source"],
    [{ command: "X", source: "a\nb" }, "CR, LF or NUL"],
    [{ command: "X", params: ["a b", "c"] }, "middle param 1"],
    [{ command: "X", params: ["a", "", "c"] }, "middle param 2"],
    [{ command: "X", params: [":a", "c"] }, "middle param 1"],
    [{ command: "X", params: ["a", "b\nQUIT"] }, "CR, LF or NUL"],
    [{ command: "X", params: ["a", "b\rQUIT"] }, "CR, LF or NUL"],
    [{ command: "X", params: ["a\0"] }, "CR, LF or NUL"],
    [{ command: "X", tags: new Map([["", "v"]]) }, "tag key"],
    [{ command: "X", tags: new Map([["a b", "v"]]) }, "tag key"],
    [{ command: "X", tags: new Map([["a", "v\0"]]) }, "NUL"],
  ];
  for (const [parts, part] of broken) assertThrows(() => formatMessage(parts), RangeError, part);
});

pureTest("formatMessage writes tags, source and a bare command", () => {
  assertEquals(formatMessage({ command: "QUIT" }), "QUIT");
  assertEquals(formatMessage({ command: "001", params: [] }), "001");
  assertEquals(
    formatMessage({ tags: new Map([["a", ""], ["+b", "c d"]]), source: "s", command: "X", params: ["y"] }),
    "@a;+b=c\\sd :s X y",
  );
});

pureTest("parseSource takes the first ! and the last @", () => {
  assertEquals(parseSource("irc.example.com"), { nick: "irc.example.com" });
  assertEquals(parseSource("a!b!c@d"), { nick: "a", user: "b!c", host: "d" });
  assertEquals(parseSource("a!b@c@d"), { nick: "a", user: "b@c", host: "d" });
  assertEquals(parseSource("a@b!c"), { nick: "a@b", user: "c" });
  assertEquals(parseSource("a!@"), { nick: "a", user: "", host: "" });
  assertEquals(parseSource(""), { nick: "" });
});

const WORD = "abcXYZ019#&*,.!@~=;\\\t\x01\x1fäß漢😀\u202e\ufeff";

function randomMessage(random: Random): Message {
  const tags = new Map<string, string>();
  for (let left = random.below(4); left > 0; left--) {
    tags.set(
      random.text("abZ09-/+.é", 1, 6),
      random.text("a;b \\\r\n:=@ßé😀s", 0, 8),
    );
  }
  const params: string[] = [];
  for (let left = random.below(5); left > 0; left--) params.push(random.text(WORD, 1, 8));
  if (random.chance(2)) params.push(random.text(WORD + " ::  ", 0, 20));
  return {
    tags,
    source: random.chance(2) ? random.text(WORD + ":", 1, 12) : undefined,
    command: random.chance(2) ? random.text("0123456789", 3, 3) : random.text("ABCXYZ", 1, 9),
    params,
  };
}

pureTest(
  "property: what formatMessage writes, parseMessage reads back the same",
  () =>
    forAll(5_000, (random) => {
      const message = randomMessage(random);
      assertEquals(parseMessage(formatMessage(message)), message);
    }),
);

pureTest(
  "property: what parseMessage makes of any line, formatMessage can write and it stays the same",
  () =>
    forAll(5_000, (random) => {
      const message = parseMessage(random.text("@:; =\\aB0+/é  ", 0, 30));
      if (message === undefined || !/^[A-Z0-9]+$/.test(message.command)) return;
      assertEquals(parseMessage(formatMessage(message)), message);
    }),
);
