/** An observer follows channels by their names: it makes no channel, and keeps none in existence. */
import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

function observer(chat: TestHub, ...caps: string[]): Session {
  const session = chat.open();
  chat.say(session, `CAP REQ :${["chatterbox.chat/observer", ...caps].join(" ")}`);
  chat.say(session, "NICK eye", "USER eye 0 * :eye", "CAP END");
  chat.heard(session);
  return session;
}

const said = (chat: TestHub, session: Session) =>
  chat.heard(session).flatMap((line) => / (PRIVMSG .*)/.exec(line)?.[1] ?? []);

pureTest(
  "observers that follow rooms: a hundred names each that do not exist are no room and no target",
  () => {
    const chat = new TestHub({ limits: { channels: 5 } });
    for (let each = 0; each < 20; each++) {
      const names = Array.from({ length: 99 }, (_, at) => `#r${each}-${at}`);
      const session = observer(chat);
      for (const name of names) chat.say(session, `FOLLOW ${name}`);
      assertEquals(chat.heard(session), names.map((name) => `:irc.test FOLLOW ${name}`));
    }
    assertEquals([chat.hub.context.state.channels.size, chat.hub.services.history.channels.size], [1, 1]);
    const alice = chat.enter("alice");
    chat.say(alice, "JOIN #tea");
    assertEquals(chat.hub.context.state.channels.has("#tea"), true);
  },
);

pureTest(
  "observers that follow rooms: a room goes with its last member, and is heard again when it is made anew, and while it is empty",
  () => {
    const chat = new TestHub();
    const eyes = [observer(chat), observer(chat), observer(chat)];
    chat.say(eyes[0]!, "FOLLOW #tea");
    chat.say(eyes[1]!, "FOLLOW *");
    chat.say(eyes[2]!, "FOLLOW *", "FOLLOW #Tea");
    const alice = chat.enter("alice");
    chat.say(alice, "JOIN #tea", "PRIVMSG #tea :one", "PART #tea");
    assertEquals(chat.hub.context.state.channels.has("#tea"), false);
    chat.say(alice, "PRIVMSG #tea :two", "JOIN #tea", "PRIVMSG #tea :three");
    for (const eye of eyes) {
      assertEquals(said(chat, eye), ["PRIVMSG #tea :one", "PRIVMSG #tea :two", "PRIVMSG #tea :three"]);
    }
    chat.say(alice, "QUIT :bye");
    for (const eye of eyes) assertEquals(chat.heard(eye).map((line) => line.split(" ")[1]), ["QUIT"]);
    for (const eye of eyes) chat.say(eye, "QUIT");
    const { observersOfEverything, observersByChannel, observersByOwner } = chat.hub.context.state;
    assertEquals([observersOfEverything.size, observersByChannel.size, observersByOwner.size], [0, 0, 0]);
  },
);

pureTest("observers that follow rooms: what is followed is bounded, whatever is followed beside it", () => {
  const chat = new TestHub();
  const eye = observer(chat);
  chat.say(eye, "FOLLOW *", ...Array.from({ length: 100 }, (_, at) => `FOLLOW #r${at}`));
  assertEquals(chat.heard(eye).every((line) => line.startsWith(":irc.test FOLLOW ")), true);
  chat.say(eye, "FOLLOW #one-more");
  assertEquals(chat.heard(eye)[0]!.startsWith(":irc.test FAIL FOLLOW TOO_MANY "), true);
});

pureTest(
  "observers that follow rooms: the name that a room gets is followed by those that hear it, and by those that wait for it",
  () => {
    const chat = new TestHub();
    const [before, after] = [observer(chat, "draft/channel-rename"), observer(chat)];
    chat.say(before, "FOLLOW #old");
    chat.say(after, "FOLLOW #new");
    const alice = chat.enter("alice", "draft/channel-rename");
    chat.say(alice, "JOIN #old");
    chat.hub.context.commit({
      kind: "rename",
      source: alice.user!.source,
      channel: "#old",
      to: "#new",
      reason: "",
    });
    chat.say(alice, "PRIVMSG #new :one", "PART #new", "JOIN #new", "PRIVMSG #new :two");
    for (const eye of [before, after]) {
      assertEquals(said(chat, eye), ["PRIVMSG #new :one", "PRIVMSG #new :two"]);
    }
  },
);

pureTest("observers that follow rooms: one that logs in afterwards leaves nothing behind", () => {
  const chat = new TestHub();
  const eye = chat.open();
  chat.say(eye, "CAP REQ :chatterbox.chat/observer chatterbox.chat/claim", `CLAIM ${"k".repeat(43)}`);
  chat.say(eye, "NICK eye", "USER eye 0 * :eye", "CAP END", "FOLLOW *", "FOLLOW #tea");
  assertEquals(chat.hub.context.state.observersByOwner.size, 1);
  chat.hub.context.commit({ kind: "login", session: eye, account: undefined });
  chat.say(eye, "QUIT");
  assertEquals(chat.hub.context.state.observersByOwner.size, 0);
});
