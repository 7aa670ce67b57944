/** Messages of several lines in the log and in history. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { CHATHISTORY_MAX_BYTES } from "../../lib/hub/model/config.ts";
import type { Account } from "../../lib/hub/model/state/entities.ts";
import type { MessageEvent, RecordedMessage } from "../../lib/hub/model/state/event.ts";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import { renderMultiline } from "../../lib/hub/output/multiline.ts";
import { RecordRenderer } from "../../lib/hub/history/record_renderer.ts";
import { render } from "../../lib/hub/output/render.ts";
import { CapSet } from "../../lib/irc/cap_set.ts";
import { CAP, FORM_COUNT, formOf } from "../../lib/irc/capabilities.ts";
import { isMultiline } from "../../lib/irc/multiline.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { forAll } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const CAPS = ["batch", "draft/multiline", "draft/chathistory"];

/** The lines that say `lines` to `target` as one. */
function batch(target: string, lines: readonly string[]): string[] {
  return [
    `BATCH +x draft/multiline ${target}`,
    ...lines.map((text) => `@batch=x PRIVMSG ${target} :${text}`),
    "BATCH -x",
  ];
}

pureTest(
  "multiline: history has what was said live, of any combination of lines and capabilities, whatever the room is called",
  () =>
    forAll(150, (random) => {
      const ring = Ring.create(RING_MIN_BYTES);
      const scratch = new Uint8Array(8192);
      let caps = CapSet.ofWords(random.below(FORM_COUNT));
      for (const cap of [CAP.batch, CAP.multiline]) if (random.chance(2)) caps = caps.with(cap);
      const options = {
        log: ring,
        logId: "testlog",
        serverName: "irc.test",
        caps,
        accounts: { byOwner: () => ({ name: "Alice", createdAt: 0 }) as Account },
        channel: "#tea",
        lead: "batch=h",
        batchRef: () => "b",
      };
      const lines = new RecordRenderer(options, 0);
      let expected = "";
      for (let i = 0; i < 10; i++) {
        const event: RecordedMessage = {
          kind: "message",
          verb: random.pick(["PRIVMSG", "NOTICE"]),
          source: "alice!~a@host",
          target: { kind: "channel", name: "#old" },
          text: "a" + random.text("ab ä\n\r", 0, random.pick([5, 500])),
          tags: random.chance(3) ? "+x=y" : "",
          from: "o",
          id: random.chance(3) ? "id" : undefined,
        };
        const seq = ring.append(1_700_000_000_000 + i, scratch, encodeEvent(event, scratch));
        const place = { seq, time: 1_700_000_000_000 + i, account: "Alice" };
        const shown: MessageEvent = { ...event, target: { kind: "channel", name: "#tea" } };
        const made = isMultiline(event.text)
          ? renderMultiline(shown, place, caps, options, "b", "batch=h")
          : [render(shown, place, formOf(caps), "testlog")].map((line) =>
            line.startsWith("@") ? `@batch=h;${line.slice(1)}` : `@batch=h ${line}`
          );
        for (const line of made) expected += line + "\r\n";
        lines.add(seq);
      }
      assertEquals(new TextDecoder().decode(lines.take()), expected);
    }),
);

pureTest("multiline: an answer stays within its bound, and has the messages beside its anchor", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", ...CAPS);
  const reader = chat.enter("reader", "draft/chathistory", "message-tags", "server-time", "batch");
  chat.say(alice, "JOIN #tea");
  for (let i = 0; i < 200; i++) chat.say(alice, ...batch("#tea", Array.from({ length: 100 }, () => `m${i}`)));
  for (
    const [command, edge] of [["LATEST #tea *", "m199"], ["AFTER #tea timestamp=2000-01-01T00:00:00Z", "m0"]]
  ) {
    chat.heard(reader);
    chat.say(reader, `CHATHISTORY ${command} 1000`);
    const lines = chat.heard(reader);
    const bytes = lines.reduce((sum, line) => sum + line.length + 2, 0);
    assert(bytes > CHATHISTORY_MAX_BYTES / 2 && bytes < 3 * CHATHISTORY_MAX_BYTES, `${bytes} bytes`);
    const texts = new Set(lines.flatMap((line) => / :(m\d+)$/.exec(line)?.[1] ?? []));
    assert(texts.has(edge!), `${edge} is there`);
    const numbers = [...texts].map((text) => Number(text.slice(1)));
    assertEquals(
      numbers,
      numbers.map((_, index) => numbers[0]! + index),
      "in order, and none between them is missing",
    );
  }
});

pureTest("multiline: it is one record, there after a start, and said once under its sender's own id", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const chat = new TestHub({}, ring);
  const alice = chat.enter("alice", ...CAPS, "chatterbox.chat/receipts", "echo-message");
  chat.say(alice, "JOIN #tea");
  const [open = "", ...rest] = batch("#tea", ["one", "two"]);
  const before = ring.nextSeq;
  for (let i = 0; i < 2; i++) {
    chat.heard(alice);
    chat.say(alice, `@chatterbox.chat/id=x ${open}`, ...rest);
    assertEquals(chat.heard(alice).map((line) => line.replace(/\+\w+|-\w+$|=\w+/, "")), [
      ":alice!~alice@127.0.0.1 BATCH  draft/multiline #tea",
      "@batch :alice!~alice@127.0.0.1 PRIVMSG #tea :one",
      "@batch :alice!~alice@127.0.0.1 PRIVMSG #tea :two",
      ":irc.test BATCH ",
    ]);
  }
  assertEquals(ring.nextSeq, before + 1);
  const after = new TestHub({}, ring);
  const bob = after.enter("bob", "draft/chathistory");
  after.say(bob, "CHATHISTORY LATEST #tea * 10");
  assertEquals(after.heard(bob).map((line) => line.slice(line.lastIndexOf(":"))), [":one", ":two"]);
});

pureTest(
  "multiline: the longest one, with all tags that it may have, fits a record of the smallest ring",
  () => {
    const chat = new TestHub({}, Ring.create(RING_MIN_BYTES));
    const alice = chat.enter("a".repeat(30), "batch", "draft/multiline", "message-tags");
    chat.say(alice, `JOIN #${"t".repeat(63)}`);
    const [open = "", ...rest] = batch(
      `#${"t".repeat(63)}`,
      Array.from({ length: 11 }, () => "x".repeat(340)),
    );
    chat.heard(alice);
    chat.say(alice, `@+x=${"y".repeat(2045)} ${open}`, ...rest);
    assertEquals(chat.heard(alice).map((line) => line.split(" ").slice(1, 4).join(" ")), [
      "NOTE PRIVMSG TAGS_NOT_RECORDED",
    ]);
    const tags = `@+x=${"y".repeat(509)}`; // as many as are recorded
    chat.say(alice, `${tags} ${open}`, ...rest);
    assertEquals(chat.heard(alice), []);
    chat.say(alice, `@+x=${"y".repeat(2046)} ${open}`, ...rest);
    assertEquals(chat.heard(alice), [
      ":irc.test FAIL BATCH MULTILINE_INVALID :A batch can have at most 2048 bytes of tags",
    ]);
  },
);

pureTest(
  "multiline: a batch that has lost a line is no message: nothing of it is said, and that is told once",
  () => {
    const chat = new TestHub();
    const [alice, bob] = [chat.enter("alice", ...CAPS), chat.enter("bob")];
    const [open = "", first = "", second = "", end = ""] = batch("bob", ["one", "two"]);
    const faults = ["nul", "not_utf8", "too_long"] as const;
    for (const fault of faults) {
      chat.say(alice, open, first, { fault, head: "PRIVMSG bob", tags: "batch=x" }, second, end);
      const told = chat.heard(alice).filter((line) => line.includes(" FAIL BATCH "));
      assertEquals(told, [":irc.test FAIL BATCH MULTILINE_INVALID :A line of the batch was refused"]);
    }
    assertEquals(chat.heard(bob), []);
  },
);

pureTest("multiline: a service is told the first line, and can't be made to say the others", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", ...CAPS);
  chat.say(alice, ...batch("NickServ", ["nonsense", "QUIT"]));
  for (const line of chat.heard(alice)) assert(!/[\r\n]/.test(line), line);
});
