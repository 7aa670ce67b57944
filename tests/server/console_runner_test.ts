/** The console's table as each of its users has it: what is saved, audited, refused, and what a reset passphrase does. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { ConsoleRunner } from "../../lib/server/console/console_runner.ts";
import type { ProcessControl } from "../../lib/server/console/console_runner.ts";
import {
  auditText,
  CONSOLE_HELP,
  CONSOLE_WORDS,
  parseConsoleLine,
} from "../../lib/server/console/command_table.ts";
import { operatorIssuer } from "../../lib/server/console/console_command.ts";
import type { CommandAnswer, Issuer } from "../../lib/server/console/console_command.ts";
import { restoreAll } from "../../lib/hub/apply/fact_restore.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const LOCAL: Issuer = { audit: "chatterbox admin", user: undefined, isExposed: false };

/** A server operator called `nick`, at `host`. */
function operator(chat: TestHub, nick: string, host = "127.0.0.1"): Session {
  const session = chat.open(host);
  chat.say(session, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
  chat.hub.context.commit({ kind: "oper", user: session.user!, oper: true });
  chat.heard(session);
  return session;
}

async function registered(chat: TestHub, nick: string, password = "passphrase99"): Promise<Session> {
  const session = chat.enter(nick);
  chat.say(session, `REGISTER * * ${password}`);
  await chat.errands();
  chat.heard(session);
  return session;
}

/** What NickServ answers to IDENTIFY. */
async function identified(chat: TestHub, account: string, password: string): Promise<string> {
  const session = chat.enter(`g${chat.hub.context.state.sessions.size}`);
  chat.say(session, `PRIVMSG NickServ :IDENTIFY ${account} ${password}`);
  await chat.errands();
  return chat.heard(session).join("\n");
}

function audited(chat: TestHub): string[] {
  const notices = chat.serverEvents.splice(0);
  assertEquals(JSON.stringify(notices).includes("secret"), false);
  return notices.flatMap((notice) =>
    notice.kind === "administered"
      ? [`${notice.by}: ${notice.command}${notice.failure === undefined ? "" : " (not done)"}`]
      : []
  );
}

pureTest("administration: each command fails with the status that its fault has", async () => {
  const chat = new TestHub();
  chat.enter("bob");
  await registered(chat, "alice");
  const cases: readonly (readonly [line: string, status: string | undefined])[] = [
    ["", undefined],
    ["help", undefined],
    ["dance", "usage"],
    ["list", undefined],
    ["logs", undefined],
    ["logs x", "usage"],
    ["say", "usage"],
    ["stats", undefined],
    ["rooms", undefined],
    ["mode", "usage"],
    ["mode #none +m", "not_found"],
    ["mode #lobby +Q", "usage"],
    ["mode #lobby +mQ", "partly_done"],
    ["kick", "usage"],
    ["kick nobody", "not_found"],
    ["kick #none bob", "not_found"],
    ["kick #lobby bob", "not_found"],
    ["kill", "usage"],
    ["kill nobody", "not_found"],
    ["ban", "usage"],
    ["ban a!b", "usage"],
    ["ban bob 3x", "usage"],
    ["ban ::1", "refused"],
    ["unban", "usage"],
    ["unban bob", "not_found"],
    ["unmute bob", "not_found"],
    ["bans", undefined],
    ["oper", "usage"],
    ["oper nobody", "not_found"],
    ["deoper", "usage"],
    ["deoper bob", "not_found"],
    ["accounts", undefined],
    [`accounts ${"*?".repeat(40)}`, "usage"],
    ["register", "usage"],
    ["register #tea", "usage"],
    ["register NickServ", "refused"],
    ["register alice", "refused"],
    ["passwd", "usage"],
    ["passwd nobody", "not_found"],
    ["passwd alice short", "usage"],
    [`passwd alice ${"x".repeat(301)}`, "usage"],
    ["unregister", "usage"],
    ["unregister nobody", "not_found"],
    ["reload", "refused"],
    ["stop", "refused"],
    ["quit", "refused"],
    ["stop now please", "usage"],
    ["quit now", "usage"],
    ["reload x", "usage"],
    ["upgrade", "refused"],
    ["upgrade now", "usage"],
    ["stats extra", "usage"],
    ["list extra", "usage"],
    ["rooms extra", "usage"],
    ["bans extra", "usage"],
  ];
  for (const [line, status] of cases) {
    const { failure } = await chat.administration.run(line, LOCAL);
    assertEquals(failure?.status, status, line);
  }
  const tried = new Set(cases.map(([line]) => line.split(" ")[0]));
  assertEquals(CONSOLE_WORDS.filter((word) => !tried.has(word) && word !== "mute"), [], "every command");
  assertEquals(CONSOLE_HELP.map(([usage]) => usage.split(" ")[0]), CONSOLE_WORDS.slice(0, -1));
});

pureTest(
  "administration: help lists every command, no line wider than a terminal of 80 columns",
  async () => {
    const { lines } = await new TestHub().administration.run("help", LOCAL);
    assertEquals(lines.length, CONSOLE_HELP.length);
    assertEquals(lines.filter((line) => line.length > 80), []);
  },
);

pureTest("administration: mode tells all that is wrong, and what it shows beside that", async () => {
  const chat = new TestHub();
  const { lines, failure } = await chat.administration.run("mode #lobby b+QZ", LOCAL);
  assertEquals([lines.length, failure?.words.match(/unknown mode/g)?.length], [1, 2]);
});

pureTest("administration: mode tells what of its changes is done beside others that are not", async () => {
  const chat = new TestHub();
  const ask = async (line: string) => (await chat.administration.run(line, LOCAL)).failure?.words;
  const barred = "k: is not available on #lobby, which is open to all users";
  assertEquals(await ask("mode #lobby +m-k"), `done: +m; not done: ${barred}`);
  assertEquals(await ask("mode #lobby +m-k"), barred);
  assertEquals(await ask("mode #lobby -m now"), "done: -m; not done: now: unused parameter");
  const ignored = "missing parameter, or too many parameters (at most 4 at once)";
  assertEquals(await ask("mode #lobby +mo"), `done: +m; not done: o: ${ignored}`);
  const bans = "done: +bbbb a!*@* b!*@* c!*@* d!*@*";
  assertEquals(
    await ask("mode #lobby +bbbbb-m a b c d e"),
    `${bans}; not done: bm: ${ignored}; e: unused parameter`,
  );
  assertEquals(await ask("mode #lobby -m"), undefined);
  assertEquals(chat.hub.services.history.channels.get("#lobby")?.settings?.flags.includes("m"), false);
});

pureTest(
  "administration: a command without arguments refuses words behind it, and does nothing",
  async () => {
    const chat = new TestHub();
    let calls = 0;
    const control: ProcessControl = {
      reload: () => Promise.resolve({ lines: [`${calls++}`] }),
      stop: () => Promise.resolve({ lines: [`${calls++}`] }),
    };
    const run = (task: Parameters<ConstructorParameters<typeof ConsoleRunner>[0]["run"]>[0]) => {
      task(chat.hub, chat.now);
      return Promise.resolve();
    };
    const administration = new ConsoleRunner({ run }, () => Promise.resolve(undefined), control);
    const bare = CONSOLE_HELP.map(([usage]) => usage).filter((usage) => !usage.includes(" "));
    assertEquals(bare, ["list", "stats", "rooms", "bans", "reload", "upgrade", "stop", "quit"]);
    for (const word of bare) {
      const { lines, failure, next } = await administration.run(`${word} now please`, LOCAL);
      assertEquals([lines, failure?.words, next], [[], `${word} takes no arguments`, undefined]);
    }
    assertEquals(calls, 0);
  },
);

pureTest("administration: a list is cut at its bound, and says so", async () => {
  const chat = new TestHub();
  for (let nth = 0; nth < 1001; nth++) chat.hub.services.accounts.addUnreadable(`n${nth}`);
  const { lines } = await chat.administration.run("accounts", LOCAL);
  assertEquals([lines.length, lines.at(-1)], [1001, "… and 1 more"]);
  chat.hub.services.accounts.removeUnreadable("n0");
  assertEquals((await chat.administration.run("accounts", LOCAL)).lines.length, 1000);
});

pureTest(
  "administration: passwd: the account stays, what logged in before is closed, and only the new passphrase holds",
  async () => {
    const chat = new TestHub();
    const alice = await registered(chat, "alice");
    const far = chat.enter("far");
    chat.say(far, "PRIVMSG NickServ :IDENTIFY alice passphrase99");
    await chat.errands();
    const lost = chat.enter("lost");
    chat.say(lost, "PRIVMSG NickServ :IDENTIFY alice passphrase99");
    await chat.errands();
    chat.hub.close(lost, "Connection closed", chat.now, true);
    const before = chat.hub.services.accounts.get("alice")!;
    const { lines, failure } = await chat.administration.run("passwd ALICE", LOCAL);
    assertEquals(failure, undefined);
    const [, passphrase = ""] = /not shown again: (\S{23}); 2 sessions are closed$/.exec(lines[0]!) ?? [];
    assertEquals(
      [alice.closeReason, far.closeReason].map((why) => why),
      Array(2).fill("The passphrase of the account was reset"),
    );
    assertEquals(
      chat.hub.context.state.user("lost"),
      undefined,
      "no session comes back by the key of before",
    );
    assertEquals(chat.hub.services.accounts.get("alice"), before);
    assertMatch(await identified(chat, "alice", "passphrase99"), /or no such account$/);
    assertMatch(await identified(chat, "alice", passphrase), /You are logged in as alice/);
    const after = new TestHub();
    restoreAll(
      after.hub.context,
      after.hub.services,
      chat.takeFacts().filter(({ kind }) => kind === "account"),
    );
    assertMatch(await identified(after, "alice", passphrase), /You are logged in as alice/);
  },
);

pureTest("administration: passwd ends what OPER with the password of before has given", async () => {
  const chat = new TestHub({ opers: new Set(["boss"]) });
  assertEquals((await chat.administration.run("register boss", LOCAL)).failure, undefined);
  await chat.administration.run("passwd boss passphrase99", LOCAL);
  const thief = chat.enter("thief");
  chat.say(thief, "OPER boss passphrase99");
  await chat.errands();
  assertEquals(thief.user?.isServerOperator, true);
  await chat.administration.run("passwd boss", LOCAL);
  assertEquals([thief.user?.isServerOperator, thief.closeReason], [false, undefined]);
});

pureTest(
  "administration: passwd waits for a change that is under way, and not for one that has failed",
  async () => {
    const chat = new TestHub();
    const alice = await registered(chat, "alice");
    const both = [
      chat.administration.run("passwd alice passphrase98", LOCAL),
      chat.administration.run("passwd alice passphrase97", LOCAL),
    ];
    const failures = (await Promise.all(both)).map(({ failure }) => failure?.status);
    assertEquals(failures, [undefined, "refused"]);
    assertEquals(alice.closeReason === undefined, false);
    assertEquals((await chat.administration.run("passwd alice passphrase97", LOCAL)).failure, undefined);
  },
);

pureTest(
  "administration: what could not be saved is shown all the same, and said to be not saved",
  async () => {
    const chat = new TestHub();
    chat.trouble = "no space left on device";
    for (
      const line of ["register alice", "ban bob", "mute bob", "unban bob", "passwd alice", "unregister alice"]
    ) {
      const { lines, failure } = await chat.administration.run(line, LOCAL);
      assertEquals([lines.length > 0, failure?.status], [true, "not_saved"], line);
      assertMatch(failure!.words, /no space left on device/);
    }
    assertEquals(
      (await chat.administration.run("bans", LOCAL)).failure,
      undefined,
      "a question saves nothing",
    );
  },
);

pureTest("administration: what was not done is told as that, also where nothing can be saved", async () => {
  const chat = new TestHub();
  chat.trouble = "no space left on device";
  const { failure } = await chat.administration.run("unban nobody", LOCAL);
  assertEquals(failure?.words.includes("could not be saved"), false, failure?.words);
});

pureTest(
  "administration: the log tells what was done by whom, without secrets; questions at the server's machine are not told",
  async () => {
    const chat = new TestHub();
    await registered(chat, "alice");
    const boss = operator(chat, "boss");
    chat.say(boss, "JOIN #tea");
    audited(chat);
    for (
      const line of [
        "passwd alice hunter22 secret",
        "mode #tea +k secret",
        "mode #tea +k secret,x",
        "stats",
        "hunter22",
        "",
        "help",
      ]
    ) {
      await chat.administration.run(line, LOCAL);
    }
    assertEquals(audited(chat), [
      "chatterbox admin: passwd alice",
      "chatterbox admin: mode #tea +k",
      "chatterbox admin: mode #tea +k (not done)",
    ]);
    for (const line of ["stats", "passwd alice short", "kick nobody", "hunter22"]) {
      await chat.administration.run(line, operatorIssuer(boss, boss.user!));
    }
    assertEquals(audited(chat), [
      "boss on IRC: stats",
      "boss on IRC: passwd alice (not done)",
      "boss on IRC: kick nobody (not done)",
    ]);
    assertEquals(auditText(parseConsoleLine("/passwd  alice  x y")), "passwd alice");
  },
);

pureTest("administration: an operator who is logged in to another name is told with it", async () => {
  const chat = new TestHub();
  await registered(chat, "alice");
  const boss = operator(chat, "boss");
  chat.say(boss, "PRIVMSG NickServ :IDENTIFY alice passphrase99");
  await chat.errands();
  assertEquals(operatorIssuer(boss, boss.user!).audit, "boss (alice) on IRC");
});

pureTest("administration: a passphrase is not shown over a connection that others can read", async () => {
  const chat = new TestHub();
  await registered(chat, "alice");
  const [near, far] = [operator(chat, "near"), operator(chat, "far", "203.0.113.7")];
  for (const line of ["register bob", "passwd alice", "passwd alice passphrase98"]) {
    const { lines, failure } = await chat.administration.run(line, operatorIssuer(far, far.user!));
    assertEquals([lines, failure?.status], [[], "refused"], line);
  }
  assertEquals(
    (await chat.administration.run("register bob", operatorIssuer(near, near.user!))).failure,
    undefined,
  );
  assert(chat.hub.services.accounts.get("bob") !== undefined, "made from this machine");
});

pureTest(
  "administration: an operator who is none any more at the time of the command is refused",
  async () => {
    const chat = new TestHub();
    const boss = operator(chat, "boss");
    chat.say(boss, "OS ban bob");
    chat.hub.context.commit({ kind: "oper", user: boss.user!, oper: false });
    await chat.errands();
    assertMatch(chat.heard(boss).at(-1)!, /NOTICE boss :you are not an operator$/);
    assertEquals((await chat.administration.run("bans", LOCAL)).lines, ["no bans or mutes are set"]);
  },
);

pureTest(
  "administration: reload, upgrade and stop are the process's, and the last two are asked for once the answer is there",
  async () => {
    const chat = new TestHub();
    const done: string[] = [];
    const answer: CommandAnswer = { lines: ["reread"] };
    const control: ProcessControl = {
      reload: () => Promise.resolve((done.push("reload"), answer)),
      stop: () => Promise.resolve((done.push("stop"), answer)),
      handOver: () => void done.push("hand over"),
    };
    const run = (task: Parameters<ConstructorParameters<typeof ConsoleRunner>[0]["run"]>[0]) => {
      task(chat.hub, chat.now);
      return Promise.resolve();
    };
    const administration = new ConsoleRunner({ run }, () => Promise.resolve(undefined), control);
    assertEquals(await administration.run("reload", LOCAL), answer);
    for (const word of ["stop", "quit"]) {
      assertEquals(await administration.run(word, LOCAL), {
        lines: ["the server is stopping"],
        next: "stop",
      });
    }
    const { next } = await administration.run("upgrade", LOCAL);
    assertEquals([next, done], ["hand_over", ["reload"]]);
    administration.handOver();
    await administration.stop();
    assertEquals(done, ["reload", "hand over", "stop"]);
  },
);
