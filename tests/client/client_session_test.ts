import { assertEquals, assertThrows } from "@std/assert";
import { ClientSession } from "../../lib/client/session/client_session.ts";
import { MAX_BATCHED_LINES, MAX_RESPONSE_LINES } from "../../lib/client/session/batch_collector.ts";
import type { Registration, SessionEvent } from "../../lib/client/session/session_event.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);

/** A session and its transcript: what goes in, what comes out. */
class Script {
  readonly session: ClientSession;
  readonly events: SessionEvent[] = [];

  constructor(registration: Partial<Registration> = {}) {
    this.session = new ClientSession({ nick: "alice", ...registration });
    this.session.start();
  }

  /** The server says `lines`; answers what the client sends to that. */
  says(...lines: string[]): string[] {
    for (const line of lines) this.session.receive(line, this.events);
    return this.session.takeOutput();
  }

  /** Events since the last call, without the parsed messages' details. */
  seen(): unknown[] {
    return this.events.splice(0).map((event) => {
      switch (event.kind) {
        case "line":
          return ["line", event.message.command, ...event.message.params];
        case "answer":
          return [
            "answer",
            event.id,
            ...event.lines.map(({ command, params }) => [command, ...params].join(" ")),
          ];
        case "batch":
          return [
            "batch",
            event.type,
            event.lines.map(({ command, params }) => [command, ...params].join(" ")),
          ];
        default:
          return Object.values(event);
      }
    });
  }
}

/** A session that is in, with `caps`. */
function registered(caps: string, registration: Partial<Registration> = {}): Script {
  const script = new Script(registration);
  script.says(
    `:s CAP * LS :${caps}`,
    `:s CAP * ACK :${caps}`,
    ":s 001 alice :Welcome",
    ":s PONG s :chatterbox-ready",
  );
  assertEquals(script.seen(), [["registered", "alice"]]);
  return script;
}

pureTest("registration: what is offered and wanted is asked for, then we are in", () => {
  const script = new Script({ password: "secret word", username: "al", realname: "Alice A." });
  assertEquals(script.session.takeOutput(), [
    "CAP LS 302",
    "PASS :secret word",
    "NICK alice",
    "USER al 0 * :Alice A.",
  ]);
  assertEquals(script.says(":s NOTICE * :Looking up your host"), []);
  assertEquals(script.says(":s CAP * LS * :batch sasl=PLAIN"), []);
  assertEquals(script.says(":s CAP * LS :labeled-response draft/unknown"), [
    "CAP REQ :batch labeled-response",
  ]);
  assertEquals(script.says(":s CAP * ACK :batch labeled-response"), ["CAP END"]);
  assertEquals(
    script.says(
      ":s 001 alice :Welcome",
      ":s 005 alice NICKLEN=30 NETWORK=My\\x20Net UTF8ONLY :are supported",
    ),
    [
      "PING chatterbox-ready",
    ],
  );
  script.says(":s 422 alice :No message of the day", ":s PONG s :chatterbox-ready");
  assertEquals(script.seen(), [
    ["line", "NOTICE", "*", "Looking up your host"],
    ["line", "005", "alice", "NICKLEN=30", "NETWORK=My\\x20Net", "UTF8ONLY", "are supported"],
    ["registered", "alice"],
    ["line", "422", "alice", "No message of the day"],
  ]);
  assertEquals([...script.session.caps], ["batch", "labeled-response"]);
  assertEquals([...script.session.isupport], [["NICKLEN", "30"], ["NETWORK", "My Net"], ["UTF8ONLY", ""]]);
});

pureTest("registration: what a server without capabilities answers to CAP is no news", () => {
  const answers = [
    ":s 421 alice CAP :Unknown command",
    ":s 421 * CAP :Unknown command",
    ":s 451 * :You have not registered",
    ":s 451 CAP :Register first.",
    ":s 410 * LS :Invalid CAP command",
  ];
  for (const answer of answers) {
    const script = new Script();
    script.says(answer, ":s 001 alice :Welcome", ":s PONG s :chatterbox-ready");
    assertEquals(script.seen(), [["registered", "alice"]], answer);
  }
});

pureTest("registration: an unknown command that is not CAP, and one of later, are news", () => {
  const script = new Script();
  script.says(":s 421 alice USER :Unknown command", ":s CAP * LS :", ":s 451 * :You have not registered");
  script.says(":s 001 alice :Welcome", ":s PONG s :chatterbox-ready", ":s 421 alice CAP :Unknown command");
  assertEquals(script.seen(), [
    ["line", "421", "alice", "USER", "Unknown command"],
    ["line", "451", "*", "You have not registered"],
    ["registered", "alice"],
    ["line", "421", "alice", "CAP", "Unknown command"],
  ]);
});

pureTest("registration: a server without capabilities lets us in after its welcome", () => {
  const script = new Script();
  script.session.takeOutput();
  assertEquals(script.says(":s 421 alice CAP :Unknown command"), []);
  assertEquals(script.says(":s 001 ali :Welcome", ":s 372 ali :- hello"), ["PING chatterbox-ready"]);
  assertEquals(script.session.isRegistered, false);
  script.says(":s 376 ali :End of MOTD", ":s PONG s :chatterbox-ready");
  assertEquals(script.session.nick, "ali");
  assertEquals(script.seen().slice(-2), [["registered", "ali"], ["line", "376", "ali", "End of MOTD"]]);
});

pureTest("registration: a server that ends its welcome without a word has ended it by the PONG", () => {
  const script = new Script();
  script.says(":s 001 alice :Welcome");
  assertEquals(script.session.isRegistered, false);
  script.says(":s PONG s :chatterbox-ready");
  assertEquals(script.seen(), [["registered", "alice"]]);
});

pureTest("registration: capabilities refused together are asked for one by one", () => {
  const script = new Script();
  script.session.takeOutput();
  assertEquals(script.says(":s CAP * LS :batch server-time"), ["CAP REQ :batch server-time"]);
  assertEquals(script.says(":s CAP * NAK :batch server-time"), ["CAP REQ :batch", "CAP REQ :server-time"]);
  assertEquals(script.says(":s CAP * NAK :batch"), []);
  assertEquals(script.says(":s CAP * ACK :server-time"), ["CAP END"]);
  assertEquals([...script.session.caps], ["server-time"]);
});

pureTest("capabilities come and go while we are in", () => {
  const script = registered("batch labeled-response cap-notify");
  assertEquals(script.says(":s CAP alice NEW :echo-message foo"), ["CAP REQ :echo-message"]);
  assertEquals(script.says(":s CAP alice ACK :echo-message", ":s CAP alice DEL :batch"), []);
  assertEquals([...script.session.caps], ["labeled-response", "cap-notify", "echo-message"]);
});

pureTest("the claim key is said to a server that knows claims, and to no other", () => {
  const script = new Script({ claimKey: KEY });
  script.session.takeOutput();
  assertEquals(script.says(":s CAP * LS :batch chatterbox.chat/claim"), [
    "CAP REQ :batch chatterbox.chat/claim",
  ]);
  assertEquals(script.says(":s CAP * ACK :batch chatterbox.chat/claim"), [`CLAIM ${KEY}`, "CAP END"]);

  const plain = new Script({ claimKey: KEY });
  plain.session.takeOutput();
  assertEquals(plain.says(":s CAP * LS :batch", ":s CAP * ACK :batch"), ["CAP REQ :batch", "CAP END"]);
});

pureTest("a name that is refused before the claim is asked for again with it", () => {
  const script = new Script({ claimKey: KEY });
  script.session.takeOutput();
  const answer = script.says(
    ":s CAP * LS :chatterbox.chat/claim",
    ":s 433 * alice :Nickname is already in use",
    ":s CAP * ACK :chatterbox.chat/claim",
  );
  assertEquals(answer, ["CAP REQ :chatterbox.chat/claim", `CLAIM ${KEY}`, "NICK alice", "CAP END"]);
  script.says(":s 433 * alice :Nickname is already in use");
  assertEquals(script.seen(), [["refused", "name_taken", "Nickname is already in use"]]);
});

pureTest("a name that is refused is refused at once where no claim can change it", () => {
  const plain = new Script({ claimKey: KEY });
  plain.says(":s 433 * alice :Taken");
  assertEquals(plain.seen(), [["refused", "name_taken", "Taken"]]);

  const other = new Script({ claimKey: KEY });
  other.says(":s CAP * LS :batch", ":s 433 * alice :Taken");
  assertEquals(other.seen(), []);
  other.says(":s CAP * ACK :batch");
  assertEquals(other.seen(), [["refused", "name_taken", "Taken"]]);
});

pureTest("only an observer asks to be one", () => {
  const observer = new Script({ isObserver: true });
  observer.session.takeOutput();
  assertEquals(observer.says(":s CAP * LS :chatterbox.chat/observer"), ["CAP REQ :chatterbox.chat/observer"]);
  observer.says(":s CAP * ACK :chatterbox.chat/observer");
  assertEquals(observer.session.isObserver, true);
  const user = new Script();
  user.session.takeOutput();
  assertEquals(user.says(":s CAP * LS :chatterbox.chat/observer"), ["CAP END"]);
});

pureTest("each refusal has its reason", () => {
  const cases: [string, string, string][] = [
    [":s 433 * alice :Taken", "name_taken", "Taken"],
    [":s 432 * alice :Erroneous nickname", "bad_name", "Erroneous nickname"],
    [":s 464 * :Password incorrect", "password", "Password incorrect"],
    [":s 465 * :Go away", "banned", "Go away"],
    [":s FAIL CLAIM INVALID_KEY :Not a key", "claim", "Not a key"],
    ["ERROR :Closing Link: full", "closed", "Closing Link: full"],
  ];
  for (const [line, reason, text] of cases) {
    const script = new Script();
    script.says(line, ":s 001 alice :too late");
    assertEquals(script.seen(), [["refused", reason, text]], line);
  }
});

pureTest("what does not begin as IRC is not IRC: HTTP, SMTP, SSH, TLS, babble", () => {
  const beginnings = [
    "HTTP/1.1 400 Bad Request",
    "220 mail.example ESMTP",
    "SSH-2.0-OpenSSH_9.6",
    "* OK IMAP4 ready",
    "{}",
  ];
  for (const line of beginnings) {
    const script = new Script();
    script.says(line);
    assertEquals(script.seen(), [["not_irc", line]], line);
  }
});

pureTest("what begins as IRC is IRC", () => {
  for (
    const line of [
      "PING :cookie",
      ":s NOTICE * :Hi",
      "NOTICE AUTH :***",
      ":s 020 * :Please wait",
      ":s CAP * LS :",
    ]
  ) {
    const script = new Script();
    script.says(line);
    assertEquals(script.seen().filter((event) => (event as string[])[0] === "not_irc"), [], line);
  }
});

pureTest("a line without a command is skipped", () => {
  const script = registered("labeled-response");
  script.says("@a=b", ":bob!b@h", "  ", ":bob!b@h PRIVMSG alice :hi");
  assertEquals(script.seen(), [["line", "PRIVMSG", "alice", "hi"]]);
});

pureTest("a server asks for a password by 464, or by ERROR alone; too many wrong ones is for later", () => {
  const cases = [
    [":s 464 alice :Password incorrect", "password"],
    ["ERROR :Access denied: Bad password?", "password"],
    [":s 464 alice :Too many wrong passwords; try again in 30 s", "try_later"],
    ["ERROR :Closing Link: Server is full", "closed"],
  ] as const;
  for (const [line, reason] of cases) {
    const script = new Script();
    script.says(":s CAP * LS :server-time", line);
    assertEquals(script.seen().map((event) => (event as string[]).slice(0, 2)), [["refused", reason]]);
  }
});

pureTest("PING is answered with its token, whatever it is", () => {
  const script = registered("labeled-response");
  assertEquals(script.says("PING :a b", "PING x", "PING"), ["PONG :a b", "PONG x", "PONG"]);
});

pureTest("a sign of life asked for is no event", () => {
  const script = registered("labeled-response");
  script.session.ping();
  assertEquals(script.session.takeOutput(), ["PING chatterbox-beat"]);
  script.says(":s PONG s :chatterbox-beat");
  assertEquals(script.seen(), []);
});

pureTest("labels: a single line, a batch and an ACK each answer their request, in whatever order", () => {
  const script = registered("batch labeled-response");
  const ids = ["a", "b", "c"].map((text) =>
    script.session.request({ command: "PRIVMSG", params: ["bob", text] })
  );
  assertEquals(script.session.takeOutput(), [
    "@label=1 PRIVMSG bob a",
    "@label=2 PRIVMSG bob b",
    "@label=3 PRIVMSG bob c",
  ]);
  script.says(
    "@label=3 :s ACK",
    "@label=2 :s BATCH +x labeled-response",
    ":carol!c@h PRIVMSG alice :in between",
    "@batch=x :alice!a@h PRIVMSG bob b",
    "@batch=x :s 301 alice bob :lunch",
    ":s BATCH -x",
    "@label=1 :s 401 alice bob :No such nick",
  );
  assertEquals(script.seen(), [
    ["answer", ids[2]],
    ["line", "PRIVMSG", "alice", "in between"],
    ["answer", ids[1], "PRIVMSG bob b", "301 alice bob lunch"],
    ["answer", ids[0], "401 alice bob No such nick"],
  ]);
});

pureTest("labels: a history batch, and batches in a batch, come as one answer", () => {
  const script = registered("batch labeled-response");
  const first = script.session.request({ command: "CHATHISTORY", params: ["LATEST", "#a", "*", "2"] });
  const second = script.session.request({ command: "FOO" });
  script.says(
    "@label=1 :s BATCH +h chathistory #a",
    "@batch=h :bob!b@h PRIVMSG #a :one",
    "@batch=h :bob!b@h PRIVMSG #a :two",
    ":s BATCH -h",
    "@label=2 :s BATCH +o labeled-response",
    "@batch=o :s BATCH +i inner",
    "@batch=i :s NOTE one",
    ":s BATCH -i",
    "@batch=o :s NOTE two",
    ":s BATCH -o",
  );
  assertEquals(script.seen(), [
    ["answer", first, "PRIVMSG #a one", "PRIVMSG #a two"],
    ["answer", second, "NOTE one", "NOTE two"],
  ]);
});

pureTest("labels: the answer to a request that was given up is dropped", () => {
  const script = registered("batch labeled-response");
  script.session.forget(script.session.request({ command: "WHO" }));
  script.says("@label=1 :s 315 alice * :End of WHO list");
  assertEquals(script.seen(), []);
});

pureTest("without labels: numerics up to our PONG are the answer, in the order of the requests", () => {
  const script = registered("batch");
  const first = script.session.request({
    command: "PRIVMSG",
    params: ["bob", "hi"],
    tags: new Map([["+x", "y"]]),
  });
  const second = script.session.request({ command: "WHO", params: ["*"] });
  assertEquals(script.session.takeOutput(), [
    "PRIVMSG bob hi",
    "PING chatterbox-1",
    "WHO *",
    "PING chatterbox-2",
  ]);
  script.says(
    ":s 401 alice bob :No such nick",
    ":bob!b@h PRIVMSG alice :in between",
    ":s PONG s :chatterbox-1",
    ":s 352 alice * u h s carol H :0 C",
    ":s 315 alice * :End of WHO list",
    ":s PONG s :chatterbox-2",
  );
  assertEquals(script.seen(), [
    ["line", "PRIVMSG", "alice", "in between"],
    ["answer", first, "401 alice bob No such nick"],
    ["answer", second, "352 alice * u h s carol H 0 C", "315 alice * End of WHO list"],
  ]);
});

pureTest(
  "without labels: our own echo and a history batch belong to the request, other batches do not",
  () => {
    const script = registered("batch echo-message");
    const first = script.session.request({ command: "JOIN", params: ["#a"] });
    const second = script.session.request({ command: "CHATHISTORY", params: ["LATEST", "#a", "*", "1"] });
    script.says(
      ":bob!b@h JOIN #a",
      ":alice!a@h JOIN #a",
      ":s 366 alice #a :End of NAMES",
      ":s PONG s chatterbox-1",
      ":s BATCH +n netsplit a b",
      "@batch=n :bob!b@h QUIT :a b",
      ":s BATCH -n",
      ":s BATCH +h chathistory #a",
      "@batch=h :bob!b@h PRIVMSG #a :one",
      ":s BATCH -h",
      ":s PONG s chatterbox-2",
    );
    assertEquals(script.seen(), [
      ["line", "JOIN", "#a"],
      ["answer", first, "JOIN #a", "366 alice #a End of NAMES"],
      ["batch", "netsplit", ["QUIT a b"]],
      ["answer", second, "PRIVMSG #a one"],
    ]);
  },
);

pureTest("without labels: a request that was given up takes its answer with it", () => {
  const script = registered("batch");
  script.session.forget(script.session.request({ command: "WHO" }));
  const second = script.session.request({ command: "LIST" });
  script.says(
    ":s 315 alice * :End",
    ":s PONG s :chatterbox-1",
    ":s 323 alice :End",
    ":s PONG s :chatterbox-2",
  );
  assertEquals(script.seen(), [["answer", second, "323 alice End"]]);
});

pureTest("our name follows NICK, alone, in an answer, and in any letter case", () => {
  const script = registered("batch labeled-response");
  script.says(":ALICE!a@h NICK alicia", ":bob!b@h NICK robert");
  assertEquals(script.session.nick, "alicia");
  script.session.request({ command: "NICK", params: ["al"] });
  script.says("@label=1 :s BATCH +x labeled-response", "@batch=x :alicia!a@h NICK al", ":s BATCH -x");
  assertEquals(script.session.nick, "al");
});

pureTest("ERROR while we are in says goodbye", () => {
  const script = registered("labeled-response");
  script.says("ERROR :Closing Link: bye", ":s NOTICE alice :after the end");
  assertEquals(script.seen(), [["closing", "Closing Link: bye"]]);
});

pureTest("a ban while we are in is a refusal, and the ERROR behind it is no news", () => {
  const script = registered("labeled-response");
  script.says(":s 465 alice :You are banned", "ERROR :Closing Link: h (You are banned)");
  assertEquals(script.seen(), [["refused", "banned", "You are banned"]]);
});

pureTest("batches without bounds end the session", () => {
  const script = registered("batch labeled-response");
  script.says(":s BATCH +x chathistory #a");
  for (let i = 0; i <= MAX_BATCHED_LINES; i++) script.says("@batch=x :b!b@h PRIVMSG #a :x");
  assertEquals(script.seen(), [["closing", "the server has too many open batches, or too long ones"]]);
});

pureTest(
  "a response that is too long is cut, and neither it nor what comes meanwhile ends the session",
  () => {
    const script = registered("batch labeled-response");
    const id = script.session.request({ command: "LIST" });
    script.says("@label=1 :s BATCH +l labeled-response");
    for (let i = 0; i < 3 * MAX_BATCHED_LINES; i++) script.says("@batch=l :s 322 alice #a 1 :");
    script.says(":s BATCH +x chathistory #a", "@batch=x :b!b@h PRIVMSG #a :x", ":s BATCH -x");
    const whois = script.session.request({ command: "WHOIS", params: ["bob"] });
    script.says("@label=2 :s BATCH +w labeled-response", "@batch=w :s 311 alice bob b h * :Bob");
    script.says("@batch=w :s 318 alice bob :End", ":s BATCH -w", "@batch=l :s 323 alice :End", ":s BATCH -l");
    const events: [string, number, number][] = [];
    for (const event of script.events.splice(0)) {
      if (event.kind === "batch") events.push([event.kind, 0, event.lines.length]);
      else if (event.kind === "answer") events.push([event.kind, event.id, event.lines.length]);
      else events.push([event.kind, 0, 0]);
    }
    assertEquals(events, [["batch", 0, 1], ["answer", whois, 2], ["answer", id, MAX_RESPONSE_LINES]]);
  },
);

pureTest("what cannot be framed is refused before anything is sent", () => {
  const script = registered("labeled-response");
  assertThrows(
    () => script.session.request({ command: "PRIVMSG", params: ["bob", "a\r\nQUIT"] }),
    RangeError,
  );
  assertThrows(() => script.session.send({ command: "PRIVMSG", params: ["a b", "x"] }), RangeError);
  assertEquals(script.session.takeOutput(), []);
});

pureTest("capabilities have values, and lose them with their names", () => {
  const { session, ...script } = registered("batch chatterbox.chat/receipts");
  assertEquals([session.capValue("batch"), session.capValue("chatterbox.chat/receipts")], ["", ""]);
  assertEquals([session.capValue("sasl"), script.events], [undefined, []]);
  const other = new Script();
  other.says(":s CAP * LS * :sasl=PLAIN,EXTERNAL batch", ":s CAP * LS :chatterbox.chat/receipts=200");
  assertEquals(other.session.capValue("sasl"), "PLAIN,EXTERNAL");
  assertEquals(other.session.capValue("chatterbox.chat/receipts"), "200");
  other.says(":s CAP * NEW :chatterbox.chat/receipts=always", ":s CAP * DEL :sasl");
  assertEquals(other.session.capValue("chatterbox.chat/receipts"), "always");
  assertEquals(other.session.capValue("sasl"), undefined);
});

pureTest("what we say is filed under our key where there is one and the server knows claims", () => {
  assertEquals(registered("chatterbox.chat/claim", { claimKey: KEY }).session.isClaimed, true);
  assertEquals(registered("chatterbox.chat/claim").session.isClaimed, false);
  assertEquals(registered("batch", { claimKey: KEY }).session.isClaimed, false);
});
