/**
 * A scenario that leaves every kind of record and of saved fact in a server's data folder, and the questions that show whether they are
 * still there. `make_sample.ts` runs the scenario and keeps the folder with the answers; `sample_test.ts` asks a later server the same
 * questions. Both speak IRC only, so that neither depends on the server's internals.
 */
import { program, Server } from "../commands/program.ts";
import { SocketClient } from "../support/socket_client.ts";

/** The smallest that `serve` allows. */
const BUFFER = "64KiB";
/** Lines of {@link FILLER_BYTES} that overwrite the whole ring. */
const FILLER_LINES = 250;
const FILLER_BYTES = 400;
/** A PROXY header gives each connection an address, so that hosts are cloaked and addresses can be banned. */
const FLAGS = ["--buffer", BUFFER, "--sync", "always", "--flood-rate", "off", "--trust-proxy", "127.0.0.1"];

const BANNED_ADDRESS = "203.0.113.99";
const CLOAKED_ADDRESS = "203.0.113.66";
/** Claim key of the account that is unregistered: 43 characters of base64url. */
const FORMER_KEY = "g".repeat(43);
/** Claim key of a user without an account. */
const WALKER_KEY = "w".repeat(43);
/** SCRAM first message for a name without an account: the salt of the answer is derived from the server's secret. */
const STRANGER = "n,,n=stranger,r=rOprNGfwEbeRWgbNEkqO";

const READER_CAPS = "batch server-time message-tags account-tag draft/chathistory draft/event-playback " +
  "draft/multiline draft/message-redaction draft/channel-rename draft/read-marker draft/metadata-2";
/** Each day boss has the duty. */
const CALENDAR = [
  "BEGIN:VCALENDAR",
  "VERSION:2.0",
  "PRODID:-//sample//EN",
  "BEGIN:VEVENT",
  "UID:kitchen-1",
  "DTSTAMP:20260101T000000Z",
  "DTSTART:20260101T000000Z",
  "DURATION:P1D",
  "RRULE:FREQ=DAILY",
  "SUMMARY:boss",
  "END:VEVENT",
  "END:VCALENDAR",
  "",
].join("\r\n");
/** A client without chathistory: the server plays it the messages that it has not seen. */
const PLAYED_CAPS = "batch server-time message-tags";

function passwordOf(name: string): string {
  return `kettle-and-teapot-of-${name}`;
}

interface Entry {
  readonly from?: string;
  readonly caps?: string;
  readonly claim?: string;
  /** Password of the account of that name, for SASL. */
  readonly password?: string;
}

/** The address of the client called `nick`: the same each time. */
function addressOf(nick: string): string {
  const sum = [...nick].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return `198.51.100.${1 + sum % 250}`;
}

/** Connects without waiting for an answer. */
async function open({ url }: Server, from: string): Promise<SocketClient> {
  const port = Number(new URL(url.replace("irc:", "http:")).port);
  const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
  await client.send(`PROXY TCP4 ${from} 127.0.0.1 40000 ${port}`);
  return client;
}

/** Connects and registers the connection as `nick`; the answers stay to be taken. */
async function enter(server: Server, nick: string, entry: Entry = {}): Promise<SocketClient> {
  const { from = addressOf(nick), caps = "", claim, password } = entry;
  const client = await open(server, from);
  const login = password === undefined ? [] : ["AUTHENTICATE PLAIN", `AUTHENTICATE ${plain(nick, password)}`];
  await say(
    client,
    `CAP REQ :sasl draft/account-registration chatterbox.chat/claim chatterbox.chat/receipts ${caps}`,
    ...claim === undefined ? [] : [`CLAIM ${claim}`],
    `NICK ${nick}`,
    `USER ${nick} 0 * :${nick} of the sample`,
    ...login,
    "CAP END",
  );
  return client;
}

/** Sends `lines`, and waits until they are answered. */
async function say(client: SocketClient, ...lines: string[]): Promise<void> {
  await client.send(lines.join("\r\n"));
  await client.barrier();
}

/** Sends `lines`; returns the lines of the answer that match `words`. */
async function ask(client: SocketClient, lines: readonly string[], words?: RegExp): Promise<string[]> {
  client.take();
  await say(client, ...lines);
  return client.take().filter((line) => words === undefined || words.test(line));
}

async function leave(...clients: SocketClient[]): Promise<void> {
  for (const client of clients) {
    await client.send("QUIT :see you");
    await client.ended();
  }
}

function plain(name: string, password: string): string {
  return new TextEncoder().encode(`\0${name}\0${password}`).toBase64();
}

/** Connects as `name` and registers an account of that name. */
async function register(server: Server, name: string, entry: Entry = {}): Promise<SocketClient> {
  const client = await enter(server, name, entry);
  const lines = await ask(client, [`REGISTER * * ${entry.claim ?? passwordOf(name)}`], / REGISTER SUCCESS /);
  if (lines.length === 0) throw new Error(`${name} is not registered`);
  return client;
}

/** Message ids of `texts` in the history of `target`. */
async function idsOf(client: SocketClient, target: string, texts: readonly string[]): Promise<string[]> {
  const lines = await ask(client, [`CHATHISTORY LATEST ${target} * 100`]);
  return texts.map((text) => tagOf("msgid", lines.find((line) => line.endsWith(` :${text}`))));
}

/** The value of the tag `name`, which `line` bears. */
function tagOf(name: string, line = ""): string {
  const [, value] = new RegExp(`^@(?:\\S*;)?${name}=([^; ]+)`).exec(line) ?? [];
  if (value === undefined) throw new Error(`no ${name} in: ${line}`);
  return value;
}

/** Runs the scenario on a new data folder below `home`, over three starts of the server. */
export async function runScenario(home: string): Promise<void> {
  const first = await Server.start(home, ...FLAGS);
  await longAgo(first);
  await first.stop();
  const second = await Server.start(home, ...FLAGS, "--oper", "boss", "--oper", "chief");
  await chiefEnds(second);
  await crash(second);
  const third = await Server.start(home, ...FLAGS, "--oper", "boss");
  await leave(await enter(third, "ghost"));
  await channel(third);
  await administration(third);
  await direct(third);
  await lastSeen(third);
  await kept(third);
  await third.stop();
}

/** Accounts, and messages that are retained although the ring has overwritten them. */
async function longAgo(server: Server): Promise<void> {
  for (const name of ["alice", "bob", "boss", "chief"]) await leave(await register(server, name));
  // A ring of this size retains one message of each sender.
  const dora = await register(server, "dora");
  await say(dora, "PRIVMSG bob :kept for bob");
  const erin = await register(server, "erin");
  await say(erin, "JOIN #kept", "TOPIC #kept :Darjeeling", "PRIVMSG #kept :kept in the room");
  const filler = await enter(server, "filler");
  await say(filler, "JOIN #filler");
  for (let nth = 0; nth < FILLER_LINES; nth++) {
    await filler.send(`PRIVMSG #filler :${String(nth).padEnd(FILLER_BYTES, ".")}`);
  }
  await filler.barrier();
  await leave(dora, erin, filler);
}

/** The account of an operator is unregistered: a later account of that name does not inherit the rights. */
async function chiefEnds(server: Server): Promise<void> {
  const chief = await enter(server, "chief", { password: passwordOf("chief") });
  await say(chief, "UNREGISTER chief");
  await leave(chief);
}

/** The server is killed with a member in a channel: the next start is recorded, and the member has left the channel by it. */
async function crash(server: Server): Promise<void> {
  const ghost = await enter(server, "ghost");
  await say(ghost, "JOIN #kept");
  await server.stop("SIGKILL");
  ghost.close();
}

/** Every kind of event of a channel. */
async function channel(server: Server): Promise<void> {
  const password = passwordOf("alice");
  const alice = await enter(server, "alice", { from: "203.0.113.7", caps: READER_CAPS, password });
  await say(alice, "JOIN #teeh");
  await say(
    alice,
    "TOPIC #teeh :Assam, and the price of it",
    "MODE #teeh +sl 50",
    "METADATA #teeh SET url :https://tea.example",
    "METADATA * SET pronouns :she/her",
    "METADATA * SET status :brewing",
  );
  const guest = await enter(server, "guest", { from: "203.0.113.8", caps: PLAYED_CAPS });
  const other = await enter(server, "other", { from: CLOAKED_ADDRESS });
  await say(guest, "JOIN #teeh");
  await say(other, "JOIN #teeh");
  await say(alice, "RENAME #teeh #teapot :a slip of the pen");
  await say(
    alice,
    "PRIVMSG #teapot :plain text",
    "NOTICE #teapot :a notice",
    "PRIVMSG #teapot :\x01ACTION pours\x01",
    "@+draft/reply=first;+example.org/mood=a\\sfine\\:\\sone PRIVMSG #teapot :with tags",
    "@chatterbox.chat/id=own-1 PRIVMSG #teapot :with an id of its own",
    "@chatterbox.chat/id=own-2 NOTICE #teapot :a notice with an id of its own",
    "@+draft/react=🫖;+draft/reply=first TAGMSG #teapot",
    "PRIVMSG #teapot :Grüße, 茶, \u{1F9CB}",
    "PRIVMSG #teapot :to be taken back",
    "BATCH +1 draft/multiline #teapot",
    "@batch=1 PRIVMSG #teapot :one line",
    "@batch=1 PRIVMSG #teapot :",
    "@batch=1 PRIVMSG #teapot :a third",
    "@batch=1;draft/multiline-concat PRIVMSG #teapot : that goes on",
    "BATCH -1",
  );
  const [taken] = await idsOf(alice, "#teapot", ["to be taken back"]);
  await say(alice, `REDACT #teapot ${taken} :second thoughts`);
  await say(guest, "PRIVMSG #teapot :from a guest", "NICK visitor");
  await say(alice, "MODE #teapot +v visitor");
  const [whois] = await ask(alice, ["WHOIS other"], / 311 /);
  const cloak = whois!.split(" ")[5];
  await say(alice, "KICK #teapot other :no milk", `MODE #teapot +be *!*@${cloak} *!*@kettle.example`);
  await say(guest, "PART #teapot :for sugar", "JOIN #empty", "PART #empty");
  await leave(guest, other);
  const times = await ask(alice, ["CHATHISTORY LATEST #teapot * 5"], /time=/);
  await say(alice, `MARKREAD #teapot timestamp=${tagOf("time", times[0])}`);
  await leave(alice);
}

/** Bans, mutes, and accounts that are unregistered and registered. */
async function administration(server: Server): Promise<void> {
  const boss = await enter(server, "boss", { password: passwordOf("boss") });
  await say(
    boss,
    "BAN pest :too loud",
    `BAN address:${BANNED_ADDRESS} :a bot`,
    "MUTE account:dora :for a while",
  );
  const bob = await enter(server, "bob", { password: passwordOf("bob") });
  const gone = await register(server, "gone", { claim: FORMER_KEY });
  await say(bob, "PRIVMSG gone :for the account that ends");
  await say(gone, "UNREGISTER gone");
  const chief = await register(server, "chief");
  await leave(boss, bob, gone, chief);
}

/** Direct messages, read and unread by their receiver. */
async function direct(server: Server): Promise<void> {
  const password = passwordOf("alice");
  const bob = await enter(server, "bob", { password: passwordOf("bob"), caps: READER_CAPS });
  const alice = await enter(server, "alice", { password, caps: READER_CAPS });
  await say(
    alice,
    "PRIVMSG bob :are you there?",
    "@+draft/react=👍 TAGMSG bob",
    "PRIVMSG bob :not meant for you",
  );
  await say(bob, "NOTICE alice :I am", "@chatterbox.chat/id=own-3 PRIVMSG alice :until tonight");
  const [meant, last] = await idsOf(alice, "bob", ["not meant for you", "until tonight"]);
  await say(alice, `REDACT bob ${meant}`, "MARKREAD bob timestamp=2020-03-04T05:06:07.890Z");
  const [read] = await ask(bob, ["CHATHISTORY LATEST alice * 1"], /time=/);
  await say(bob, `MARKREAD alice timestamp=${tagOf("time", read)}`);
  await leave(bob);
  await say(
    alice,
    `@+draft/reply=${last} PRIVMSG bob :this waits for you`,
    "BATCH +2 draft/multiline bob",
    "@batch=2 PRIVMSG bob :and this",
    "@batch=2 PRIVMSG bob :of two lines",
    "BATCH -2",
    "@chatterbox.chat/id=own-4 PRIVMSG bob :and this with an id",
  );
  const passer = await enter(server, "passer");
  await say(passer, "NOTICE bob :from a passer-by");
  const walker = await enter(server, "walker", { claim: WALKER_KEY });
  await say(walker, "PRIVMSG alice :from a walker");
  await leave(alice, passer, walker);
}

/** What the server does later: a question, a scheduled message, and on-call with a page that is silenced. */
async function kept(server: Server): Promise<void> {
  const caps = `${READER_CAPS} chatterbox.chat/ask chatterbox.chat/oncall`;
  const boss = await enter(server, "boss", { password: passwordOf("boss"), caps });
  const calendar = new TextEncoder().encode(CALENDAR).toBase64();
  await say(
    boss,
    "ASK OPEN tea bob 604800 first yes,no :more tea?",
    "@chatterbox.chat/every=0\\s9\\s1\\s1\\s*;chatterbox.chat/zone=Europe/Berlin PRIVMSG boss :a new year",
    `ONCALL CALENDAR PUT kitchen ${calendar}`,
    "ONCALL CALENDAR SAVE kitchen",
    "ONCALL SET stove boss 300 @kitchen 600",
    "ONCALL SILENCE stove 2592000 :the kettle is being mended",
    "ONCALL NOTIFY https://notify.example/boss",
    "PAGE OPEN boiling stove :the kettle boils over",
    "PAGE OPEN spilled stove :tea on the floor",
    "PAGE WITHDRAW spilled",
  );
  await leave(boss);
}

/** A message to a channel after the account's last session has left it. */
async function lastSeen(server: Server): Promise<void> {
  const alice = await enter(server, "alice", { password: passwordOf("alice"), caps: PLAYED_CAPS });
  await say(alice, "JOIN #teapot");
  const boss = await enter(server, "boss", { password: passwordOf("boss") });
  await say(boss, "JOIN #teapot");
  await say(boss, "PRIVMSG #teapot :seen by alice");
  await alice.barrier();
  await leave(alice);
  await say(boss, "PRIVMSG #teapot :not seen by alice");
  await leave(boss);
}

/**
 * The answers of `logs --file` and of a server on a copy of the folder below `home`, by question. Texts for people, and what differs each
 * time, are left out.
 */
export async function askAll(home: string): Promise<Map<string, string[]>> {
  const answers = new Map<string, string[]>();
  const note = (question: string, lines: readonly string[]) => answers.set(question, lines.map(stable));
  const words = ["logs", "--file", `${home}/data/log.ring`, "--room", "#teapot", "--json"];
  note("logs --file --room #teapot", (await program(words, home)).out.trimEnd().split("\n"));
  const server = await Server.start(home, ...FLAGS, "--oper", "boss", "--oper", "chief");
  try {
    const entered = await askPlayed(server, note);
    await askReader(server, note, entered);
    await askKept(server, note);
    await askRights(server, note);
  } finally {
    await server.stop();
  }
  return answers;
}

type Note = (question: string, lines: readonly string[]) => void;

/** A line without its batch reference and without a text for people. */
function stable(line: string): string {
  return line
    .replace(/^(@\S*?)\bbatch=[^; ]+/, "$1batch=*")
    .replace(/ BATCH ([+-])\S+/, " BATCH $1*")
    .replace(/(^\S+ (?:NOTE|FAIL|4\d\d|90\d|381) .*?) :.*/, "$1");
}

/** The id of the JOIN among `lines`. */
function joinId(lines: readonly string[]): string {
  return tagOf("msgid", lines.find((line) => / JOIN /.test(line)));
}

/**
 * Clients without chathistory. They come first, because a message that has been played does not wait any more. Returns the id of the
 * first record of #teapot behind those of the sample.
 */
async function askPlayed(server: Server, note: Note): Promise<string> {
  const bob = await enter(server, "bob", { password: passwordOf("bob"), caps: PLAYED_CAPS });
  const token = bob.take().find((line) => line.startsWith("PING "))?.slice("PING ".length);
  note("bob is played the waiting messages", await ask(bob, [`PONG ${token}`], /batch=| BATCH /));
  const alice = await enter(server, "alice", { password: passwordOf("alice"), caps: PLAYED_CAPS });
  const lines = await ask(alice, ["JOIN #teapot"]);
  note(
    "alice is played the unseen messages of #teapot",
    lines.filter((line) => /batch=| BATCH /.test(line)),
  );
  await leave(alice, bob);
  return joinId(lines);
}

/** History, markers, metadata and channel settings. `entered` is the id that {@link askPlayed} returns. */
async function askReader(server: Server, note: Note, entered: string): Promise<void> {
  const alice = await enter(server, "alice", { password: passwordOf("alice"), caps: READER_CAPS });
  note("alice is logged in", alice.take().filter((line) => / 90[03] /.test(line)));
  note("alice enters #teapot", await ask(alice, ["JOIN #teapot"], / (332|333|353|MARKREAD) /));
  note(
    "alice: CHATHISTORY BEFORE #teapot",
    await ask(alice, [`CHATHISTORY BEFORE #teapot msgid=${entered} 100`]),
  );
  const asked: readonly (readonly [string, RegExp?])[] = [
    ["MODE #teapot", / (324|329) /],
    ["MODE #teapot b", / 367 /],
    ["MODE #teapot e", / 348 /],
    ["CHATHISTORY LATEST bob * 100"],
    ["MARKREAD bob"],
    ["METADATA * LIST"],
    ["METADATA #teapot LIST"],
  ];
  for (const [question, words] of asked) note(`alice: ${question}`, await ask(alice, [question], words));
  const again = "@chatterbox.chat/id=own-4 PRIVMSG bob :and this with an id";
  note("alice sends an id again", await ask(alice, ["CAP REQ :echo-message", again], / PRIVMSG \S+ :/));
  const dora = await enter(server, "dora", { password: passwordOf("dora"), caps: READER_CAPS });
  note("dora: CHATHISTORY LATEST bob", await ask(dora, ["CHATHISTORY LATEST bob * 10"]));
  const erin = await enter(server, "erin", { password: passwordOf("erin"), caps: READER_CAPS });
  const entering = await ask(erin, ["JOIN #kept"]);
  note("erin enters #kept", entering.filter((line) => / (332|333|353|MODE) /.test(line)));
  note(
    "erin: CHATHISTORY BEFORE #kept",
    await ask(erin, [`CHATHISTORY BEFORE #kept msgid=${joinId(entering)} 10`]),
  );
  note("a mute account speaks", await ask(dora, ["JOIN #lobby", "PRIVMSG #lobby :heard?"], / 4\d\d /));
  note("another speaks", await ask(erin, ["JOIN #lobby", "PRIVMSG #lobby :heard?"], / 4\d\d /));
  const bob = await enter(server, "bob", { password: passwordOf("bob"), caps: READER_CAPS });
  bob.take();
  for (const name of ["alice", "dora"]) {
    const question = `CHATHISTORY LATEST ${name} * 100`;
    note(`bob: ${question}`, await ask(bob, [question, `MARKREAD ${name}`]));
  }
  await leave(alice, dora, erin, bob);
}

/**
 * What {@link kept} left; a folder of an earlier version has nothing of it. What changes with the time is left out: when
 * something is due, silences, the states of pages, and the question, which is open for a week.
 */
async function askKept(server: Server, note: Note): Promise<void> {
  const caps = `${READER_CAPS} chatterbox.chat/oncall`;
  const boss = await enter(server, "boss", { password: passwordOf("boss"), caps });
  const questions: readonly (readonly [string, RegExp])[] = [
    ["SCHEDULED LIST", / SCHEDULED /],
    ["ONCALL LISTS", / ONCALL (?!SILENCED)/],
    ["ONCALL CALENDAR LIST", / ONCALL /],
    ["ONCALL NOTIFY", / ONCALL /],
    ["PAGE LIST ALL", / PAGE (?:ITEM|LIST) /],
  ];
  const lasting = (line: string) =>
    line
      .replace(/^(\S+ SCHEDULED LIST \S+) \S+Z /, "$1 * ")
      .replace(/ 2\S+Z$/, " *")
      .replace(/^(\S+ PAGE ITEM \S+ \S+) \S+ (\S+ \S+) \S+ \S+ /, "$1 * $2 * * ");
  for (const [question, words] of questions) {
    note(`boss: ${question}`, (await ask(boss, [question], words)).map(lasting));
  }
  await leave(boss);
}

/** Operators, passwords, claim keys and bans. */
async function askRights(server: Server, note: Note): Promise<void> {
  const boss = await enter(server, "boss", { password: passwordOf("boss") });
  note("boss is an operator", boss.take().filter((line) => / (381|MODE) /.test(line)));
  note("boss: BANS", await ask(boss, ["BANS"], / BANS /));
  const chief = await enter(server, "chief", { password: passwordOf("chief") });
  note("chief: BANS", await ask(chief, ["BANS"], / (BANS|481) /));
  const thief = await enter(server, "alice", { password: "not-her-password" });
  note("a wrong password", thief.take().filter((line) => / (90\d|433) /.test(line)));
  const former = await enter(server, "gone", { claim: FORMER_KEY, caps: READER_CAPS });
  note("the claim key of an unregistered account", await ask(former, ["CHATHISTORY LATEST bob * 10"]));
  const walker = await enter(server, "walker", { claim: WALKER_KEY, caps: READER_CAPS });
  note("a claim key without an account", await ask(walker, ["CHATHISTORY LATEST alice * 10"]));
  const pest = await enter(server, "pest");
  note("a banned name", pest.take().filter((line) => / (465|001) /.test(line)));
  const robot = await enter(server, "robot", { from: BANNED_ADDRESS });
  note("a banned address", robot.take().filter((line) => / (465|001) /.test(line)));
  const other = await enter(server, "other", { from: CLOAKED_ADDRESS });
  note("a banned cloak", await ask(other, ["JOIN #teapot"], / (474|JOIN) /));
  const stranger = await open(server, addressOf("stranger"));
  const login = ["CAP REQ :sasl", "NICK stranger", "AUTHENTICATE SCRAM-SHA-256"];
  await say(stranger, ...login);
  const challenge = await ask(stranger, [`AUTHENTICATE ${btoa(STRANGER)}`], /^AUTHENTICATE /);
  const [, salt] = /,(s=.*)/.exec(atob(challenge[0]?.slice("AUTHENTICATE ".length) ?? "")) ?? [];
  note("a name without an account", [salt ?? ""]);
  for (const client of [boss, chief, thief, former, walker, pest, robot, other, stranger]) client.close();
}
