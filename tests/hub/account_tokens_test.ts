/** Tokens of accounts: made, listed, revoked, expired; the login with one, and what it may do. */
import { assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { DAY_MS } from "../../lib/base/values/time_unit.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import {
  AccountTokens,
  MAX_TOKEN_DAYS,
  MAX_TOKEN_LABEL_BYTES,
  MAX_TOKENS,
  MAX_TOKENS_PER_ACCOUNT,
} from "../../lib/hub/services/accounts/account_tokens.ts";
import { FactBuffer } from "../../lib/hub/log/facts.ts";
import { PROMPT_ISSUER } from "../../lib/server/console/console_command.ts";
import { START, TestHub } from "../support/hub.ts";
import { login, makeOperator } from "../support/hub_accounts.ts";
import { ask, logInByToken, makeToken } from "../support/hub_tokens.ts";
import { pureTest } from "../support/test.ts";

const STRANGER = "203.0.113.7";
const INVALID = ":irc.test FAIL TOKEN INVALID_TOKEN :The token is wrong, has expired or was revoked";

/** Whether the secret logs a session in. */
function works(chat: TestHub, secret: string): boolean {
  const session = logInByToken(chat, secret);
  const lines = chat.heard(session);
  chat.hub.close(session, "done", chat.now);
  return lines.some((line) => line.startsWith(":irc.test TOKEN LOGIN "));
}

/** The ids that TOKEN LIST shows. */
async function listed(chat: TestHub, session: Session, name = ""): Promise<string[]> {
  chat.heard(session);
  chat.say(session, `TOKEN LIST ${name}`.trimEnd());
  await chat.errands();
  const lines = chat.heard(session);
  assertEquals(lines.pop(), ":irc.test TOKEN LIST *");
  return lines.map((line) => line.split(" ")[3]!);
}

pureTest("token create: the secret is shown once it is on disk, and only its hash is kept", async () => {
  const chat = new TestHub({ random: (count) => crypto.getRandomValues(new Uint8Array(count)) });
  const alice = login(chat, "alice");
  chat.takeFacts();
  chat.say(alice, "TOKEN CREATE 90 send:#ops,people :the build");
  assertEquals(chat.heard(alice), [], "it is not saved yet");
  const fact = chat.takeFacts().find(({ kind }) => kind === "token")!;
  await chat.errands();
  const answer = chat.heard(alice).join();
  const [, id, secret] =
    /^:irc\.test TOKEN CREATE ([0-9a-f]{8}) 2026-04-02T03:04:05\.000Z send:#ops,people :(\S+)$/
      .exec(answer)!;
  assertMatch(secret!, /^cbt_[A-Za-z0-9_-]{43}$/);
  assertEquals([fact.key, fact.value?.includes(secret!.slice(4))], [id, false]);
  assertEquals(JSON.parse(fact.value!), {
    owner: "owner-alice",
    hash: createHash("sha256").update(secret!).digest("hex"),
    scopes: "send:#ops,people",
    label: "the build",
    createdAt: START,
    expiresAt: START + 90 * DAY_MS,
  });
});

pureTest("token create: one that could not be saved is none", async () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  chat.trouble = "no space left on device";
  assertMatch(await ask(chat, alice, "TOKEN CREATE * people"), /FAIL TOKEN TEMPORARILY_UNAVAILABLE :/);
  chat.trouble = undefined;
  assertEquals(await listed(chat, alice), []);
  const fact = chat.takeFacts().find(({ kind }) => kind === "token");
  assertEquals(fact?.value, undefined, "nor after a start");
});

pureTest("token create: what is wrong is refused, and nothing is made", async () => {
  const chat = new TestHub();
  const [alice, stranger] = [login(chat, "alice"), chat.enter("eve")];
  const refusal = async (params: string, of = alice) =>
    /^:irc\.test (FAIL TOKEN \S+|461)/.exec(await ask(chat, of, `TOKEN CREATE ${params}`))?.[1];
  const days = MAX_TOKEN_DAYS;
  for (const time of ["0", "-1", "90x", "59s", "never", `${days + 1}`, `${days}d1s`, "1e3"]) {
    assertEquals(await refusal(`${time} people`), "FAIL TOKEN INVALID_DURATION", time);
  }
  for (const scopes of ["all", "send:", "people,", "read:bob", "send:a,".repeat(30) + "send:a"]) {
    assertEquals(await refusal(`90 ${scopes}`), "FAIL TOKEN INVALID_SCOPE", scopes);
  }
  const label = "x".repeat(MAX_TOKEN_LABEL_BYTES + 1);
  assertEquals(await refusal(`90 people :${label}`), "FAIL TOKEN INVALID_LABEL");
  assertEquals(await refusal("90 people :a\x1b[31mb"), "FAIL TOKEN INVALID_LABEL");
  assertEquals(await refusal("90"), "461");
  assertEquals(await refusal("90 people", stranger), "FAIL TOKEN ACCOUNT_REQUIRED");
  assertEquals(await listed(chat, alice), []);
  for (const time of ["*", "1", `${days}`, "1m", "1h30m"]) await makeToken(chat, alice, `${time} people`);
  await makeToken(chat, alice, `90 people :${label.slice(1)}`);
  assertEquals((await listed(chat, alice)).length, 6);
});

pureTest("token create, token list: the longest lines are whole", async () => {
  const chat = new TestHub({ serverName: "s".repeat(63) });
  const alice = login(chat, "alice");
  const scopes = Array.from({ length: 4 }, (_, nth) => `send:#${nth}`.padEnd(49, "x")).join(",") + "x";
  const label = "é".repeat(MAX_TOKEN_LABEL_BYTES / 2);
  const { secret } = await makeToken(chat, alice, `3650 ${scopes} :${label}`);
  assertMatch(secret, /^cbt_[A-Za-z0-9_-]{43}$/);
  chat.say(alice, "TOKEN LIST");
  assertMatch(chat.heard(alice)[0]!, new RegExp(` ${scopes} :${label}$`));
});

pureTest("token create: an account has so many, and so has the server", async () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  const made = [];
  for (let nth = 0; nth < MAX_TOKENS_PER_ACCOUNT; nth++) made.push(await makeToken(chat, alice, "1 people"));
  assertMatch(await ask(chat, alice, "TOKEN CREATE 1 people"), /FAIL TOKEN TOO_MANY :/);
  await ask(chat, alice, `TOKEN REVOKE ${made[0]!.id}`);
  await makeToken(chat, alice, "1 people");
});

pureTest("token create: the server has so many", () => {
  const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));
  const tokens = new AccountTokens(new FactBuffer(), random);
  const wish = { scopes: "people", label: "", createdAt: START, expiresAt: 0 };
  for (let nth = 1; nth < MAX_TOKENS; nth++) tokens.create({ ...wish, owner: `owner${nth % 5000}` });
  assertEquals(tokens.isFull, false);
  tokens.create({ ...wish, owner: "last" });
  assertEquals(tokens.isFull, true);
  tokens.dropOwner("last");
  assertEquals(tokens.isFull, false);
});

pureTest("token login: only on internal connections, and only before registration", async () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  const { secret } = await makeToken(chat, alice, "90 send:#ops");
  const outside = chat.open();
  chat.say(outside, `TOKEN LOGIN ${secret}`);
  assertMatch(chat.heard(outside).join(), /^:irc\.test FAIL TOKEN DISALLOWED :/);
  const inside = logInByToken(chat, secret);
  assertEquals(chat.heard(inside), [
    ":irc.test 900 * *!*@127.0.0.1 alice :You are now logged in as alice",
    `:irc.test TOKEN LOGIN alice ${new Date(START + 90 * DAY_MS).toISOString()} send:#ops`,
  ]);
  const late = chat.open("127.0.0.1", true);
  chat.say(late, "NICK eve", "USER eve 0 * :Eve");
  chat.heard(late);
  chat.say(late, `TOKEN LOGIN ${secret}`);
  assertMatch(chat.heard(late).join(), /^:irc\.test 462 eve :/);
});

pureTest(
  "token login: speaks as the account beside a session of it, as `send` does beside `join`",
  async () => {
    const chat = new TestHub();
    const [alice, bob] = [login(chat, "alice", undefined, { caps: ["echo-message"] }), chat.enter("bob")];
    const { secret } = await makeToken(chat, alice, "90 send:*");
    chat.say(bob, "JOIN #ops");
    chat.say(alice, "JOIN #ops");
    for (const each of [alice, bob]) chat.heard(each);
    const api = logInByToken(chat, secret);
    chat.say(api, "NICK alice", "USER api 0 * :API");
    chat.say(api, "PRIVMSG #ops :deployed", "PRIVMSG bob :psst");
    const said = [
      ":alice!~alice@127.0.0.1 PRIVMSG #ops :deployed",
      ":alice!~alice@127.0.0.1 PRIVMSG bob :psst",
    ];
    assertEquals([chat.heard(bob), chat.heard(alice)], [said, said]);
    assertEquals(chat.hub.context.state.user("alice")?.sessions.length, 2);
    chat.hub.close(api, "done", chat.now);
    assertEquals([chat.heard(bob), alice.closeReason], [[], undefined], "it leaves unseen");
  },
);

pureTest("token login: what waits for the account goes on waiting", async () => {
  const caps = ["batch", "server-time", "message-tags", "draft/chathistory", "chatterbox.chat/receipts"];
  for (const api of [[], caps]) {
    const chat = new TestHub();
    const [alice, bob] = [login(chat, "alice"), chat.enter("bob", ...caps)];
    const carol = chat.enter("carol", ...caps, "echo-message");
    const { secret } = await makeToken(chat, alice, "* send:*");
    chat.say(alice, "JOIN #tea", "QUIT");
    chat.say(bob, "JOIN #tea", "PRIVMSG #tea :a", "PRIVMSG alice :one");
    chat.heard(bob);
    const script = logInByToken(chat, secret, { caps: api });
    chat.say(script, "NICK alice", "USER alice 0 * :API", "CAP END", "JOIN #tea");
    chat.advance(20_000); // the time in which a client can request its history
    chat.say(script, "CHATHISTORY LATEST bob * 10");
    const heard = chat.heard(script).join();
    assertEquals(/waiting-|HistServ|PRIVMSG #tea/.test(heard), false, heard);
    chat.say(carol, "PRIVMSG alice :two");
    const answer = chat.heard(carol).join();
    assertMatch(answer, /NOTE PRIVMSG QUEUED alice /, "a script is no receiver");
    chat.heard(script);
    chat.say(carol, `AWAIT delivered ${/msgid=([^;, ]+)/.exec(answer)![1]}`);
    assertEquals(chat.heard(script), [], "it is not asked whether it has the message");
    assertMatch(chat.heard(carol).join(), / FAIL AWAIT NOT_DELIVERED /);
    chat.say(carol, "@chatterbox.chat/online PRIVMSG alice :now");
    assertMatch(chat.heard(carol).join(), / 401 carol alice /);
    chat.say(script, "QUIT");
    const back = login(chat, "alice", undefined, { caps: ["batch", "server-time", "message-tags"] });
    chat.say(back, "PONG waiting-1", "JOIN #tea");
    await chat.errands();
    const texts = chat.heard(back).flatMap((line) => / PRIVMSG \S+ :(.*)$/.exec(line)?.[1] ?? []);
    assertEquals(texts, ["one", "two", "a"]);
  }
});

pureTest("token login: an observer reads what the account may read", async () => {
  const chat = new TestHub();
  const [alice, bob] = [login(chat, "alice"), chat.enter("bob")];
  const { secret } = await makeToken(chat, alice, "90 read:*");
  chat.say(bob, "JOIN #secret", "JOIN #theirs", "MODE #theirs +s", "INVITE alice #secret");
  chat.say(alice, "JOIN #secret");
  chat.say(bob, "MODE #secret +is");
  const api = logInByToken(chat, secret, { caps: ["chatterbox.chat/observer"] });
  chat.say(api, "NICK api", "USER api 0 * :API", "CAP END");
  chat.heard(api);
  chat.say(api, "FOLLOW #secret,#theirs,bob");
  chat.heard(api);
  chat.say(bob, "PRIVMSG #secret :to us", "PRIVMSG #theirs :not for alice", "PRIVMSG alice :to you");
  assertEquals(chat.heard(api), [
    ":bob!~bob@127.0.0.1 PRIVMSG #secret :to us",
    ":bob!~bob@127.0.0.1 PRIVMSG alice :to you",
  ]);
  chat.say(api, "PRIVMSG bob :hi");
  assertMatch(chat.heard(api).join(), /^:irc\.test FAIL PRIVMSG OBSERVER :/);
});

pureTest(
  "token login: wrong secrets have a count of their own, and say nothing of what is wrong",
  async () => {
    const chat = new TestHub({ limits: { loginFailures: { count: 3, ms: 60_000 } } });
    const alice = login(chat, "alice");
    const { id, secret } = await makeToken(chat, alice, "1 people");
    const wrong = [secret.slice(0, -1) + (secret.endsWith("A") ? "B" : "A"), id, "cbt_"];
    const answers = wrong.map((each) => chat.heard(logInByToken(chat, each, { host: STRANGER })).join());
    assertEquals(answers, wrong.map(() => INVALID));
    assertMatch(
      chat.heard(logInByToken(chat, "cbt_x", { host: STRANGER })).join(),
      /^:irc\.test FAIL TOKEN TEMPORARILY_UNAVAILABLE :.*try again in 20 s$/,
    );
    for (let time = 0; time < 5; time++) {
      const right = logInByToken(chat, secret, { host: STRANGER });
      assertMatch(chat.heard(right).join(), / TOKEN LOGIN alice /, "one in force is not kept out by others");
    }
    assertEquals(
      chat.hub.services.attemptLimits.logins.waitMs(STRANGER, chat.now),
      0,
      "passwords have all attempts",
    );
    const reported = JSON.stringify(chat.serverEvents);
    assertEquals(reported.match(/login_failed/g)?.length, 3);
    for (const each of [secret, ...wrong]) assertEquals(reported.includes(each), false, "not in the log");
  },
);

pureTest("token: one that expires is refused from then on, dropped, and its sessions end", async () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  const [short, long] = [await makeToken(chat, alice, "1h people"), await makeToken(chat, alice, "* people")];
  const api = logInByToken(chat, short.secret);
  chat.say(api, "NICK alice", "USER api 0 * :API");
  chat.takeFacts();
  chat.now = START + 3_600_000 - 1;
  assertEquals(works(chat, short.secret), true);
  chat.now++;
  assertEquals([works(chat, short.secret), works(chat, long.secret)], [false, true]);
  assertEquals(await listed(chat, alice), [long.id]);
  chat.heard(api);
  chat.say(api, "PING x"); // no tick has come between
  assertMatch(chat.heard(api).at(-1)!, /^ERROR :.*The token is no longer valid/);
  chat.advance(0);
  const dropped = chat.takeFacts().filter(({ kind, value }) => kind === "token" && value === undefined);
  assertEquals(dropped.map(({ key }) => key), [short.id]);
});

pureTest("token: what was saved holds after a start, what was revoked does not", async () => {
  const before = new TestHub();
  const alice = login(before, "alice");
  const [kept, ended] = [
    await makeToken(before, alice, "90 people :x"),
    await makeToken(before, alice, "90 people"),
  ];
  await ask(before, alice, `TOKEN REVOKE ${ended.id}`);
  const after = new TestHub({}, undefined, before.takeFacts());
  assertEquals([works(after, kept.secret), works(after, ended.secret)], [true, false]);
});

pureTest("token: a fact that is none is ignored, and so is one of an account that there is not", () => {
  const fact = (key: string, change: Record<string, unknown>) => ({
    kind: "token",
    key,
    value: JSON.stringify({
      owner: "owner-alice",
      hash: "0".repeat(64),
      scopes: "people",
      label: "",
      createdAt: START,
      expiresAt: 0,
      ...change,
    }),
    seq: 0,
  });
  const facts = [
    fact("00000001", { hash: "short" }),
    fact("00000002", { scopes: "all" }),
    fact("00000003", { owner: "" }),
    fact("00000004", { expiresAt: "never" }),
    fact("00000005", { label: "x".repeat(MAX_TOKEN_LABEL_BYTES + 1) }),
    fact("none", {}),
    fact("00000006", {}),
  ];
  const chat = new TestHub({}, undefined, facts);
  const told = chat.serverEvents.flatMap((event) => event.kind === "fact_unreadable" ? event.key : []);
  assertEquals(told, ["00000001", "00000002", "00000003", "00000004", "00000005", "none"]);
  assertEquals(chat.hub.services.accountTokens.get("00000006"), undefined, "its account has ended");
});

pureTest("token revoke: one's own; its sessions end at once", async () => {
  const chat = new TestHub();
  const [alice, bob] = [login(chat, "alice"), login(chat, "bob")];
  const { id, secret } = await makeToken(chat, alice, "90 people");
  const api = logInByToken(chat, secret);
  const other = logInByToken(chat, (await makeToken(chat, alice, "90 people")).secret);
  const unknown = await ask(chat, bob, "TOKEN REVOKE 12345678");
  assertEquals(await ask(chat, bob, `TOKEN REVOKE ${id}`), unknown.replace("12345678", id));
  assertMatch(unknown, /^:irc\.test FAIL TOKEN NO_SUCH_TOKEN 12345678 :/);
  assertEquals((await ask(chat, alice, `TOKEN REVOKE ${secret}`)).includes(secret), false, "not repeated");
  assertEquals(await ask(chat, alice, `TOKEN REVOKE ${id}`), `:irc.test TOKEN REVOKE ${id}`);
  assertEquals([api.closeReason, other.closeReason], ["The token is no longer valid", undefined]);
  assertEquals(works(chat, secret), false);
  chat.trouble = "disk full";
  const { id: left } = chat.hub.services.accountTokens.of("owner-alice").values().next().value!;
  assertMatch(
    await ask(chat, alice, `TOKEN REVOKE ${left}`),
    /TEMPORARILY_UNAVAILABLE [0-9a-f]+ :The token is revoked, but/,
  );
});

pureTest("token list, token revoke: operators of the server see and end those of all", async () => {
  const chat = new TestHub();
  const [alice, boss, eve] = [login(chat, "alice"), login(chat, "boss"), login(chat, "eve")];
  makeOperator(chat, "boss");
  const { id, secret } = await makeToken(chat, alice, "90 people");
  assertEquals(await listed(chat, boss, "Alice"), [id]);
  assertEquals(await listed(chat, alice, "ALICE"), [id], "one's own, by name");
  assertMatch(await ask(chat, boss, "TOKEN LIST nemo"), /FAIL TOKEN NO_SUCH_ACCOUNT nemo :/);
  assertMatch(await ask(chat, eve, "TOKEN LIST alice"), /^:irc\.test 481 eve :/);
  assertMatch(await ask(chat, eve, "TOKEN LIST nemo"), /^:irc\.test 481 eve :/);
  assertEquals(await ask(chat, boss, `TOKEN REVOKE ${id}`), `:irc.test TOKEN REVOKE ${id}`);
  assertEquals(works(chat, secret), false);
});

pureTest(
  "token: it ends with its account, for the next of that name too, and with a reset passphrase",
  async () => {
    const chat = new TestHub();
    const alice = login(chat, "alice");
    const { secret } = await makeToken(chat, alice, "* people");
    assertMatch(await ask(chat, alice, "UNREGISTER alice"), /UNREGISTER SUCCESS alice/);
    assertEquals(works(chat, secret), false);
    assertEquals(chat.takeFacts().filter(({ kind, value }) => kind === "token" && value !== undefined), []);
    chat.say(alice, "QUIT");
    const again = login(chat, "alice");
    assertEquals(await listed(chat, again), []);
    const second = await makeToken(chat, again, "* people");
    const reset = await chat.administration.run("passwd alice", PROMPT_ISSUER);
    assertMatch(reset.lines.join(), /: [a-z2-9-]+; 1 session is closed; 1 token is revoked$/);
    assertEquals(works(chat, second.secret), false);
  },
);

pureTest(
  "token: it has no more rights than its account: banned, muted, without an account's commands",
  async () => {
    const chat = new TestHub();
    const [alice, boss, bob] = [login(chat, "alice"), login(chat, "boss"), chat.enter("bob")];
    makeOperator(chat, "boss");
    const [plain, strong] = [
      await makeToken(chat, alice, "* send:*"),
      await makeToken(chat, boss, "* send:*"),
    ];
    const enter = (secret: string, nick: string) => {
      const session = logInByToken(chat, secret);
      chat.say(session, `NICK ${nick}`, `USER ${nick} 0 * :API`);
      chat.heard(session);
      return session;
    };
    await ask(chat, boss, "MUTE account:alice");
    const muted = enter(plain.secret, "alice");
    chat.heard(bob);
    chat.say(muted, "PRIVMSG bob :hi");
    assertEquals([chat.heard(bob), chat.heard(muted).length], [[], 1]);
    await ask(chat, boss, "BAN account:alice");
    assertEquals([muted.closeReason === undefined, enter(plain.secret, "alice").closeReason === undefined], [
      false,
      false,
    ]);
    const operator = enter(strong.secret, "boss");
    for (
      const line of [
        "TOKEN CREATE * send:*",
        "TOKEN LIST",
        "PASSWD passphrase99",
        "UNREGISTER boss",
        "PRIVMSG NickServ :PASSWD passphrase99",
        "PRIVMSG OperServ :stats",
        "NICKSERV PASSWD passphrase99",
        "OPERSERV stats",
        "KILL bob",
        "BAN bob",
      ]
    ) {
      assertMatch(await ask(chat, operator, line), /^:irc\.test FAIL [A-Z]+ TOKEN_LOGIN :/, line);
    }
  },
);

pureTest("token login: also where the server has a password, and where it wants accounts", async () => {
  const chat = new TestHub({ password: "sesame", accounts: "required" });
  const alice = login(chat, "alice");
  assertEquals(alice.user, undefined, "the password is missing");
  const keeper = chat.open();
  chat.hub.context.commit({
    kind: "login",
    session: keeper,
    account: chat.hub.services.accounts.get("alice")!,
  });
  const { secret } = await makeToken(chat, keeper, "* people");
  const api = logInByToken(chat, secret);
  chat.say(api, "NICK alice", "USER api 0 * :API");
  assertEquals(api.user?.nick, "alice");
});
