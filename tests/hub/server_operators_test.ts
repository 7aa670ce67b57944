import { assertEquals, assertMatch } from "@std/assert";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { OPERATOR } from "../../lib/hub/model/channel_modes.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Ring } from "../../lib/log/ring.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);
const CLAIM = "c".repeat(43);
const BOSS = { opers: new Set(["boss"]) };

/** One server after the other with the same log and facts. */
class Servers {
  readonly #ring = Ring.create(1 << 18);
  readonly #facts = new Map<string, SavedFact>();
  chat = new TestHub({}, this.#ring);

  restart(config: Partial<HubConfig>): TestHub {
    this.save();
    return this.chat = new TestHub(config, this.#ring, [...this.#facts.values()]);
  }

  /** What there is to save goes to disk; `only`: no other facts do. */
  save(only: (fact: SavedFact) => boolean = () => true): void {
    for (const fact of this.chat.takeFacts()) {
      if (!only(fact)) continue;
      if (fact.value === undefined) this.#facts.delete(`${fact.kind} ${fact.key}`);
      else this.#facts.set(`${fact.kind} ${fact.key}`, fact);
    }
  }
}

async function register(chat: TestHub, session: Session): Promise<string> {
  chat.say(session, `REGISTER * * ${KEY}`);
  await chat.errands();
  return chat.heard(session).at(-1) ?? "";
}

async function logIn(chat: TestHub, name: string): Promise<Session> {
  const session = chat.enter(`${name}_`);
  chat.say(session, `PRIVMSG NickServ :IDENTIFY ${name} ${KEY}`);
  await chat.errands();
  return session;
}

function claimed(chat: TestHub, nick: string): Session {
  const session = chat.open();
  chat.say(session, "CAP REQ :chatterbox.chat/claim", `CLAIM ${CLAIM}`, `NICK ${nick}`, "USER u 0 * :u");
  chat.say(session, "CAP END");
  return session;
}

function notices(chat: TestHub): string[] {
  return chat.serverEvents.splice(0).map(({ kind }) => kind).filter((kind) => kind.startsWith("oper_"));
}

function isChannelOperator(chat: TestHub, { user }: Session, channel: string): boolean {
  return ((user?.channels.get(chat.hub.context.state.channel(channel)!) ?? 0) & OPERATOR) !== 0;
}

pureTest("operators: --oper is for the account that had the name before, and for no later one", async () => {
  const servers = new Servers();
  await register(servers.chat, servers.chat.enter("boss"));
  let chat = servers.restart(BOSS);
  assertEquals(notices(chat), ["oper_named"]);
  const boss = await logIn(chat, "BOSS");
  assertEquals([boss.user?.isServerOperator, chat.hub.services.serverOperators.size], [true, 1]);
  chat.say(boss, "UNREGISTER boss");
  await chat.errands();
  assertEquals([boss.user?.isServerOperator, chat.hub.services.serverOperators.size], [false, 0]);
  chat.say(boss, "NICK boss");
  assertMatch(chat.heard(boss).at(-1)!, / 432 \S+ boss /);
  // The server starts without --oper, and somebody else takes the name.
  chat = servers.restart({});
  assertMatch(await register(chat, chat.enter("boss")), / REGISTER SUCCESS boss /);
  chat = servers.restart(BOSS);
  assertEquals(notices(chat), ["oper_changed"]);
  const other = await logIn(chat, "boss");
  assertEquals(other.user?.isServerOperator, false);
  // At the prompt it is made one, and stays one.
  runConsoleLine(chat.hub, "oper boss", chat.now);
  assertEquals(other.user?.isServerOperator, true);
  chat = servers.restart(BOSS);
  assertEquals([notices(chat), (await logIn(chat, "boss")).user?.isServerOperator], [["oper_named"], true]);
  chat = servers.restart({});
  assertEquals((await logIn(chat, "boss")).user?.isServerOperator, false, "without --oper it is none");
});

pureTest(
  "operators: --oper for a name without an account makes nobody an operator, whatever letters it is written in",
  () => {
    const chat = new Servers().restart(BOSS);
    assertEquals(notices(chat), ["oper_missing"]);
    for (const name of ["boss", "BoSS", "ｂoss", "b0ss", "ЬоЅЅ"]) {
      const session = chat.open();
      chat.say(session, `NICK ${name}`, "USER u 0 * :u");
      assertMatch(chat.heard(session).at(-1)!, / 432 /);
      chat.say(session, "NICK eve", `NICK ${name}`);
      assertMatch(chat.heard(session).at(-1)!, / 432 eve /);
      chat.say(session, "QUIT");
    }
    assertEquals([chat.hub.services.accounts.size, chat.hub.services.serverOperators.size], [0, 0]);
  },
);

pureTest(
  "operators: an account that ended is not back by the claim key that it was made with, nor after a restart",
  async () => {
    for (const crash of [false, true]) {
      const servers = new Servers();
      let chat = servers.chat;
      const first = claimed(chat, "boss");
      await register(chat, first);
      const { owner } = first.user!;
      runConsoleLine(chat.hub, "oper boss", chat.now);
      chat.say(first, "JOIN #tea", "MODE #tea +i", "TOPIC #tea :hot");
      chat.say(first, "JOIN #den", "MODE #den +i", "PART #den");
      assertEquals([first.user?.isServerOperator, isChannelOperator(chat, first, "#tea")], [true, true]);
      servers.save();
      chat.say(first, "UNREGISTER boss");
      await chat.errands();
      assertEquals([first.user?.isServerOperator, isChannelOperator(chat, first, "#tea")], [false, false]);
      // In a crash the account may be known to have ended, and nothing else.
      servers.save(({ kind }) => !crash || kind === "account");
      chat.say(first, "QUIT");
      if (crash) chat = servers.restart({});
      const second = claimed(chat, "boss");
      assertMatch(await register(chat, second), / REGISTER SUCCESS boss /);
      assertEquals(
        second.user?.owner === owner,
        crash,
        "the same key, the same owner if its end is forgotten",
      );
      chat.say(second, "JOIN #tea");
      chat.say(second, "JOIN #den");
      if (!crash) assertMatch(chat.heard(second).at(-1)!, / 473 /);
      assertEquals(second.user?.isServerOperator, false);
      assertEquals(["#tea", "#den"].filter((channel) => isChannelOperator(chat, second, channel)), []);
      chat = servers.restart(crash ? {} : BOSS);
      if (!crash) assertEquals(notices(chat), ["oper_changed"]);
      assertEquals((await logIn(chat, "boss")).user?.isServerOperator, false);
    }
  },
);

pureTest(
  "operators: who has lost the line is not back as what the account was that ended meanwhile",
  async () => {
    const { chat } = new Servers();
    const first = claimed(chat, "boss");
    await register(chat, first);
    runConsoleLine(chat.hub, "oper boss", chat.now);
    chat.say(first, "JOIN #tea");
    chat.hub.close(first, "Connection closed", chat.now, true);
    assertEquals(chat.hub.context.state.user("boss")?.isServerOperator, true, "the user may come back");
    runConsoleLine(chat.hub, "unregister boss", chat.now);
    const again = claimed(chat, "boss");
    assertEquals([again.user?.isServerOperator, again.user?.account, again.user?.channels.size], [
      false,
      undefined,
      0,
    ]);
  },
);

pureTest("operators: what is taken at the prompt is not back", async () => {
  const { chat } = new Servers();
  const boss = chat.enter("boss");
  await register(chat, boss);
  assertEquals(runConsoleLine(chat.hub, "oper boss", chat.now), {
    kind: "lines",
    lines: ["boss is an operator until the server stops (permanently: serve --oper boss)"],
  });
  runConsoleLine(chat.hub, "deoper boss", chat.now);
  assertEquals([boss.user?.isServerOperator, (await logIn(chat, "boss")).user?.isServerOperator], [
    false,
    false,
  ]);
});

pureTest(
  "operators: in a new log, whose numbers begin again, no guest gets the owner id of an account",
  async () => {
    const before = new TestHub();
    const owners: string[] = [];
    for (const nick of ["alice", "bob"]) {
      const session = before.enter(nick);
      await register(before, session);
      owners.push(session.user!.owner);
    }
    const after = new TestHub({}, Ring.create(1 << 18), before.takeFacts());
    for (let n = 0; n < 10; n++) {
      assertEquals(owners.includes(after.enter(`guest${n}`).user!.owner), false);
    }
  },
);

pureTest(
  "operators: who is operator by the password of an account is none any more once that has ended, or has lost the right",
  async () => {
    for (const end of ["unregister boss", "deoper boss"]) {
      const { chat } = new Servers();
      const boss = chat.enter("boss");
      await register(chat, boss);
      runConsoleLine(chat.hub, "oper boss", chat.now);
      const [bob, guest] = [chat.enter("bob"), chat.enter("guest")];
      runConsoleLine(chat.hub, "oper guest", chat.now);
      chat.say(bob, `OPER boss ${KEY}`);
      await chat.errands();
      assertEquals([bob, guest].map(({ user }) => user?.isServerOperator), [true, true]);
      runConsoleLine(chat.hub, end, chat.now);
      chat.deliver();
      assertEquals([boss, bob, guest].map(({ user }) => user?.isServerOperator), [false, false, true], end);
      assertMatch(chat.heard(bob).at(-1)!, /^:bob MODE bob -o$/);
    }
  },
);
