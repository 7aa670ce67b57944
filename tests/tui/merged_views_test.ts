/** Two views that get one name become one: nothing unread and nothing half typed is lost. */
import { assertEquals } from "@std/assert";
import { MAX_VIEWS } from "../../lib/client/conversation/model/views.ts";
import type { ViewKey } from "../../lib/client/conversation/model/views.ts";
import { ViewDrafts } from "../../lib/tui/view_drafts.ts";
import { pureTest } from "../support/test.ts";
import { inTwoRooms } from "./view_run.ts";

const CAPS = ["draft/channel-rename"];

pureTest("views: a nick change to a name with a view of its own keeps what is unread in both", async () => {
  const alice = await inTwoRooms();
  alice.say("bob", "alice", "one").say("bob_", "alice", "two").receive(":bob!u@h QUIT :gone");
  alice.takeShown();
  alice.receive(":bob_!u@h NICK bob");
  assertEquals(alice.prompt, "#lobby [@bob 2!]> ");
  await alice.type("/go bob");
  assertEquals(alice.takeShown().filter((row) => / one| two/.test(row)), [
    "t101   bob  one",
    "t102   [bob_ -> alice] two",
  ]);
});

pureTest("views: what is unread under the name that the shown view gets is shown at once", async () => {
  const alice = await inTwoRooms();
  alice.say("bob_", "alice", "hi");
  await alice.type("/go bob_");
  alice.say("bob", "alice", "URGENT").receive(":bob!u@h QUIT :gone");
  alice.takeShown();
  alice.receive(":bob_!u@h NICK bob");
  assertEquals(alice.prompt, "@bob> ");
  assertEquals(alice.takeShown().filter((row) => row.includes("URGENT")).length, 1);
});

pureTest("views: a RENAME to the room that is shown and left keeps it shown", async () => {
  const alice = await inTwoRooms({ caps: CAPS });
  await alice.type("/go #dev", "/part");
  alice.receive(":op!u@h RENAME #lobby #dev :x");
  assertEquals(alice.prompt, "#dev> ");
});

pureTest(
  "views: a RENAME without the capability, or to a name that is no room, is not believed",
  async () => {
    for (const [caps, to] of [[[], "#new"], [CAPS, "mallory"], [CAPS, "#a,b"]] as const) {
      const alice = await inTwoRooms({ caps });
      alice.receive(`:op!u@h RENAME #lobby ${to} :x`);
      assertEquals([alice.prompt, alice.takeShown()], ["#lobby> ", []], to);
    }
  },
);

pureTest(
  "drafts: of two views that become one the line that is shown stays, and the other one is given back",
  () => {
    const drafts = new ViewDrafts();
    const live: ViewKey = { name: "bob" };
    const gone: { name: string; into?: ViewKey } = { name: "bob_" };
    drafts.switchTo(gone, { text: "", cursor: 0 });
    drafts.switchTo(live, { text: "for bob_", cursor: 0 });
    gone.into = live;
    assertEquals(drafts.takeFurther(), [{ name: "bob", text: "for bob_" }]);
    assertEquals([drafts.takeFurther(), drafts.list("typed")], [[], { bob: "typed" }]);
  },
);

pureTest("drafts: a view without a draft takes over that of the one that becomes a part of it", () => {
  const drafts = new ViewDrafts();
  const [room, live]: ViewKey[] = [{ name: "#dev" }, { name: "bob" }];
  const gone: { name: string; into?: ViewKey } = { name: "bob_" };
  drafts.switchTo(gone, { text: "", cursor: 0 });
  drafts.switchTo(room, { text: "for bob_", cursor: 0 });
  gone.into = live!;
  assertEquals(drafts.takeFurther(), []);
  assertEquals(drafts.switchTo(live, { text: "", cursor: 0 })?.text, "for bob_");
});

pureTest("views: nothing is sent to a sender with a name that would be two targets", async () => {
  const alice = await inTwoRooms();
  alice.receive(":a,b!u@h PRIVMSG alice :hi");
  await alice.type("/go 3", "hello");
  assertEquals([alice.prompt, alice.sent.filter((line) => line.startsWith("PRIVMSG"))], ["@a,b> ", []]);
});

pureTest("ignore list: a later nick of an ignored user is free after a QUIT or a further NICK", async () => {
  for (const next of [":robert!u@h QUIT :bye", ":robert!u@h NICK other"]) {
    const alice = await inTwoRooms();
    await alice.type("/ignore mallory");
    alice.receive(":mallory!u@h NICK robert").say("robert", "#lobby", "unheard-of").receive(next);
    alice.say("robert", "#lobby", "shown").say("other", "#lobby", "later");
    const rows = alice.takeShown().join("\n");
    const seen = ["unheard-of", "shown", "later"].filter((text) => rows.includes(text));
    assertEquals(seen, next.includes("QUIT") ? ["shown", "later"] : ["shown"]);
  }
});

pureTest("views: with too many conversations those with a draft stay, and the loss is told", async () => {
  const alice = await inTwoRooms();
  alice.say("friend", "alice", "hi");
  await alice.type("/go friend");
  const drafts = new ViewDrafts();
  drafts.switchTo(alice.chat.views.find("friend")!.key, { text: "", cursor: 0 });
  await alice.type("/go #lobby");
  drafts.switchTo(alice.chat.views.find("#lobby")!.key, { text: "half typed", cursor: 0 });
  for (let n = 0; n < MAX_VIEWS + 10; n++) alice.say(`stranger${n}`, "alice", "hello");
  assertEquals(alice.chat.views.find("friend")?.name, "friend");
  assertEquals(alice.chat.views.find("stranger0"), undefined);
  assertEquals(alice.takeShown().some((row) => row.includes("in no list any more")), true);
});
