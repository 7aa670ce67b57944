import { assertEquals } from "@std/assert";
import type { Credentials } from "../../lib/client/session/credentials.ts";
import { ClientSession } from "../../lib/client/session/client_session.ts";
import type { Registration, SessionEvent } from "../../lib/client/session/session_event.ts";
import { encodeSaslChunks, SaslChunkDecoder } from "../../lib/irc/sasl/sasl_chunks.ts";
import { deriveCredentials, ScramServer } from "../../lib/irc/sasl/scram_server.ts";
import { computeScramProof } from "../../lib/irc/sasl/scram_client.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);
const CLIENT_NONCE = "clientnonce";
const SALT = new Uint8Array(16).fill(7);

/** What a ChatterBox server with accounts offers. */
const OURS = "sasl=SCRAM-SHA-256,PLAIN draft/account-registration=before-connect chatterbox.chat/claim";
/** What of it is asked for by who has a key. */
const WANTED = "sasl chatterbox.chat/claim";

const EXISTS = ":s FAIL REGISTER ACCOUNT_EXISTS alice :Somebody has it";
const SUCCESS = [
  ":s 900 alice alice!a@h alice :You are now logged in as alice",
  ":s REGISTER SUCCESS alice :Yours",
];

function byKey(more: Partial<Credentials> = {}): Partial<Registration> {
  const credentials: Credentials = {
    account: "alice",
    kind: "key",
    secret: KEY,
    isRequired: false,
    isUnregistered: false,
    isRegisteredOnPurpose: false,
    register: "ours",
    ...more,
  };
  return { credentials, ...credentials.kind === "key" ? { claimKey: KEY } : {} };
}

const PASSPHRASE = byKey({
  kind: "passphrase",
  secret: "correct horse",
  isRequired: true,
  isRegisteredOnPurpose: true,
  register: "never",
});

class Script {
  readonly session: ClientSession;
  readonly events: SessionEvent[] = [];

  constructor(registration: Partial<Registration>, isPrivate = false) {
    this.session = new ClientSession({ nick: "alice", ...registration }, {
      isPrivate,
      nonce: () => CLIENT_NONCE,
    });
    this.session.start();
    this.session.takeOutput();
  }

  says(...lines: string[]): string[] {
    for (const line of lines) this.session.receive(line, this.events);
    return this.session.takeOutput();
  }

  /** The server offers `caps`, and grants `wanted`. */
  negotiates(caps = OURS, wanted = WANTED): string[] {
    return this.says(`:s CAP * LS :${caps}`, `:s CAP * ACK :${wanted}`);
  }

  refusal(): string | undefined {
    const refused = this.events.find((event) => event.kind === "refused");
    return refused?.kind === "refused" ? `${refused.reason}: ${refused.text}` : undefined;
  }

  /** The session wants other keys, and is given `keys`; what it says then. */
  finds(...keys: string[]): string[] {
    assertEquals(this.events.splice(0).map(({ kind }) => kind), ["seek"]);
    this.session.handleFoundKeys(keys, ENDPOINT, this.events);
    return this.session.takeOutput();
  }

  /** The challenge that the session wants to have answered. */
  challenge() {
    const event = this.events.splice(0).find((event) => event.kind === "prove");
    if (event?.kind !== "prove") throw new Error("no challenge was taken");
    return event;
  }
}

const BARE = `n=alice,r=${CLIENT_NONCE}`;
const FIRST = encodeSaslChunks(`n,,${BARE}`)[0];
const BOUND_FIRST = encodeSaslChunks(`p=chatterbox-endpoint,,${BARE}`)[0];
const ENDPOINT = "tcp:[192.0.2.1]:6667";

/** Plays the server at `endpoint` of one exchange up to its proof; answers what the session says to that. */
async function exchange(script: Script, secret = KEY, endpoint?: string): Promise<string[]> {
  const server = new ScramServer("servernonce", endpoint);
  server.readClientFirst(endpoint === undefined ? `n,,${BARE}` : `p=chatterbox-endpoint,,${BARE}`);
  const challenge = server.makeServerFirst(await deriveCredentials(secret, SALT, 4096));
  assertEquals(script.says(...encodeSaslChunks(challenge).map((piece) => `AUTHENTICATE ${piece}`)), []);
  const { secret: ours, challenge: asked } = script.challenge();
  script.session.handleScramAnswer(await computeScramProof(ours, asked));
  const response = new SaslChunkDecoder(1600);
  let final = "";
  for (const line of script.session.takeOutput()) {
    const step = response.push(line.replace("AUTHENTICATE ", ""));
    if (step.kind === "whole") final = step.text;
  }
  const verdict = server.readClientFinal(final);
  if (verdict.kind !== "ok") return script.says(":s 904 alice :SASL authentication failed");
  return script.says(...encodeSaslChunks(verdict.serverFinal).map((piece) => `AUTHENTICATE ${piece}`));
}

pureTest(
  "login: a key that the server knows: SCRAM, without waiting where nothing is to be learnt",
  async () => {
    const script = new Script(byKey());
    assertEquals(script.says(`:s CAP * LS :${OURS}`), [
      "CAP REQ :sasl chatterbox.chat/claim",
      "AUTHENTICATE SCRAM-SHA-256",
      `AUTHENTICATE ${FIRST}`,
    ]);
    assertEquals(script.says(`:s CAP * ACK :${WANTED}`, "AUTHENTICATE +"), []);
    assertEquals(await exchange(script), ["AUTHENTICATE +", "CAP END"]);
    script.says(":s 900 * *!*@h Alice :You are now logged in", ":s 903 * :SASL authentication successful");
    assertEquals(script.session.accountStatus, { kind: "logged_in", account: "Alice", isNew: false });
    assertEquals(script.session.isClaimed, true);
    script.says(":s 001 alice :Welcome", ":s PONG s :chatterbox-ready");
    assertEquals(script.session.isRegistered, true);
    assertEquals(script.events.filter(({ kind }) => kind !== "registered"), []);
  },
);

pureTest("login: a key just made is registered at once, the claim before it", () => {
  const script = new Script(byKey({ isUnregistered: true }));
  assertEquals(script.negotiates(), [
    "CAP REQ :sasl chatterbox.chat/claim",
    `CLAIM ${KEY}`,
    `REGISTER alice * ${KEY}`,
  ]);
  assertEquals(script.says(...SUCCESS), ["CAP END"]);
  assertEquals(script.session.accountStatus, { kind: "logged_in", account: "alice", isNew: true });
});

pureTest(
  "login: a key that no server is known to have, for a name that is not to be registered: it claims, and is not tried",
  () => {
    const script = new Script(byKey({ isUnregistered: true, register: "never" }));
    assertEquals(script.negotiates().slice(1), [`CLAIM ${KEY}`, "CAP END"]);
  },
);

pureTest(
  "login: a key that the server does not know: registered; a name that has an account is somebody else's",
  async () => {
    const script = new Script(byKey());
    script.negotiates();
    script.says("AUTHENTICATE +");
    assertEquals(await exchange(script, "x".repeat(43)), [`CLAIM ${KEY}`, `REGISTER alice * ${KEY}`]);
    assertEquals(script.says(EXISTS), ["AUTHENTICATE SCRAM-SHA-256", `AUTHENTICATE ${FIRST}`]);
    script.says("AUTHENTICATE +");
    await exchange(script, "x".repeat(43));
    assertEquals(script.finds(), []);
    assertEquals(script.refusal(), "not_ours: Somebody has it");
  },
);

pureTest(
  "login: a key that does not fit: those kept for other addresses are tried, bound to this one; the right one logs in",
  async () => {
    const script = new Script(byKey({ isUnregistered: true }));
    script.negotiates();
    const [wrong, right, spare] = ["w", "r", "s"].map((letter) => letter.repeat(43)) as [
      string,
      string,
      string,
    ];
    script.says(EXISTS, "AUTHENTICATE +");
    assertEquals(await exchange(script, right), []);
    const begun = ["AUTHENTICATE SCRAM-SHA-256", `AUTHENTICATE ${BOUND_FIRST}`];
    assertEquals(script.finds(wrong, right, spare), begun);
    script.says("AUTHENTICATE +");
    assertEquals(await exchange(script, right, ENDPOINT), begun);
    script.says("AUTHENTICATE +");
    assertEquals(await exchange(script, right, ENDPOINT), ["AUTHENTICATE +", "CAP END"]);
    script.says(":s 900 * *!*@h alice :You are now logged in", ":s 903 * :SASL authentication successful");
    assertEquals(script.session.acceptedSecret, { secret: right, ours: true });
  },
);

pureTest("login: a server elsewhere does not take what was proved to this one", async () => {
  const script = new Script(byKey({ isUnregistered: true }));
  script.negotiates();
  script.says(EXISTS, "AUTHENTICATE +");
  await exchange(script, "x".repeat(43));
  script.finds(KEY);
  script.says("AUTHENTICATE +");
  assertEquals(await exchange(script, KEY, "tcp:[192.0.2.7]:6667"), []);
  assertEquals(script.refusal(), "not_ours: Somebody has it");
});

pureTest("login: without knowing where the connection goes to, no other key is tried", async () => {
  const script = new Script(byKey({ isUnregistered: true }));
  script.negotiates();
  script.says(EXISTS, "AUTHENTICATE +");
  await exchange(script, "x".repeat(43));
  const { events, session } = script;
  session.handleFoundKeys([KEY], "", events);
  assertEquals([session.takeOutput(), script.refusal()], [[], "not_ours: Somebody has it"]);
});

pureTest("login: a key that was an account's is not said aloud, but where nobody can listen", async () => {
  const guarded = { ...byKey(), isGuarded: true };
  const open = new Script(guarded);
  open.negotiates();
  open.says("AUTHENTICATE +");
  assertEquals(await exchange(open, "x".repeat(43)), []);
  assertEquals(open.finds(), []);
  assertEquals(open.refusal(), "forgotten: it does not know the key");
  const closed = new Script(guarded, true);
  closed.negotiates();
  closed.says("AUTHENTICATE +");
  assertEquals(await exchange(closed, "x".repeat(43)), [`CLAIM ${KEY}`, `REGISTER alice * ${KEY}`]);
});

pureTest(
  "login: nor where a server has no accounts, or wants no proof: who speaks is refused, who reads goes on",
  () => {
    const claimOnly = "chatterbox.chat/claim";
    const greedy = encodeSaslChunks(`r=${CLIENT_NONCE}x,s=AAAA,i=900000000`)[0]!;
    const speaker = { ...byKey(), isGuarded: true };
    const reader = { ...byKey({ register: "never" }), isGuarded: true };
    for (const [registration, refusal] of [[speaker, "forgotten"], [reader, undefined]] as const) {
      const without = new Script(registration);
      without.negotiates(claimOnly, claimOnly);
      assertEquals(without.refusal()?.split(":")[0], refusal);
      const odd = new Script(registration);
      odd.negotiates();
      assertEquals(
        odd.says("AUTHENTICATE +", `AUTHENTICATE ${greedy}`).filter((line) => line.includes(KEY)),
        [],
      );
      assertEquals(odd.refusal()?.split(":")[0], refusal);
    }
  },
);

pureTest("login: too many attempts are no reason to try other keys, nor to say ours", () => {
  const script = new Script(byKey());
  script.negotiates();
  assertEquals(script.says(":s 904 * :SASL authentication failed: too many attempts; try again in 37 s"), []);
  assertEquals(
    script.refusal(),
    "try_later: SASL authentication failed: too many attempts; try again in 37 s",
  );
});

pureTest("login: a name that a guest uses just now is taken", () => {
  const script = new Script(byKey({ isUnregistered: true }));
  script.negotiates();
  assertEquals(script.says(":s FAIL REGISTER NICKNAME_IN_USE alice :Another user has this name now"), []);
  assertEquals(script.refusal(), "in_use: Another user has this name now");
});

pureTest("login: a key that another process of ours has registered meanwhile logs in", async () => {
  const script = new Script(byKey({ isUnregistered: true }));
  script.negotiates();
  assertEquals(script.says(EXISTS).length, 2);
  script.says("AUTHENTICATE +");
  assertEquals(await exchange(script), ["AUTHENTICATE +", "CAP END"]);
});

pureTest("login: who only reads registers nothing, and goes on with the claim", async () => {
  const script = new Script({ ...byKey({ register: "never" }), isObserver: true });
  script.negotiates(OURS + " chatterbox.chat/observer", WANTED + " chatterbox.chat/observer");
  script.says("AUTHENTICATE +");
  assertEquals(await exchange(script, "x".repeat(43)), [`CLAIM ${KEY}`, "CAP END"]);
  assertEquals(script.session.accountStatus, { kind: "none" });
});

pureTest("login: a server that does not register the name just now has us as a guest, and says why", () => {
  const script = new Script(byKey({ isUnregistered: true }));
  script.negotiates();
  const fail = ":s FAIL REGISTER TEMPORARILY_UNAVAILABLE alice :Too many names from here";
  assertEquals(script.says(fail), ["CAP END"]);
  assertEquals(script.session.accountStatus, {
    kind: "no_account",
    why: "Too many names from here",
    isTemporary: true,
  });
  assertEquals(script.session.isClaimed, true);
  script.says(":s FAIL * ACCOUNT_REQUIRED :You need an account");
  assertEquals(script.refusal(), "account_required: You need an account");
  const refused = script.events.find((event) => event.kind === "refused");
  assertEquals(refused?.kind === "refused" && refused.unregistered, "Too many names from here");
});

pureTest(
  "login: a server of ours without accounts gets the claim; others nothing that they did not get from us",
  () => {
    assertEquals(
      new Script(byKey()).negotiates("chatterbox.chat/claim", "chatterbox.chat/claim"),
      [
        "CAP REQ chatterbox.chat/claim",
        `CLAIM ${KEY}`,
        "CAP END",
      ].map((line) => line.replace("REQ ", "REQ :")),
    );
    const foreign = "sasl=PLAIN,SCRAM-SHA-256 draft/account-registration=before-connect";
    for (const fresh of [true, false]) {
      const script = new Script(byKey({ isUnregistered: fresh }), true);
      assertEquals(script.negotiates(foreign, "sasl"), ["CAP REQ :sasl", "CAP END"]);
      assertEquals(script.session.accountStatus, { kind: "none" });
    }
  },
);

pureTest("login: another server where we have registered: step by step", async () => {
  const script = new Script(byKey({ isRegisteredOnPurpose: true }));
  assertEquals(script.negotiates("sasl=PLAIN,SCRAM-SHA-256", "sasl"), [
    "CAP REQ :sasl",
    "AUTHENTICATE SCRAM-SHA-256",
  ]);
  assertEquals(script.says("AUTHENTICATE +"), [`AUTHENTICATE ${FIRST}`]);
  assertEquals(await exchange(script), ["AUTHENTICATE +"]);
  assertEquals(script.says(":s 900 alice alice!a@h alice :In", ":s 903 alice :Successful"), ["CAP END"]);
});

pureTest("login: PLAIN only where nobody can listen, in pieces of 400 characters", () => {
  const secret = "p".repeat(300 - 7); // with both names and NULs 300 bytes: exactly 400 characters
  const registration = byKey({
    kind: "passphrase",
    secret: secret,
    isRegisteredOnPurpose: true,
    register: "never",
  });
  const open = new Script(registration, false);
  assertEquals(open.negotiates("sasl=PLAIN", "sasl"), ["CAP REQ :sasl", "CAP END"]);
  assertEquals(open.session.accountStatus.kind, "no_account");
  const script = new Script(registration, true);
  assertEquals(script.negotiates("sasl=PLAIN", "sasl"), ["CAP REQ :sasl", "AUTHENTICATE PLAIN"]);
  const lines = script.says("AUTHENTICATE +");
  assertEquals(lines.map((line) => line.length), [13 + 400, 14]);
  assertEquals(lines[1], "AUTHENTICATE +");
  const response = new SaslChunkDecoder(1600);
  assertEquals(lines.map((line) => response.push(line.replace("AUTHENTICATE ", ""))), [
    { kind: "more" },
    { kind: "whole", text: `\0alice\0${secret}` },
  ]);
  assertEquals(script.says(":s 900 alice alice!a@h alice :In", ":s 903 alice :Successful"), ["CAP END"]);
  assertEquals(script.session.accountStatus, { kind: "logged_in", account: "alice", isNew: false });
});

pureTest("login: a passphrase that is wrong is told, and registers nothing", async () => {
  const script = new Script(PASSPHRASE);
  script.negotiates();
  script.says("AUTHENTICATE +");
  assertEquals(await exchange(script, "another one"), []);
  assertEquals(script.refusal(), "wrong_passphrase: SASL authentication failed");
});

pureTest("login: a passphrase where there are no accounts makes a guest", () => {
  const script = new Script(PASSPHRASE);
  assertEquals(script.negotiates("batch", "batch"), ["CAP REQ :batch", "CAP END"]);
  assertEquals(script.session.accountStatus, {
    kind: "no_account",
    why: "it has no accounts",
    isTemporary: false,
  });
});

pureTest("login: a server that does not know what it should is an impostor", async () => {
  const signature = encodeSaslChunks(`v=${new Uint8Array(32).toBase64()}`)[0];
  for (const lines of [[`AUTHENTICATE ${signature}`], [":s 900 * *!*@* alice :In", ":s 903 * :In"]]) {
    const script = new Script(byKey());
    script.negotiates();
    script.says("AUTHENTICATE +");
    const server = new ScramServer("servernonce");
    server.readClientFirst(`n,,n=alice,r=${CLIENT_NONCE}`);
    const challenge = server.makeServerFirst(await deriveCredentials("?", SALT, 4096));
    script.says(`AUTHENTICATE ${encodeSaslChunks(challenge)[0]}`);
    script.session.handleScramAnswer(await computeScramProof(KEY, script.challenge().challenge));
    script.session.takeOutput();
    assertEquals(script.says(...lines), []);
    assertEquals(script.refusal()?.split(":")[0], "impostor");
  }
});

pureTest("login: a challenge that asks for too much work is not worked on", () => {
  const script = new Script(byKey());
  script.negotiates();
  const greedy = encodeSaslChunks(`r=${CLIENT_NONCE}x,s=AAAA,i=900000000`)[0];
  assertEquals(script.says("AUTHENTICATE +", `AUTHENTICATE ${greedy}`), [
    "AUTHENTICATE *",
    `CLAIM ${KEY}`,
    "CAP END",
  ]);
  assertEquals(script.session.accountStatus.kind, "no_account");
  assertEquals(script.events, []);
});

pureTest("login: a name that is refused before the login is asked for again after it", async () => {
  const script = new Script(byKey());
  script.negotiates();
  script.says(":s 433 * alice :Nickname is already in use", "AUTHENTICATE +");
  assertEquals(await exchange(script), ["AUTHENTICATE +", "NICK alice", "CAP END"]);
  script.says(":s 433 * alice :Nickname is already in use");
  assertEquals(script.refusal(), "name_taken: Nickname is already in use");
});

pureTest("login: a name that somebody without an account has is taken, claim or not", () => {
  const script = new Script(byKey({ isUnregistered: true }));
  const taken = ":s 433 * alice :Nickname is already in use";
  assertEquals(script.says(`:s CAP * LS :${OURS}`, taken, `:s CAP * ACK :${WANTED}`), [
    "CAP REQ :sasl chatterbox.chat/claim",
    `CLAIM ${KEY}`,
    "NICK alice",
    `REGISTER alice * ${KEY}`,
  ]);
  assertEquals(script.says(taken, ":s FAIL REGISTER NEED_NICK * :Give a nick first"), []);
  assertEquals(script.refusal(), "name_taken: Nickname is already in use");
});

pureTest("login: to be logged out unasked is the end, to have asked for it is an answer", () => {
  const script = new Script({});
  script.negotiates("batch labeled-response", "batch labeled-response");
  script.says(":s 900 alice alice!a@h alice :In", ":s 001 alice :Welcome", ":s PONG s :chatterbox-ready");
  assertEquals(script.session.accountStatus.kind, "logged_in");
  script.session.request({ command: "UNREGISTER", params: ["alice"] });
  script.says(
    "@label=1 :s BATCH +x labeled-response",
    "@batch=x :s UNREGISTER SUCCESS alice :Free",
    "@batch=x :s 901 alice alice!a@h :You are now logged out",
    ":s BATCH -x",
  );
  assertEquals(script.session.accountStatus.kind, "none");
  assertEquals(script.refusal(), undefined);
  script.says(":s 901 alice alice!a@h :You are now logged out");
  assertEquals(script.refusal(), "logged_out: You are now logged out");
});

pureTest("login: who has nothing to log in with asks for no SASL", () => {
  assertEquals(new Script({}).negotiates("sasl=PLAIN", ""), ["CAP END"]);
});

pureTest("login: pieces: whole again, however long; what is too long or no base64 is bad", () => {
  for (const length of [0, 1, 299, 300, 301, 600, 1000]) {
    const text = "é".repeat(length / 2) + "x".repeat(length % 2);
    const response = new SaslChunkDecoder(1600);
    const steps = encodeSaslChunks(text).map((piece) => response.push(piece));
    assertEquals(steps.pop(), { kind: "whole", text });
    assertEquals(steps.every(({ kind }) => kind === "more"), true);
  }
  const long = new SaslChunkDecoder(800);
  const piece = "A".repeat(400);
  assertEquals([piece, piece, piece].map((text) => long.push(text).kind), ["more", "more", "too_long"]);
  assertEquals(new SaslChunkDecoder(800).push("A".repeat(404)).kind, "too_long");
  for (const bad of ["=", "A", "*", "/w=="]) {
    assertEquals(new SaslChunkDecoder(800).push(bad).kind, "bad", bad);
  }
});
