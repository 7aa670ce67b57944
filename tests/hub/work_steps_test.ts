/** Long work on one line is cut into pieces, between which anything may happen. */
import { assertEquals } from "@std/assert";
import { writable } from "../../lib/hub/apply/writable.ts";
import { setBan } from "../../lib/hub/policy/ban_service.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { login } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

/** The codes or commands of `lines`, without tags and sources. */
function codes(lines: readonly string[]): string[] {
  return lines.map((line) => / (\S+)/.exec(line.replace(/^@\S+ /, ""))![1]!);
}

/** The names in the rows (353) among `lines`. */
function namesIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => / 353 .* :(.*)/.exec(line)?.[1]?.split(" ") ?? []);
}

/** The channels of the rows (322) among `lines`. */
function listed(lines: readonly string[]): string[] {
  return lines.flatMap((line) => / 322 \S+ (\S+)/.exec(line)?.[1] ?? []);
}

/** A hub whose pieces are small, and a member in each of `channels`. */
function hubWith(...channels: string[]): { chat: TestHub; owner: Session } {
  const chat = new TestHub({ pieceUnits: 1 });
  const owner = chat.enter("owner");
  for (const channel of channels) {
    chat.say(owner, `JOIN ${channel}`);
    resumeAll(chat);
  }
  chat.heard(owner);
  return { chat, owner };
}

/** Takes the next piece of whatever waits for one. */
function resume(chat: TestHub): boolean {
  const errands = chat.takeJobs();
  for (const errand of errands) {
    if (errand.kind !== "yield") throw new Error(`an errand of kind ${errand.kind}`);
    chat.hub.resume(errand.session, errand.done, chat.now);
    chat.say(errand.session); // what it has sent meanwhile
  }
  return errands.length > 0;
}

function resumeAll(chat: TestHub): void {
  while (resume(chat));
}

pureTest(
  "pieces: rooms that end, begin and are renamed while they are listed are listed once or not at all",
  () => {
    const { chat, owner } = hubWith("#a", "#b", "#c");
    const asker = chat.enter("asker");
    chat.say(asker, "LIST");
    assertEquals(listed(chat.heard(asker)), ["#lobby"]);
    chat.say(owner, "PART #b", "RENAME #a #d");
    resume(chat);
    const other = chat.enter("other");
    chat.say(other, "JOIN #e");
    resumeAll(chat);
    const lines = chat.heard(asker);
    assertEquals(listed(lines), ["#a", "#c", "#e"]);
    assertEquals(codes(lines).at(-1), "323");
  },
);

pureTest(
  "pieces: what a client says while its answer comes waits for the end of it; others do not wait",
  () => {
    const { chat, owner } = hubWith("#a", "#b");
    const asker = chat.enter("asker");
    chat.say(asker, "LIST", "PING 1");
    chat.say(asker, "PING 2");
    chat.say(owner, "PING 3");
    assertEquals(codes(chat.heard(owner)), ["PONG"]);
    resumeAll(chat);
    assertEquals(codes(chat.heard(asker)), ["321", "322", "322", "322", "323", "PONG", "PONG"]);
  },
);

pureTest(
  "pieces: a message of another comes between the pieces of an answer, but not into a labeled response",
  async () => {
    const { chat, owner } = hubWith("#a", "#b");
    const asker = chat.enter("asker", "batch", "labeled-response");
    chat.say(asker, "@label=x LIST");
    chat.say(owner, "PRIVMSG asker :hi");
    assertEquals(codes(chat.heard(asker)), ["PRIVMSG"]);
    await chat.errands();
    const lines = chat.heard(asker);
    assertEquals(codes(lines), ["BATCH", "321", "322", "322", "322", "323", "BATCH"]);
    assertEquals(lines.filter((line) => line.includes("label=x")).length, 1);
  },
);

pureTest("pieces: the answer of one client that is held for its label is not that of another", () => {
  const { chat } = hubWith("#a", "#b");
  const [one, other] = [1, 2].map((nth) => chat.enter(`asker${nth}`, "batch", "labeled-response"));
  chat.say(one!, "@label=x LIST");
  chat.say(other!, "@label=y PING 1");
  assertEquals(chat.heard(other!), ["@label=y :irc.test PONG irc.test :1"]);
  resumeAll(chat);
  assertEquals(codes(chat.heard(one!)), ["BATCH", "321", "322", "322", "322", "323", "BATCH"]);
});

pureTest(
  "pieces: a client that goes in the middle of its answer is told no more, and its later lines are dropped",
  () => {
    const { chat } = hubWith("#a", "#b");
    const asker = chat.enter("asker");
    chat.say(asker, "LIST", "PRIVMSG owner :not to be said");
    assertEquals(codes(chat.heard(asker)), ["321", "322"]);
    chat.hub.close(asker, "gone", chat.now);
    chat.deliver();
    resumeAll(chat);
    assertEquals(chat.heard(asker), []);
  },
);

pureTest("pieces: a message to several is said to all of them, even if its sender goes in the middle", () => {
  const chat = new TestHub({ pieceUnits: 1 });
  const receivers = ["bob", "carol", "dave"].map((nick) => chat.enter(nick));
  const sender = chat.enter("alice");
  chat.say(sender, "PRIVMSG bob,carol,dave :hi");
  assertEquals(receivers.map((session) => chat.heard(session).length), [1, 0, 0]);
  chat.hub.close(sender, "gone", chat.now);
  chat.deliver();
  resumeAll(chat);
  assertEquals(receivers.map((session) => chat.heard(session).length), [0, 1, 1]);
});

pureTest(
  "pieces: a command that waits for a password in the middle of a list does not lose the rest of it",
  async () => {
    const chat = new TestHub({ pieceUnits: 1 });
    const [owner, bob, sender] = ["owner", "bob", "alice"].map((nick) => chat.enter(nick));
    chat.say(owner!, "PRIVMSG NickServ :register passphrase99y");
    await chat.errands();
    chat.say(sender!, "PRIVMSG NickServ,bob :identify owner wrong-password", "PING 1");
    await chat.errands();
    assertEquals(codes(chat.heard(bob!)), ["PRIVMSG"]);
    assertEquals(codes(chat.heard(sender!)), ["NOTICE", "PONG"]);
  },
);

pureTest("pieces: a session that is made to go in the middle of a list of targets says no more", async () => {
  const chat = new TestHub({ pieceUnits: 1 });
  const [owner, bob, sender] = ["owner", "bob", "alice"].map((nick) => chat.enter(nick));
  chat.say(owner!, "PRIVMSG NickServ :register passphrase99y");
  await chat.errands();
  setBan(chat.hub.context, chat.hub.services, { kind: "ban", words: ["account:owner"], user: undefined });
  chat.deliver();
  chat.say(sender!, "PRIVMSG NickServ,bob :identify owner passphrase99y");
  await chat.errands();
  assertEquals(sender!.closeReason, "Banned");
  assertEquals(chat.heard(bob!), []);
});

/** A channel of five, of whose names `asker` has been sent the first piece. */
function askForNames(): { chat: TestHub; members: Session[]; asker: Session } {
  const chat = new TestHub({ pieceUnits: 1 });
  const members = ["a", "b", "c", "d", "e"].map((nick) => chat.enter(nick));
  for (const member of members) {
    chat.say(member, "JOIN #tea");
    resumeAll(chat);
  }
  // JOIN has sent the names, and they are cached.
  writable(chat.hub.context.state.channel("#tea")!).clearNamesReplies();
  const asker = chat.enter("asker");
  chat.say(asker, "NAMES #tea");
  resume(chat);
  return { chat, members, asker };
}

pureTest("pieces: names are those of the members at the time of their piece, each once", () => {
  const { chat, members, asker } = askForNames();
  for (const gone of [members[0]!, members[3]!]) chat.hub.close(gone, "gone", chat.now);
  chat.hub.context.commit({ kind: "nick", source: members[4]!.user!.source, nick: "ee" });
  chat.deliver();
  resumeAll(chat);
  const names = namesIn(chat.heard(asker));
  assertEquals(names, ["@a", "b", "c", "ee"]);
  chat.say(asker, "NAMES #tea");
  resumeAll(chat);
  const again = namesIn(chat.heard(asker));
  assertEquals(again, ["b", "c", "ee"]);
});

pureTest("pieces: the names of a room that becomes secret are told no further", () => {
  const { chat, members, asker } = askForNames();
  chat.say(members[0]!, "MODE #tea +s");
  resumeAll(chat);
  assertEquals(codes(chat.heard(asker)), ["353", "366"]);
});

pureTest("pieces: entering several rooms is done one after the other, each at once", () => {
  const chat = new TestHub({ pieceUnits: 1 });
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  chat.say(alice, "JOIN #a,#b,#c", "PRIVMSG #c :here");
  chat.say(bob, "JOIN #c");
  resumeAll(chat);
  assertEquals(chat.hub.context.state.channel("#c")!.members.size, 2);
  assertEquals(alice.channels.size, 3);
  assertEquals(codes(chat.heard(bob)).includes("PRIVMSG"), true);
});

pureTest(
  "pieces: a room that is renamed is told again, with all names, to each client that does not know RENAME",
  () => {
    const chat = new TestHub({ pieceUnits: 2 });
    const members = [login(chat, "a"), chat.enter("b"), chat.enter("c")] as const;
    for (const member of members) {
      chat.say(member, "JOIN #tea");
      resumeAll(chat);
    }
    for (const member of members) chat.heard(member);
    chat.say(members[0], "RENAME #tea #coffee");
    for (const member of members) assertEquals(codes(chat.heard(member)).slice(0, 2), ["PART", "JOIN"]);
    chat.hub.close(members[0], "gone", chat.now);
    chat.deliver();
    resumeAll(chat);
    for (const member of members.slice(1)) {
      assertEquals(codes(chat.heard(member)).filter((code) => code === "366"), ["366"]);
    }
  },
);

pureTest(
  "pieces: an answer that is held for its label and grows beyond what a client may be owed ends the session",
  async () => {
    const chat = new TestHub({ maxClients: 2500, pieceUnits: 100, largeChannel: 0 });
    const host = "h".repeat(60);
    for (let nth = 0; nth < 2000; nth++) {
      const session = chat.open(host);
      chat.say(session, `NICK user${nth}`, `USER ${"u".repeat(17)} 0 * :r`, "JOIN #tea");
      chat.heard(session);
    }
    const channel = chat.hub.context.state.channel("#tea")!;
    for (const member of channel.members.keys()) writable(channel).setMember(writable(member), 0);
    resumeAll(chat);
    const asker = chat.enter("asker", "batch", "labeled-response", "userhost-in-names");
    chat.say(asker, `@label=x NAMES ${Array(20).fill("#tea").join(",")}`);
    await chat.errands();
    assertEquals(asker.closeReason, "Excess flood");
    assertEquals(chat.heard(asker), [`ERROR :Closing Link: 127.0.0.1 (Excess flood)`]);
  },
);
