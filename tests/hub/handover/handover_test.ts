/** What a takeover is to clients, case by case. */
import { assertEquals, assertMatch } from "@std/assert";
import { decodeEvent } from "../../../lib/hub/log/event_codec.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import { account } from "../../support/hub_accounts.ts";
import { Cluster } from "./fronts.ts";
import type { Client } from "./fronts.ts";

const LABELED = ["batch", "labeled-response", "echo-message", "message-tags"];

/** Lines without the tags that name a record. */
function bare(client: Client): string[] {
  return client.heard().map((line) => line.replace(/;?(msgid|time)=[^ ;]+/g, "").replace(/^@ /, ""));
}

function texts(cluster: Cluster): string[] {
  const found: string[] = [];
  for (let seq = 1; seq < cluster.log.nextSeq; seq++) {
    const record = cluster.log.read(seq);
    const event = record.kind === "ok" ? decodeEvent(record.payload) : undefined;
    if (event?.kind === "message") found.push(event.text);
  }
  return found;
}

/** ann and ben, at different fronts, in #tea; ann is its operator. */
function tea(): [Cluster, Client, Client] {
  const cluster = new Cluster(2);
  const ann = cluster.enter("ann", cluster.fronts[0]!, LABELED);
  const ben = cluster.enter("ben", cluster.fronts[1]!, LABELED);
  cluster.say(ann, "JOIN #tea", "TOPIC #tea :green");
  cluster.say(ben, "JOIN #tea");
  ann.heard();
  ben.heard();
  return [cluster, ann, ben];
}

Deno.test("a takeover shows nothing to clients, and all is as before", () => {
  const [cluster, ann, ben] = tea();
  cluster.say(ann, "AWAY :tea time", "MONITOR + ben,zoe", "MODE ann +i");
  cluster.advance(1000);
  cluster.say(ben, "MODE ben +B", "WHOIS ann", "NAMES #tea", "MODE #tea");
  ann.heard();
  const before = ben.heard().slice(1);
  cluster.takeOver();
  assertEquals([ann.heard(), ben.heard()], [[], []]);
  cluster.say(ben, "WHOIS ann", "NAMES #tea", "MODE #tea");
  assertEquals(
    ben.heard().filter((line) => !/ 317 /.test(line)),
    before.filter((line) => !/ 317 /.test(line)),
  );
  cluster.say(ann, "MONITOR L", "MODE ann");
  assertEquals(ann.heard(), [
    ":irc.test 732 ann :ben,zoe",
    ":irc.test 733 ann :End of MONITOR list",
    ":irc.test 221 ann +i",
  ]);
});

Deno.test("a message in the log that no client was told is told once, with the label of its line", () => {
  const [cluster, ann, ben] = tea();
  cluster.send(ann, "@label=x1 PRIVMSG #tea :hello");
  cluster.work();
  cluster.kill("before effects");
  assertEquals(bare(ann), ["@label=x1 :ann!~ann@127.0.0.1 PRIVMSG #tea :hello"]);
  assertEquals(bare(ben), [":ann!~ann@127.0.0.1 PRIVMSG #tea :hello"]);
  assertEquals(texts(cluster), ["hello"]);
  cluster.takeOver();
  assertEquals([ann.heard(), ben.heard()], [[], []]);
});

Deno.test("a front that has got the turn is not told again", () => {
  const [cluster, ann, ben] = tea();
  cluster.send(ben, "PRIVMSG #tea :hello");
  cluster.work();
  cluster.kill("between fronts");
  assertEquals(bare(ann), [":ben!~ben@127.0.0.1 PRIVMSG #tea :hello"]);
  assertEquals(bare(ben), [":ben!~ben@127.0.0.1 PRIVMSG #tea :hello"]);
});

Deno.test("a line that is not in the log is worked on by the next hub", () => {
  const [cluster, ann, ben] = tea();
  cluster.log.kill = { after: 0, isAppended: false };
  cluster.send(ann, "@label=x1 PRIVMSG #tea :hello");
  try {
    cluster.work();
  } catch { /* killed */ }
  cluster.takeOver();
  assertEquals(bare(ann), ["@label=x1 :ann!~ann@127.0.0.1 PRIVMSG #tea :hello"]);
  assertEquals(bare(ben), [":ann!~ann@127.0.0.1 PRIVMSG #tea :hello"]);
  assertEquals(texts(cluster), ["hello"]);
});

Deno.test("of a message to several, those that it has not reached get it", () => {
  const [cluster, ann, ben] = tea();
  cluster.log.kill = { after: 0, isAppended: true };
  cluster.send(ann, "@label=x1 PRIVMSG #tea,ben :hello");
  try {
    cluster.work();
  } catch { /* killed */ }
  cluster.takeOver();
  assertEquals(bare(ben), [
    ":ann!~ann@127.0.0.1 PRIVMSG #tea :hello",
    ":ann!~ann@127.0.0.1 PRIVMSG ben :hello",
  ]);
  assertEquals(bare(ann).length, 4); // a batch with two echoes
  assertEquals(texts(cluster), ["hello", "hello"]);
});

Deno.test("of a message to several, those that it has not reached get it after what they have missed", () => {
  const cluster = new Cluster(2);
  const [ann, ben] = ["ann", "ben"].map((nick) => cluster.enter(nick, cluster.fronts[0]!, LABELED)) as [
    Client,
    Client,
  ];
  const cat = cluster.enter("cat", cluster.fronts[1]!, LABELED);
  for (const client of [ann, ben, cat]) cluster.say(client, "JOIN #tea");
  cluster.log.kill = { after: 0, isAppended: true };
  cluster.send(ann, "@label=x1 PRIVMSG #tea,ben :hello");
  try {
    cluster.work();
  } catch { /* killed */ }
  const [front] = cluster.fronts as [typeof cluster.fronts[0]];
  const { deliveredSeq } = front;
  front.isGone = true; // another hub goes on without it for a while
  cluster.takeOver();
  cluster.say(cat, "PRIVMSG #tea :meanwhile");
  Object.assign(front, { isGone: false, deliveredSeq });
  for (const client of [ann, ben]) client.heard();
  cluster.takeOver();
  assertEquals(bare(ben), [
    ":ann!~ann@127.0.0.1 PRIVMSG #tea :hello",
    ":cat!~cat@127.0.0.1 PRIVMSG #tea :meanwhile",
    ":ann!~ann@127.0.0.1 PRIVMSG ben :hello",
  ]);
});

Deno.test("a user that comes before a late front reports is another one than those of that front", () => {
  const cluster = new Cluster(2);
  const [ann, ben] = cluster.fronts.map((front, nth) =>
    cluster.enter(["ann", "ben"][nth]!, front, LABELED)
  ) as [
    Client,
    Client,
  ];
  let cat: Client | undefined;
  cluster.takeOver([cluster.fronts[1]!], () => cat = cluster.enter("cat", cluster.fronts[0]!, LABELED));
  for (const client of [ann, ben, cat!]) client.heard();
  const owners = [ann, ben, cat!].map(({ session }) => session?.user?.owner);
  assertEquals(new Set(owners).size, 3);
  cluster.say(ann, "PRIVMSG ben :for ben alone");
  assertEquals(bare(ben), [":ann!~ann@127.0.0.1 PRIVMSG ben :for ben alone"]);
  cluster.takeOver();
  assertEquals(cat!.heard(), []);
});

Deno.test("a hub that takes over before any front reports shows no user as gone, and neither does the next one", () => {
  const [cluster, ann, ben] = tea();
  const { nextSeq } = cluster.log;
  cluster.takeOver(cluster.fronts);
  assertEquals([cluster.log.nextSeq, ann.heard(), ben.heard()], [nextSeq, [], []]);
  cluster.fronts[1]!.isGone = true;
  cluster.takeOver();
  cluster.say(ann, "NAMES #tea", "NICK ben");
  const [names, , refusal] = ann.heard();
  assertEquals(names, ":irc.test 353 ann = #tea :@ann ben");
  assertMatch(refusal!, / 433 ann ben /);
});

Deno.test("the log wins over an older state", () => {
  const [cluster, ann, ben] = tea();
  cluster.send(ann, "MODE #tea +v ben", "KICK #tea ben :enough");
  cluster.work();
  cluster.kill("before effects");
  const seen = [
    ":ann!~ann@127.0.0.1 MODE #tea +v ben",
    ":ann!~ann@127.0.0.1 KICK #tea ben :enough",
  ];
  assertEquals([bare(ann), bare(ben)], [seen, seen]);
  cluster.say(ann, "NAMES #tea");
  assertEquals(ann.heard()[0], ":irc.test 353 ann = #tea :@ann");
});

Deno.test("facts win over a state: a session of an ended account is logged out", () => {
  const [cluster, ann, ben] = tea();
  const cat = cluster.enter("cat", cluster.fronts[0]!, LABELED, (session) => {
    const made = account({ hub: cluster.hub, now: cluster.now } as never, "cat");
    cluster.hub.context.commit({ kind: "login", session, account: made });
  });
  cluster.say(cat, "JOIN #tea");
  for (const client of [ann, ben, cat]) client.heard();
  const { accounts } = cluster.hub.services;
  cluster.takeOver();
  assertEquals(cat.heard(), []);
  assertEquals(accounts.size, 1);
  cluster.forgetFact("account", "cat");
  cluster.takeOver();
  assertEquals(cat.heard(), [
    ":irc.test 901 cat cat!~cat@127.0.0.1 :You are now logged out: the account has ended",
  ]);
});

Deno.test("a client of a front that is gone stays for the grace period, then others see it quit", () => {
  const [cluster, ann, ben] = tea();
  cluster.fronts[1]!.isGone = true;
  cluster.takeOver();
  cluster.say(ann, "NAMES #tea");
  assertEquals(ann.heard()[0], ":irc.test 353 ann = #tea :@ann ben");
  cluster.advance(29_000);
  assertEquals(ann.heard(), []);
  cluster.advance(2_000);
  assertEquals(bare(ann), [":ben!~ben@127.0.0.1 QUIT :Connection lost"]);
  assertEquals(ben.heard(), []);
});

Deno.test("a front that reports late brings its clients back without a QUIT", () => {
  const [cluster, ann, ben] = tea();
  cluster.takeOver([cluster.fronts[1]!]);
  assertEquals([ann.heard(), ben.heard()], [[], []]);
  cluster.say(ben, "PRIVMSG #tea :here");
  cluster.advance(40_000);
  assertEquals(bare(ann).filter((line) => !line.startsWith("PING")), [
    ":ben!~ben@127.0.0.1 PRIVMSG #tea :here",
  ]);
});

Deno.test("an open batch fails, and the rest of it is ignored", () => {
  const cluster = new Cluster(1);
  const ann = cluster.enter("ann", cluster.fronts[0]!, [...LABELED, "draft/multiline"]);
  cluster.say(ann, "JOIN #tea", "@label=b1 BATCH +1 draft/multiline #tea", "@batch=1 PRIVMSG #tea :one");
  ann.heard();
  cluster.takeOver();
  assertEquals(ann.heard(), [
    "@label=b1 :irc.test FAIL BATCH TEMPORARILY_UNAVAILABLE 1 :The server was restarted; nothing of the batch was sent",
  ]);
  cluster.say(ann, "@batch=1 PRIVMSG #tea :two", "BATCH -1");
  assertEquals(ann.heard(), []);
  assertEquals(texts(cluster), []);
});

Deno.test("a batch of which the message is in the log gets its echo", () => {
  const cluster = new Cluster(1);
  const ann = cluster.enter("ann", cluster.fronts[0]!, [...LABELED, "draft/multiline"]);
  cluster.say(ann, "JOIN #tea", "@label=b1 BATCH +1 draft/multiline #tea", "@batch=1 PRIVMSG #tea :one");
  ann.heard();
  cluster.send(ann, "BATCH -1");
  cluster.work();
  cluster.kill("before effects");
  assertEquals(bare(ann), ["@label=b1 :ann!~ann@127.0.0.1 PRIVMSG #tea :one"]);
});

Deno.test("a line before one that is in the log gets an answer, and appends nothing", () => {
  const [cluster, ann] = tea();
  cluster.send(ann, "@label=x1 PRIVMSG #none :no", "@label=x2 PRIVMSG #tea :yes");
  cluster.work();
  cluster.kill("before effects");
  assertEquals(bare(ann), [
    "@label=x1 :irc.test FAIL PRIVMSG TEMPORARILY_UNAVAILABLE :The server was restarted before it answered; send the command again if it had no effect",
    "@label=x2 :ann!~ann@127.0.0.1 PRIVMSG #tea :yes",
  ]);
});

Deno.test("a target that was refused before a later line of the client is not tried again", () => {
  const [cluster, ann, ben] = tea();
  cluster.send(ann, "PRIVMSG #new,ben :one", "PRIVMSG #tea :two");
  cluster.send(ben, "JOIN #new");
  cluster.work();
  cluster.kill("before effects");
  const lost = ":irc.test FAIL PRIVMSG TEMPORARILY_UNAVAILABLE";
  assertEquals(bare(ann).map((line) => line.split(" :")[0]), [
    ":ann!~ann@127.0.0.1 PRIVMSG ben",
    lost,
    ":ann!~ann@127.0.0.1 PRIVMSG #tea",
  ]);
  assertEquals(bare(ben).slice(0, 3).map((line) => line.split(" ").slice(1, 3).join(" ")), [
    "PRIVMSG ben",
    "PRIVMSG #tea",
    "JOIN #new",
  ]);
  assertEquals(texts(cluster), ["one", "two"]);
});

Deno.test("an observer goes on to follow, and a receipt is awaited again", () => {
  const [cluster, ann, ben] = tea();
  const eye = cluster.enter("eye", cluster.fronts[0]!, ["chatterbox.chat/observer"]);
  cluster.say(eye, "FOLLOW #tea");
  const cat = cluster.enter("cat", cluster.fronts[0]!, [...LABELED, "chatterbox.chat/receipts"]);
  cluster.say(cat, "PRIVMSG ben :hello");
  const msgid = /msgid=([^ ;]+)/.exec(cat.heard()[0]!)![1]!;
  cluster.say(cat, `@label=w AWAIT delivered ${msgid}`);
  for (const client of [ann, ben, eye, cat]) client.heard();
  cluster.takeOver();
  const ping = ben.heard();
  assertEquals([ping.length, eye.heard(), cat.heard()], [1, [], []]);
  cluster.say(ben, `PONG ${ping[0]!.split(" ")[1]}`);
  assertEquals(cat.heard(), [`@label=w :irc.test AWAIT delivered ${msgid}`]);
  cluster.say(ann, "PRIVMSG #tea :seen");
  assertEquals(eye.heard(), [":ann!~ann@127.0.0.1 PRIVMSG #tea :seen"]);
});

Deno.test("a user that was banned from the server meanwhile is disconnected, and others see it quit", () => {
  const [cluster, ann, ben] = tea();
  cluster.hub.services.bans.set({
    kind: "ban",
    mask: "name:ben",
    reason: "",
    by: "root",
    at: cluster.now,
    until: 0,
  });
  cluster.endTurn();
  cluster.takeOver();
  assertEquals(ben.heard().map((line) => line.split(" ")[1]), ["465", ":Closing"]);
  assertEquals(bare(ann), [":ben!~ben@127.0.0.1 QUIT :Banned"]);
});

Deno.test("a client that has gone while no hub was there goes as after a broken connection", () => {
  const [cluster, ann, ben] = tea();
  ben.endReason = "Connection reset";
  cluster.takeOver();
  assertEquals(bare(ann), [":ben!~ben@127.0.0.1 QUIT :Connection reset"]); // it has no key to come back with
});

Deno.test("a client that has gone keeps its name from none that is connected", () => {
  const [cluster, ann, ben] = tea();
  cluster.say(ben, "QUIT");
  // Its front has not heard that the end was carried out, and is told of one with a later state.
  const again = cluster.enter("ben", cluster.fronts[0]!, LABELED);
  cluster.say(again, "JOIN #tea");
  cluster.fronts[1]!.clients.set(ben.nth, ben);
  [ben.endReason, ben.stateSeq] = ["Connection closed", again.stateSeq + 1];
  for (const client of [ann, again]) client.heard();
  cluster.takeOver();
  cluster.say(again, "PRIVMSG #tea :here");
  assertEquals(bare(ann), [":ben!~ben@127.0.0.1 PRIVMSG #tea :here"]);
});

Deno.test("an account owner comes back within the grace period after their front has gone with the hub", () => {
  const [cluster, ann] = tea();
  const asCat = (session: Session) => {
    const { accounts } = cluster.hub.services;
    const made = accounts.get("cat") ?? account({ hub: cluster.hub, now: cluster.now } as never, "cat");
    cluster.hub.context.commit({ kind: "login", session, account: made });
  };
  const cat = cluster.enter("cat", cluster.fronts[1]!, LABELED, asCat);
  cluster.say(cat, "JOIN #tea");
  cluster.fronts[1]!.isGone = true;
  ann.heard();
  cluster.takeOver();
  const again = cluster.enter("cat", cluster.fronts[0]!, LABELED, asCat);
  cluster.say(again, "PRIVMSG #tea :back");
  cluster.advance(40_000);
  assertEquals(bare(ann).filter((line) => line.includes("!~cat")), [
    ":cat!~cat@127.0.0.1 PRIVMSG #tea :back",
  ]);
});

Deno.test("what was missed has the account of its sender, who is gone with their front", () => {
  const [cluster, ann] = tea();
  const tagged = cluster.enter("dan", cluster.fronts[0]!, ["account-tag", "message-tags"]);
  const cat = cluster.enter("cat", cluster.fronts[1]!, LABELED, (session) => {
    const made = account({ hub: cluster.hub, now: cluster.now } as never, "Cat");
    cluster.hub.context.commit({ kind: "login", session, account: made });
  });
  for (const client of [tagged, cat]) cluster.say(client, "JOIN #tea");
  for (const client of [ann, tagged]) client.heard();
  cluster.send(cat, "PRIVMSG #tea :one", "NICK kit", "PRIVMSG #tea :two");
  cluster.work();
  cluster.fronts[1]!.isGone = true;
  cluster.kill("before effects");
  assertEquals(bare(tagged).map((line) => line.replace("@;", "@")), [
    "@account=Cat :cat!~cat@127.0.0.1 PRIVMSG #tea :one",
    ":cat!~cat@127.0.0.1 NICK kit",
    "@account=Cat :kit!~cat@127.0.0.1 PRIVMSG #tea :two",
  ]);
});

Deno.test("two sessions of a user at two fronts are one user again", () => {
  const cluster = new Cluster(2);
  const asAnn = (session: Session) => {
    const { accounts } = cluster.hub.services;
    const made = accounts.get("ann") ?? account({ hub: cluster.hub, now: cluster.now } as never, "ann");
    cluster.hub.context.commit({ kind: "login", session, account: made });
  };
  const [one, two] = cluster.fronts.map((front) => cluster.enter("ann", front, LABELED, asAnn));
  cluster.say(one!, "JOIN #tea");
  cluster.send(two!, "NICK anna", "@label=a PRIVMSG #tea :both");
  cluster.work();
  one!.heard();
  two!.heard();
  cluster.kill("before effects");
  const message = ":anna!~ann@127.0.0.1 PRIVMSG #tea :both";
  assertEquals(bare(one!), [":ann!~ann@127.0.0.1 NICK anna", message]);
  assertEquals(bare(two!), [":ann!~ann@127.0.0.1 NICK anna", `@label=a ${message}`]);
  assertEquals(cluster.hub.context.state.user("anna")!.sessions.length, 2);
});

Deno.test("two users with one name: the later state has it", () => {
  const [cluster, ann, ben] = tea();
  const stolen = JSON.parse(new TextDecoder().decode(ann.state!)) as {
    phase: { nick: string; owner: string };
  };
  const { phase: { nick, owner } } = stolen;
  const own = JSON.parse(new TextDecoder().decode(ben.state!));
  Object.assign(own.phase, { nick, owner: owner + "0" });
  ben.state = new TextEncoder().encode(JSON.stringify(own));
  ben.stateSeq = ann.stateSeq - 1;
  cluster.takeOver();
  assertEquals(ben.heard(), ["ERROR :The name is in use by another user"]);
  assertEquals(ann.heard(), []);
});

Deno.test("an answer in the log counts, though the last hub had not noted what it answers", () => {
  const cluster = new Cluster(2);
  const ann = cluster.enter("ann", cluster.fronts[0]!, ["chatterbox.chat/ask"]);
  const ben = cluster.enter("ben", cluster.fronts[1]!);
  const becomesDurable = () => {
    const { durableActions } = cluster.hub.services;
    cluster.hub.beginTask(cluster.now);
    durableActions.run(durableActions.nextTicket, undefined);
    cluster.endTurn();
  };
  cluster.say(ann, "ASK OPEN d1 ben 60 first yes,no :deploy?");
  becomesDurable();
  assertEquals(ann.heard().at(-1), ":irc.test ASK OPEN d1 1 60000");
  ben.heard();
  cluster.send(ben, "PRIVMSG ann :yes");
  cluster.work();
  cluster.kill("before effects");
  becomesDurable();
  assertEquals(ben.heard(), [":irc.test NOTICE ben :Your answer to question 1 (deploy?) of ann counts: yes"]);
  assertEquals(ann.heard().map((line) => line.split(" ").slice(1, 5).join(" ")), [
    "PRIVMSG ann :yes",
    "ASK ANSWER d1 1",
    "ASK END d1 answered",
  ]);
});
