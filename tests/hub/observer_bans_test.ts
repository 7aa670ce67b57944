/** An observer, which has no name, is banned as the user that it belongs to. */
import { assertEquals } from "@std/assert";
import { setBan } from "../../lib/hub/policy/ban_service.ts";
import { ownerOf } from "../../lib/hub/model/state/entities.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { account, login, makeOperator } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);
const OBSERVER = "chatterbox.chat/observer";

/** How an observer may belong to bob. */
const KINDS = ["account", "key of an account", "key", "none"] as const;
type Kind = typeof KINDS[number];

/** Bob, if he is connected, and an observer that belongs to him; its own address is another one. */
function scene(kind: Kind, connected: boolean): { chat: TestHub; alice: Session; eye: Session } {
  const chat = new TestHub();
  const bob = chat.open("192.0.2.1");
  chat.say(bob, "CAP REQ chatterbox.chat/claim");
  if (kind !== "none") chat.say(bob, `CLAIM ${KEY}`);
  const owner = ownerOf(bob);
  if (kind === "account" || kind === "key of an account") {
    chat.hub.context.commit({ kind: "login", session: bob, account: account(chat, "bob", owner) });
  }
  chat.say(bob, "NICK bob", "USER bob 0 * :bob", "CAP END");
  if (!connected) chat.say(bob, "QUIT");
  const alice = login(chat, "alice");
  chat.say(alice, "JOIN #tea", "PRIVMSG #tea :before");
  return { chat, alice, eye: observer(chat, kind) };
}

function observer(chat: TestHub, kind: Kind): Session {
  const eye = chat.open("192.0.2.99");
  chat.say(eye, `CAP REQ :${OBSERVER} chatterbox.chat/claim`);
  if (kind.startsWith("key")) chat.say(eye, `CLAIM ${KEY}`);
  if (kind === "account") {
    chat.hub.context.commit({ kind: "login", session: eye, account: chat.hub.services.accounts.get("bob") });
  }
  chat.say(eye, "NICK cb7x3k", "USER x 0 * :x", "CAP END");
  chat.heard(eye);
  return eye;
}

/** Whether `eye` hears what is said, and may read what was said. */
function reads(chat: TestHub, alice: Session, eye: Session): { hears: boolean; history: boolean } {
  chat.heard(eye);
  chat.say(alice, "PRIVMSG #tea :live");
  const hears = chat.heard(eye).some((line) => line.endsWith(":live"));
  chat.say(eye, "CHATHISTORY LATEST #tea * 9");
  return { hears, history: chat.heard(eye).some((line) => line.endsWith(":before")) };
}

const EVERYTHING = { hears: true, history: true };
const NOTHING = { hears: false, history: false };

pureTest(
  "banned observers: from a room, by nick, by account, by the user's address and by the observer's own",
  () => {
    for (const connected of [true, false]) {
      for (const kind of KINDS) {
        for (const [mask, meant] of masks(kind, connected)) {
          const when = `${kind}, ${connected ? "connected" : "absent"}, ${mask}`;
          const { chat, alice, eye } = scene(kind, connected);
          for (const follow of ["FOLLOW #tea", "FOLLOW *"]) {
            chat.say(eye, follow);
            assertEquals(reads(chat, alice, eye), EVERYTHING, when);
            chat.say(alice, `MODE #tea +b ${mask}`);
            assertEquals(reads(chat, alice, eye), meant ? NOTHING : EVERYTHING, `${when}, ${follow}`);
            chat.say(eye, follow);
            assertEquals(reads(chat, alice, eye), meant ? NOTHING : EVERYTHING, `${when}, again`);
            chat.say(alice, `MODE #tea -b ${mask}`);
          }
          chat.say(alice, `MODE #tea +be ${mask} ${mask}`);
          assertEquals(reads(chat, alice, eye), EVERYTHING, `${when}, with an exception`);
        }
      }
    }
  },
);

/** Masks that are meant for bob, and whether his observer is known by them. The key of an account says nothing without a login. */
function masks(kind: Kind, connected: boolean): [mask: string, meant: boolean][] {
  const hasAccount = kind === "account";
  const known = hasAccount || kind === "key" && connected;
  return [
    ["bob!*@*", known],
    ["*!*@192.0.2.1", known && connected],
    ["~a:bob", hasAccount],
    ["*!*@192.0.2.99", true],
    ["carol!*@*", false],
  ];
}

pureTest("banned observers: from the server, when it comes and while it is there", () => {
  for (const connected of [true, false]) {
    for (const kind of KINDS) {
      for (const mask of ["name:bob", "account:bob", "address:192.0.2.99"]) {
        const hasAccount = kind === "account";
        const known = hasAccount || kind === "key" && connected;
        const meant = mask === "name:bob" ? known : mask === "account:bob" ? hasAccount : true;
        const when = `${kind}, ${connected ? "connected" : "absent"}, ${mask}`;
        const { chat, eye } = scene(kind, connected);
        setBan(chat.hub.context, chat.hub.services, { kind: "ban", words: [mask], user: undefined });
        assertEquals(eye.closeReason !== undefined, meant, when);
        const later = observer(chat, kind);
        // Nothing tells any more that a key was bob's once he is gone: only what he has an account for stays his.
        const stillKnown = hasAccount || mask.startsWith("address:");
        assertEquals(later.closeReason !== undefined, meant && stillKnown, `${when}, later`);
      }
    }
  }
});

pureTest("banned observers: an observer that logs in afterwards is judged by what it is then", () => {
  const { chat, alice, eye } = scene("none", false);
  const bob = account(chat, "bob");
  chat.say(alice, "MODE #tea +b ~a:bob");
  chat.say(eye, "FOLLOW #tea");
  assertEquals(reads(chat, alice, eye), EVERYTHING);
  chat.hub.context.commit({ kind: "login", session: eye, account: bob });
  assertEquals(reads(chat, alice, eye), NOTHING);
});

pureTest("banned observers: an operator's observer is held out by no ban of the server", () => {
  const chat = new TestHub();
  login(chat, "root");
  makeOperator(chat, "root");
  const eye = login(chat, "root", undefined, { caps: [OBSERVER], host: "192.0.2.99" });
  setBan(chat.hub.context, chat.hub.services, {
    kind: "ban",
    words: ["address:192.0.2.99"],
    user: undefined,
  });
  assertEquals(eye.closeReason, undefined);
});
