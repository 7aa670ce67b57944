import { assert } from "../../lib/base/assert.ts";
import { assertEquals } from "@std/assert";
import { Ring } from "../../lib/log/ring.ts";
import { forAll } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";
import { CHANNELS, playRandomChat } from "./random_chat.ts";

/** All that is shown of the channels to who asks for events. */
function readAll(test: TestHub): string[] {
  const session = test.enter("reader", "message-tags", "server-time", "draft/event-playback");
  return CHANNELS.flatMap((channel) => {
    test.heard(session);
    test.say(session, `CHATHISTORY LATEST ${channel} * 1000`);
    return test.heard(session).filter((line) => !line.includes(" FAIL "));
  });
}

pureTest("what happened in a room is the same before and after a start, as far as the log reaches", () => {
  const seen = new Set<string>();
  forAll(100, (random) => {
    const ring = Ring.create(1 << 20);
    const test = new TestHub({}, ring);
    playRandomChat(test, random, 300);
    const before = readAll(test);
    for (const line of before) seen.add(line.split(" ")[2]!);
    // Who still is there leaves with the server, which the log does not tell.
    assertEquals(readAll(new TestHub({}, ring)), before);
  });
  for (const command of ["JOIN", "PART", "QUIT", "NICK", "TOPIC", "MODE", "KICK", "PRIVMSG"]) {
    assert(seen.has(command), `there was a ${command}`);
  }
});
