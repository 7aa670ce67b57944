import { assertEquals } from "@std/assert";
import type { ResponseItem } from "../../lib/hub/model/work_steps.ts";
import { responseLength, withTag, wrapLabeled } from "../../lib/hub/output/labeled_response.ts";
import { forAll, type Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

const answer = (...items: ResponseItem[]) => wrapLabeled("L", items, "irc.test", "R");

pureTest("a tag goes in front of those that are there", () => {
  assertEquals(withTag(":a B", "x=1"), "@x=1 :a B");
  assertEquals(withTag("@y=2 :a B", "x=1"), "@x=1;y=2 :a B");
});

pureTest("no line makes an ACK, one line bears the label, several make a batch", () => {
  assertEquals(answer(), ["@label=L :irc.test ACK"]);
  assertEquals(answer(":s 401 x"), ["@label=L :s 401 x"]);
  assertEquals(answer(":s 1", "@t=1 :s 2"), [
    "@label=L :irc.test BATCH +R labeled-response",
    "@batch=R :s 1",
    "@batch=R;t=1 :s 2",
    ":irc.test BATCH -R",
  ]);
});

pureTest(
  "a batch that is the whole answer bears the label itself; inside another answer it is nested",
  () => {
    const batch = [":s BATCH +q chathistory #a", "@batch=q :a!b@c PRIVMSG #a :x", ":s BATCH -q"];
    assertEquals(answer({ batch }), [`@label=L ${batch[0]}`, ...batch.slice(1)]);
    assertEquals(answer(":a!b@c JOIN #a", { batch }), [
      "@label=L :irc.test BATCH +R labeled-response",
      "@batch=R :a!b@c JOIN #a",
      "@batch=R :s BATCH +q chathistory #a",
      "@batch=q :a!b@c PRIVMSG #a :x",
      "@batch=R :s BATCH -q",
      ":irc.test BATCH -R",
    ]);
  },
);

pureTest("text that looks like a batch is text", () => {
  const said = ":a!b@c PRIVMSG #a :x BATCH +q y BATCH -q";
  assertEquals(answer(said, said)[0], "@label=L :irc.test BATCH +R labeled-response");
});

/** What the lines of a response say about themselves: the same, found by reading them. */
function wrapByReading(lines: readonly string[]): string[] {
  const [first, ...more] = lines;
  if (first === undefined) return ["@label=L :irc.test ACK"];
  const [, ref] = /^(?:@\S+ )?:\S+ BATCH \+(\S+) /.exec(first) ?? [];
  const isBatch = ref !== undefined && /^(?:@\S+ )?:\S+ BATCH -(\S+)$/.exec(lines.at(-1)!)?.[1] === ref;
  if (more.length === 0 || isBatch) return [withTag(first, "label=L"), ...more];
  return [
    "@label=L :irc.test BATCH +R labeled-response",
    ...lines.map((line) => /^@(?:[^ ]*;)?batch=/.test(line) ? line : withTag(line, "batch=R")),
    ":irc.test BATCH -R",
  ];
}

/** A line, or a batch with lines and batches in it, of which each names the one that it is in. */
function randomItem(random: Random, ref: string): ResponseItem {
  const line = (tags: string) =>
    `${tags}:a!b@c PRIVMSG #a :${random.pick(["x", "BATCH +q y", "@batch=1 z"])}`;
  if (random.chance(2)) return line(random.pick(["", "@time=1 ", "@x=y;z "]));
  const inner = Array.from(
    { length: random.below(4) },
    (_, nth) =>
      random.chance(4)
        ? [
          `@batch=${ref} :s BATCH +${ref}${nth} t`,
          line(`@batch=${ref}${nth} `),
          `@batch=${ref} :s BATCH -${ref}${nth}`,
        ]
        : [line(`@${random.pick(["", "time=1;"])}batch=${ref} `)],
  ).flat();
  return {
    batch: [`${random.pick(["", "@t=1 "])}:s BATCH +${ref} chathistory #a`, ...inner, `:s BATCH -${ref}`],
  };
}

pureTest(
  "whatever lines and batches a response has, it is wrapped as its lines say",
  () =>
    forAll(3000, (random) => {
      const items = Array.from({ length: random.below(5) }, (_, nth) => randomItem(random, `q${nth}`));
      const lines = items.flatMap((item) => typeof item === "string" ? [item] : item.batch);
      assertEquals([...answer(...items)], wrapByReading(lines));
      assertEquals(responseLength(items), lines.join("").length);
    }),
);
