import { assertEquals, assertNotEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { writable } from "../../lib/hub/apply/writable.ts";
import { setBan } from "../../lib/hub/policy/ban_service.ts";
import { CLOAK_KEY_BYTES, HostCloak } from "../../lib/hub/model/host_cloak.ts";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import { HOSTLEN } from "../../lib/irc/limits.ts";
import { Ring } from "../../lib/log/ring.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { START, TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const KEY = new Uint8Array(CLOAK_KEY_BYTES).fill(7);
const cloak = new HostCloak(KEY);

const ipv4 = (random: Random) => Array.from({ length: 4 }, () => 128 + random.below(128)).join(".");
const ipv6 = (random: Random) =>
  "2001:" + Array.from({ length: 7 }, () => random.below(65536).toString(16)).join(":");

pureTest("a cloak has a part for each network that the address lies in", () => {
  const parts = (host: string) => cloak.hostOf(host).split(".");
  const [one, same24, same16, other] = ["192.0.2.1", "192.0.2.9", "192.0.7.1", "198.51.100.1"].map(parts);
  assertEquals([one!.length, one!.slice(3)], [5, ["v4", "cloak"]]);
  assertNotEquals(one![0], same24![0]);
  assertEquals(one!.slice(1), same24!.slice(1));
  assertNotEquals(one![1], same16![1]);
  assertEquals(one!.slice(2), same16!.slice(2));
  assertNotEquals(one![2], other![2]);
  const [six, same64, same48] = ["2001:db8:1:2::3", "2001:db8:1:2:ffff::", "2001:db8:1:3::3"].map(parts);
  assertEquals([six!.length, six], [4, same64]);
  assertNotEquals(six![0], same48![0]);
  assertEquals(six!.slice(1), same48!.slice(1));
  assertEquals(cloak.hostOf("::ffff:192.0.2.1"), cloak.hostOf("192.0.2.1"));
  assertEquals(cloak.hostOf("fe80::1%eth0"), cloak.hostOf("fe80::1"));
});

pureTest("this machine's own addresses are shown as they are", () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "0::1", "localhost"]) assertEquals(cloak.hostOf(host), host);
});

pureTest("another key gives other cloaks, the same key the same ones", () => {
  const other = new HostCloak(new Uint8Array(CLOAK_KEY_BYTES).fill(8));
  for (const host of ["192.0.2.1", "2001:db8::1"]) {
    assertEquals(new HostCloak(KEY).hostOf(host), cloak.hostOf(host));
    const [mine, others] = [cloak, other].map((each) => each.hostOf(host).split(".").slice(0, -2));
    mine!.forEach((part, at) => assertNotEquals(part, others![at]));
  }
});

pureTest("a cloak fits a source and holds nothing of the address", () =>
  forAll(300, (random) => {
    const host = random.chance(2) ? ipv4(random) : ipv6(random);
    const shown = cloak.hostOf(host);
    assert(/^[a-z2-7]{8}(\.[a-z2-7]{8}){1,2}\.v[46]\.cloak$/.test(shown) && shown.length <= HOSTLEN, shown);
    assertEquals(cloak.sourceOf(`a!~b@${host}`), `a!~b@${shown}`);
    assertEquals(cloak.sourceOf(`a!~b@${shown}`), `a!~b@${shown}`);
  }));

/** Everything that others are told of `host` by a hub that cloaks, whatever they ask; as the operator `boss` when `oper`. */
async function toldOf(host: string, oper: boolean): Promise<string[]> {
  const chat = new TestHub({ cloak });
  const caps = ["userhost-in-names", "chghost", "extended-join", "server-time", "batch", "draft/chathistory"];
  const boss = chat.enter(
    "boss",
    ...caps,
    "draft/event-playback",
    "setname",
  );
  chat.say(boss, "PRIVMSG NickServ :REGISTER passphrase99");
  await chat.errands();
  if (oper) runConsoleLine(chat.hub, "oper boss", chat.now);
  chat.say(boss, "JOIN #tea", "MONITOR + eve,mallory");
  chat.heard(boss);
  const eve = chat.open(host);
  chat.say(eve, "NICK eve", "USER eve 0 * :eve", "JOIN #tea", "PRIVMSG #tea :hello", "PRIVMSG boss :hello");
  chat.say(eve, "TOPIC #tea :hi", "AWAY :x", "SETNAME :y", "INVITE boss #lobby");
  chat.say(boss, "WHOIS eve", "WHO eve", "WHO eve %tcuihsnfdlaor", "USERHOST eve", "NAMES #tea", "WHO #tea");
  chat.say(boss, `WHO ${host}`, `WHO *!*@${host}`, "MONITOR S", "TOPIC #tea");
  chat.say(boss, "PRIVMSG NickServ :REGISTER passphrase99");
  chat.say(eve, "NICK mallory");
  chat.hub.close(eve, "Quit: bye", chat.now);
  chat.deliver();
  chat.say(boss, "WHOWAS eve", "WHOWAS mallory", "CHATHISTORY LATEST #tea * 50", "MODE #tea b");
  return chat.heard(boss);
}

pureTest("nothing that a user is told has the address of another", async () => {
  for (const host of ["203.0.113.77", "2001:db8::77"]) {
    const told = await toldOf(host, false);
    const answers = told.filter((line) => !line.includes(" 315 ")); // the end of WHO repeats what was asked
    assertEquals(answers.filter((line) => line.includes(host)), []);
    assert(
      told.some((line) => line.includes(`eve!~eve@${cloak.hostOf(host)} PRIVMSG #tea`)),
      told.join("\n"),
    );
  }
});

pureTest("server operators see the address in WHOIS, WHO and WHOWAS, and find users by it", async () => {
  const host = "203.0.113.77";
  const shown = cloak.hostOf(host);
  const told = await toldOf(host, true);
  const row = (code: string) =>
    told.filter((line) => line.startsWith(`:irc.test ${code} `) && line.includes(host));
  assertEquals(row("338"), [
    `:irc.test 338 boss eve ${host} :Is actually using host`,
    `:irc.test 338 boss eve ${host} :Was actually using host`,
    `:irc.test 338 boss mallory ${host} :Was actually using host`,
  ]);
  assertEquals(row("354").length, 1);
  assert(told.some((line) => line.startsWith(`:irc.test 311 boss eve ~eve ${shown} *`)), "WHOIS");
  assert(told.some((line) => line.includes(` 352 boss #tea ~eve ${shown} irc.test eve `)), "WHO by address");
});

pureTest("a user is told the own cloak once, and sees the own address in WHOIS", () => {
  const chat = new TestHub({ cloak });
  const session = chat.open("203.0.113.77");
  chat.say(session, "NICK eve", "USER eve 0 * :eve");
  const shown = cloak.hostOf("203.0.113.77");
  const welcome = chat.heard(session);
  assertEquals(welcome.filter((line) => line.includes(" 396 ")), [
    `:irc.test 396 eve ${shown} :is now your visible host`,
  ]);
  assert(welcome[0]!.endsWith(`eve!~eve@${shown}`), welcome[0]!);
  chat.say(session, "WHOIS eve");
  assert(chat.heard(session).includes(":irc.test 338 eve eve 203.0.113.77 :Is actually using host"), "WHOIS");
  const near = chat.enter("near");
  assertEquals(chat.heard(near).filter((line) => line.includes(" 396 ")), []);
});

pureTest("bans of the server go by the address, masks of a room by the cloak alone", () => {
  const host = "203.0.113.77";
  const chat = new TestHub({ cloak });
  const own = chat.enter("own");
  const eve = chat.open(host);
  chat.say(eve, "NICK eve", "USER eve 0 * :eve");
  const enters = (mask: string) => {
    chat.say(own, "JOIN #tea", `MODE #tea +b ${mask}`);
    chat.heard(eve);
    chat.say(eve, "JOIN #tea");
    const told = chat.heard(eve).join("\n");
    chat.say(eve, "PART #tea");
    chat.say(own, `MODE #tea -b ${mask}`);
    return !told.includes(" 474 ");
  };
  const [, ...network] = cloak.hostOf(host).split(".");
  assertEquals([`*!*@${host}`, "*!*@203.*", `*!*@*.${network.join(".")}`].map(enters), [true, true, false]);
  chat.hub.services.bans.set({
    kind: "ban",
    mask: "address:203.0.113.0/24",
    reason: "",
    by: "x",
    at: START,
    until: 0,
  });
  const again = chat.open(host);
  chat.say(again, "NICK again", "USER again 0 * :again");
  assertEquals([again.phase.kind, again.closeReason], ["registering", "Banned"]);
});

pureTest(
  "an address is not found by trying masks: WHO matches the cloak, for operators and oneself the address too",
  () => {
    const chat = new TestHub({ cloak });
    const eve = chat.open("203.0.113.77");
    chat.say(eve, "NICK eve", "USER eve 0 * :eve");
    const own = chat.enter("own");
    const finds = (asker: typeof own, mask: string) => {
      chat.heard(asker);
      chat.say(asker, `WHO ${mask}`);
      return chat.heard(asker).some((line) => line.includes(" irc.test eve "));
    };
    assertEquals(finds(own, cloak.hostOf("203.0.113.77")), true);
    for (const mask of ["203.0.113.77", "203.*"]) {
      assertEquals([finds(own, mask), finds(eve, mask)], [false, true]);
    }
    writable(own.user!).isServerOperator = true;
    assertEquals(finds(own, "203.0.113.*"), true);
  },
);

pureTest("an observer, too, is kept out of a room by its cloak and not by its address", () => {
  const host = "203.0.113.77";
  const chat = new TestHub({ cloak });
  const own = chat.enter("own");
  chat.say(own, "JOIN #tea");
  const follows = (mask: string) => {
    const observer = chat.open(host);
    chat.say(own, `MODE #tea +b ${mask}`);
    chat.say(observer, "CAP REQ :chatterbox.chat/observer", "NICK x", "USER x 0 * :x", "CAP END");
    chat.heard(observer);
    chat.say(observer, "FOLLOW #tea");
    chat.say(own, "PRIVMSG #tea :hello", `MODE #tea -b ${mask}`);
    return chat.heard(observer).some((line) => line.endsWith(" PRIVMSG #tea :hello"));
  };
  assertEquals([`*!*@${host}`, `*!*@${cloak.hostOf(host)}`].map(follows), [true, false]);
});

pureTest("a ban of an address ends a user whose connection has just broken", () => {
  const chat = new TestHub({ cloak });
  const own = chat.enter("own");
  const eve = chat.open("203.0.113.77");
  chat.say(
    eve,
    "CAP REQ :chatterbox.chat/claim",
    `CLAIM ${"k".repeat(43)}`,
    "NICK eve",
    "USER eve 0 * :eve",
    "CAP END",
  );
  chat.hub.close(eve, "gone", chat.now, true);
  assertEquals(chat.hub.context.state.user("eve")?.pendingQuit !== undefined, true);
  setBan(chat.hub.context, chat.hub.services, {
    kind: "ban",
    words: ["address:203.0.113.0/24"],
    user: own.user,
  });
  assertEquals(chat.hub.context.state.user("eve"), undefined);
});

pureTest("history from before there were cloaks is shown with cloaks", () => {
  const ring = Ring.create(1 << 20);
  const scratch = new Uint8Array(4096);
  const hosts = ["203.0.113.77", "2001:db8::77", "127.0.0.1", "localhost", cloak.hostOf("203.0.113.9")];
  for (const [at, host] of hosts.entries()) {
    const source = `eve!~eve@${host}`;
    for (const [n, text] of ["one line", "two\nlines"].entries()) {
      const event = {
        kind: "message",
        verb: "PRIVMSG",
        source,
        target: { kind: "channel", name: "#lobby" },
        text,
        tags: "",
      } as const;
      ring.append(
        START - 1000 + 10 * at + n,
        scratch,
        encodeEvent({ ...event, from: "~1", id: undefined }, scratch),
      );
    }
    const topic = { kind: "topic", source, channel: "#lobby", topic: "t" } as const;
    ring.append(START - 1000 + 10 * at + 2, scratch, encodeEvent(topic, scratch));
    const mode = { kind: "mode", source, channel: "#lobby", change: "+b", args: `x${at}!*@*` } as const;
    ring.append(START - 1000 + 10 * at + 3, scratch, encodeEvent(mode, scratch));
  }
  const chat = new TestHub({ cloak }, ring);
  const own = chat.enter("own", "draft/chathistory", "draft/event-playback", "batch", "draft/multiline");
  chat.say(own, "CHATHISTORY LATEST #lobby * 100", "MODE #lobby b");
  const told = chat.heard(own);
  assertEquals(told.filter((line) => /203\.0\.113|2001:db8/.test(line)), []);
  for (const host of hosts) {
    const shown = cloak.sourceOf(`eve!~eve@${host}`);
    for (
      const part of [`:${shown} PRIVMSG #lobby :one line`, `:${shown} TOPIC #lobby :t`, `!*@* ${shown} `]
    ) {
      assert(told.some((line) => line.includes(part)), `${part} in\n${told.join("\n")}`);
    }
  }
});

pureTest("without cloaks others see the address, as --cloak off says", () => {
  const chat = new TestHub();
  const own = chat.enter("own");
  const eve = chat.open("203.0.113.77");
  chat.say(eve, "NICK eve", "USER eve 0 * :eve", "PRIVMSG own :hello");
  assertEquals(chat.heard(own), [":eve!~eve@203.0.113.77 PRIVMSG own :hello"]);
});
