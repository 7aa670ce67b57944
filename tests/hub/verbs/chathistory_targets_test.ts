import { assertEquals } from "@std/assert";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

pureTest(
  "TARGETS: no page ends among conversations of one time, so that the next one leaves none out",
  () => {
    const test = new TestHub();
    const alice = test.enter("alice", "batch", "server-time", "draft/chathistory");
    const names = Array.from({ length: 9 }, (_, nth) => `user${nth}`);
    names.forEach((name, nth) => {
      test.enter(name);
      if (nth % 3 === 0) test.now += 1000; // three at a time
      test.say(alice, `PRIVMSG ${name} :hello`);
    });
    test.heard(alice);
    for (const forward of [true, false]) {
      const [first, last] = ["timestamp=2020-01-01T00:00:00.000Z", "timestamp=2099-01-01T00:00:00.000Z"];
      const end = forward ? last : first;
      const seen: string[] = [];
      let from = forward ? first : last;
      for (let pages = 0; pages < 5; pages++) {
        test.say(alice, `CHATHISTORY TARGETS ${from} ${end} 2`);
        const rows = test.heard(alice).flatMap((line) => line.split(" CHATHISTORY TARGETS ")[1] ?? []);
        if (rows.length === 0) break;
        seen.push(...rows.map((row) => row.split(" ")[0]!));
        from = `timestamp=${rows.at(-1)!.split(" ")[1]}`;
      }
      assertEquals(seen.sort(), names);
    }
  },
);
