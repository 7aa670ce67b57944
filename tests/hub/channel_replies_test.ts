import { assertEquals } from "@std/assert";
import { utf8Length } from "../../lib/base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES, NICKLEN } from "../../lib/irc/limits.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "names: every line fits, however many bytes a nick's characters take, and nobody is left out",
  () => {
    const test = new TestHub();
    const channel = "#" + "漢".repeat(21); // 64 bytes
    const nicks = Array.from(
      { length: 60 },
      (_, nth) => "漢".repeat(NICKLEN / 3 - 1) + String(nth).padStart(3, "0"),
    );
    const sessions = nicks.map((nick) => test.enter(nick, "multi-prefix"));
    for (const session of sessions) test.say(session, `JOIN ${channel}`);
    const last = sessions.at(-1)!;
    test.heard(last);
    test.say(last, `NAMES ${channel}`);
    const lines = test.heard(last);
    for (const line of lines) assertEquals(utf8Length(line) <= MAX_LINE_BYTES - CRLF_BYTES, true, line);
    const listed = lines.flatMap((line) => / 353 \S+ = \S+ :(.*)$/.exec(line)?.[1]?.split(" ") ?? []);
    assertEquals(listed.map((name) => name.replace("@", "")).sort(), nicks.toSorted());
  },
);
