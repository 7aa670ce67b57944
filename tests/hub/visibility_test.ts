import { assertEquals } from "@std/assert";
import { isVisible, visibleChannels } from "../../lib/hub/policy/visibility.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "findable: an observer finds whom its owner finds, and whoever is in a room that all may follow",
  async () => {
    const test = new TestHub();
    const [alice, bob] = [test.enter("alice"), test.enter("bob")];
    test.say(alice, "JOIN #tea,#milk", "MODE alice +i");
    test.say(bob, "JOIN #tea", `REGISTER * * ${"k".repeat(43)}`);
    await test.errands();
    const stranger = test.enter("eve", "chatterbox.chat/observer");
    const own = test.enter("bob", "chatterbox.chat/observer");
    test.hub.context.commit({ kind: "login", session: own, account: bob.user!.account });
    const hidden = alice.user!;
    const names = (session: typeof own) =>
      [...visibleChannels(test.hub.context, session, hidden)].map(({ name }) => name);
    assertEquals(isVisible(test.hub.context, stranger, hidden), true);
    assertEquals(names(stranger), ["#tea", "#milk"]);
    assertEquals(isVisible(test.hub.context, own, hidden), true);
    assertEquals(names(own), ["#tea", "#milk"]);
    assertEquals(isVisible(test.hub.context, stranger, bob.user!), true);
    test.say(alice, "MODE #tea +s", "MODE #milk +s");
    assertEquals(isVisible(test.hub.context, stranger, hidden), false);
    assertEquals(names(stranger), []);
    assertEquals(isVisible(test.hub.context, own, hidden), true);
    test.say(bob, "PART #tea");
    assertEquals(isVisible(test.hub.context, own, hidden), false);
  },
);
