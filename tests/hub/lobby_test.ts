/** A channel that is made the lobby by a start of the server (`serve --lobby`). */
import { assertEquals } from "@std/assert";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import { Ring } from "../../lib/log/ring.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

/** What `bob` hears when entering `#tea` after a start with `config`, where it had been set up as `modes` before. */
function entering(modes: string, config: Partial<HubConfig>): string[] {
  const ring = Ring.create(1 << 20);
  const before = new TestHub({}, ring);
  const alice = before.enter("alice");
  before.say(alice, "JOIN #tea", `MODE #tea ${modes}`, "PRIVMSG #tea :hello");
  const after = new TestHub(config, ring);
  const bob = after.enter("bob");
  after.say(bob, "MODE #tea", "JOIN #tea");
  return after.heard(bob);
}

pureTest(
  "lobby: a room that held people out holds out no user as the lobby, and what else it was set to stays",
  () => {
    const heard = entering("+iklstm secret 1", { lobby: "#Tea" });
    const modes = heard.find((line) => line.includes(" 324 "));
    assertEquals(modes, ":irc.test 324 bob #Tea +mt", heard.join("\n"));
    assertEquals(heard.some((line) => line.endsWith("JOIN #Tea")), true, heard.join("\n"));
    assertEquals(
      heard.some((line) => line.includes("353") && line.endsWith(":bob")),
      true,
      "the first to enter is no operator there",
    );
  },
);

pureTest("lobby: any other room is as it was, and #lobby is one where another is the lobby", () => {
  const heard = entering("+k secret", { lobby: "" });
  assertEquals(heard.some((line) => line.includes(" 475 bob #tea ")), true, heard.join("\n"));
  const chat = new TestHub({ lobby: "#tea" });
  const alice = chat.enter("alice");
  chat.say(alice, "JOIN #lobby", "MODE #lobby +i");
  const lines = chat.heard(alice);
  assertEquals(lines.some((line) => line.endsWith("MODE #lobby +i")), true, lines.join("\n"));
  assertEquals(chat.hub.context.state.channel("#lobby")?.isPermanent, false);
  assertEquals(chat.hub.context.state.channel("#TEA")?.isPermanent, true);
});
