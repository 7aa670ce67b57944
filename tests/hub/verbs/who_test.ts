import { assertEquals } from "@std/assert";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

pureTest("who: who came by a Unix socket has no address to tell, others have theirs", () => {
  const test = new TestHub();
  const alice = test.enter("alice");
  for (const [nick, host] of [["local", "localhost"], ["six", "0::1"], ["four", "192.0.2.7"]] as const) {
    const session = test.open(host);
    test.say(session, `NICK ${nick}`, `USER ${nick} 0 * :x`);
  }
  test.say(alice, "WHO * %ni");
  assertEquals(test.heard(alice).filter((line) => line.includes(" 354 ")), [
    ":irc.test 354 alice 127.0.0.1 alice",
    ":irc.test 354 alice 255.255.255.255 local",
    ":irc.test 354 alice 0::1 six",
    ":irc.test 354 alice 192.0.2.7 four",
  ]);
});
