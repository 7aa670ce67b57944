import { assertEquals } from "@std/assert";
import { FORM } from "../../lib/irc/capabilities.ts";
import type { RecordedEvent } from "../../lib/hub/model/state/event.ts";
import { formatMsgid, formatTimestamp, parseMsgid, render } from "../../lib/hub/output/render.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

pureTest("a msgid names its record; any other text names none", () => {
  for (const seq of [1, 35, 36, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER]) {
    assertEquals(parseMsgid(formatMsgid(seq, "log"), "log"), seq);
  }
  const others = [
    "",
    "-",
    "-log",
    "1-",
    "1",
    "1-other",
    "1-log-log",
    "01-log",
    "1.5-log",
    "Z-log",
    " 1-log",
    "!-log",
  ];
  for (const text of others) assertEquals(parseMsgid(text, "log"), undefined, text);
  assertEquals(parseMsgid("zzzzzzzzzzzzzzzz-log", "log"), undefined);
});

pureTest("timestamps are ISO 8601 with milliseconds", () =>
  forAll(2000, (random) => {
    const time = random.below(4_000_000_000) * 1000 + random.below(1000);
    assertEquals(formatTimestamp(time), new Date(time).toISOString());
  }));

pureTest("a line bears the tags of its form, the server's before the client's", () => {
  const event: RecordedEvent = {
    kind: "message",
    verb: "PRIVMSG",
    source: "a!b@c",
    target: { kind: "channel", name: "#r" },
    text: "hi",
    tags: "+x=y",
    from: "o",
    id: undefined,
  };
  const line = (form: number, seq = 36) => render(event, { seq, time: 0 }, form, "log");
  const time = "time=1970-01-01T00:00:00.000Z";
  const said = ":a!b@c PRIVMSG #r :hi";
  assertEquals(line(0), said);
  assertEquals(line(FORM.serverTime), `@${time} ${said}`);
  assertEquals(line(FORM.messageTags), `@msgid=10-log;+x=y ${said}`);
  assertEquals(line(FORM.seq), `@chatterbox.chat/seq=36 ${said}`);
  assertEquals(
    line(FORM.seq | FORM.messageTags | FORM.serverTime),
    `@${time};msgid=10-log;chatterbox.chat/seq=36;+x=y ${said}`,
  );
  assertEquals(line(FORM.seq | FORM.messageTags, 0), `@+x=y ${said}`);
  assertEquals(line(FORM.seq, 0), said);
});
