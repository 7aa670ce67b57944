import { assertEquals } from "@std/assert";
import { HISTORY_END_TAG } from "../../lib/irc/capability_names.ts";
import { BatchCollector, MAX_BATCHED_LINES } from "../../lib/client/session/batch_collector.ts";
import type { BatchStep } from "../../lib/client/session/batch_collector.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { pureTest } from "../support/test.ts";

/** What comes of each line. */
function steps(collector: BatchCollector, ...lines: string[]): BatchStep[] {
  return lines.map((line) => collector.receive(parseMessage(line)!));
}

pureTest("batches: a message of several lines is one message, with the tags of the batch", () => {
  const [first, ...rest] = steps(
    new BatchCollector(),
    "@msgid=1-x;time=t :bob!b@h BATCH +7 draft/multiline #tea",
    "@batch=7 :bob!b@h PRIVMSG #tea :one",
    "@batch=7 :bob!b@h PRIVMSG #tea :",
    "@batch=7 :bob!b@h PRIVMSG #tea :two and ",
    "@batch=7;draft/multiline-concat :bob!b@h PRIVMSG #tea :half",
    ":s BATCH -7",
  );
  assertEquals(first, { kind: "held" });
  const last = rest.at(-1)!;
  assertEquals(last.kind, "message");
  if (last.kind !== "message") return;
  assertEquals(last.message.source, "bob!b@h");
  assertEquals(last.message.command, "PRIVMSG");
  assertEquals(last.message.params, ["#tea", "one\n\ntwo and half"]);
  assertEquals([...last.message.tags], [["msgid", "1-x"], ["time", "t"]]);
});

pureTest("batches: the first line of the last page of history says so", () => {
  const last = steps(
    new BatchCollector(),
    "@label=1 :s BATCH +l labeled-response",
    "@batch=l;draft/chathistory-end :s BATCH +h chathistory #tea",
    "@batch=h;msgid=1-x :bob!b@h PRIVMSG #tea :one",
    "@batch=h;msgid=2-x :bob!b@h PRIVMSG #tea :two",
    "@batch=l :s BATCH -h",
    ":s BATCH -l",
  ).at(-1)!;
  assertEquals(last.kind, "complete");
  if (last.kind !== "complete") return;
  assertEquals(last.batch.lines.map(({ tags }) => tags.has(HISTORY_END_TAG)), [true, false]);
  assertEquals(last.batch.lines[0]!.tags.get("msgid"), "1-x");
});

pureTest("batches: in an answer of history it is one line among others", () => {
  const last = steps(
    new BatchCollector(),
    "@label=1 :s BATCH +h chathistory #tea",
    "@batch=h :bob!b@h PRIVMSG #tea :before",
    "@batch=h;msgid=2-x :bob!b@h BATCH +m draft/multiline #tea",
    "@batch=m :bob!b@h PRIVMSG #tea :one",
    "@batch=m :bob!b@h PRIVMSG #tea :two",
    "@batch=h :s BATCH -m",
    "@batch=h :bob!b@h PRIVMSG #tea :after",
    ":s BATCH -h",
  ).at(-1)!;
  assertEquals(last.kind, "complete");
  if (last.kind !== "complete") return;
  assertEquals(last.batch.lines.map(({ params }) => params[1]), ["before", "one\ntwo", "after"]);
  assertEquals(last.batch.lines.map(({ tags }) => tags.get("msgid")), [undefined, "2-x", undefined]);
});

pureTest(
  "batches: the bound holds over many messages of several lines, and over those that never end",
  () => {
    const collector = new BatchCollector();
    for (let i = 0; i < MAX_BATCHED_LINES; i++) {
      const kinds = steps(
        collector,
        ":b BATCH +m draft/multiline #t",
        "@batch=m :b PRIVMSG #t a",
        ":s BATCH -m",
      ).map(({ kind }) => kind);
      assertEquals(kinds, ["held", "held", "message"]);
    }
    steps(collector, ":b BATCH +m draft/multiline #t");
    for (let i = 0; i < MAX_BATCHED_LINES; i++) collector.receive(parseMessage("@batch=m :b PRIVMSG #t a")!);
    assertEquals(steps(collector, "@batch=m :b PRIVMSG #t a"), [{ kind: "overflow" }]);
  },
);
