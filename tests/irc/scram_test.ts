import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { AssertionFailure } from "../../lib/base/assert.ts";
import { deriveCredentials, isSamePassword, ScramServer } from "../../lib/irc/sasl/scram_server.ts";
import type { ScramCredentials } from "../../lib/irc/sasl/scram_server.ts";
import { computeScramProof, ScramClient } from "../../lib/irc/sasl/scram_client.ts";
import {
  computeSaltedPassword,
  decodeStrictBase64,
  escapeSaslName,
  parseScramAttributes,
  preparePassword,
  unescapeSaslName,
} from "../../lib/irc/sasl/scram_message.ts";
import { pureTest } from "../support/test.ts";

// RFC 7677 section 3.
const USER = "user";
const PASSWORD = "pencil";
const CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";
const SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const SALT = decodeStrictBase64("W22ZaJ0SNY7soEsUEjb6gQ==")!;
const CLIENT_FIRST = `n,,n=user,r=${CLIENT_NONCE}`;
const SERVER_FIRST = `r=${CLIENT_NONCE}${SERVER_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const CLIENT_FINAL = `c=biws,r=${CLIENT_NONCE}${SERVER_NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;
const SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

let kept: Promise<ScramCredentials> | undefined;
const credentials = () => kept ??= deriveCredentials(PASSWORD, SALT, 4096);

/** A client that has said its first message, and what it makes of `serverFirst`. */
function challenged(serverFirst: string) {
  const client = new ScramClient(USER, CLIENT_NONCE);
  return { client, outcome: client.readServerFirst(serverFirst) };
}

/** A server that has sent its challenge to `clientFirst`. */
async function challenging(clientFirst = CLIENT_FIRST): Promise<ScramServer> {
  const server = new ScramServer(SERVER_NONCE);
  assertEquals(server.readClientFirst(clientFirst), { kind: "ok", username: USER });
  server.makeServerFirst(await credentials());
  return server;
}

pureTest("scram: the client says what the RFC's example says", async () => {
  const { client, outcome } = challenged(SERVER_FIRST);
  assertEquals(client.clientFirstMessage, CLIENT_FIRST);
  if (outcome.kind !== "ok") throw new Error(outcome.why);
  assertEquals(client.verifiesServerFinal(SERVER_FINAL), false, "before anything was proved");
  assertEquals(client.makeClientFinal(await computeScramProof(PASSWORD, outcome.challenge)), CLIENT_FINAL);
  assertEquals(client.verifiesServerFinal(SERVER_FINAL), true);
  assertEquals(client.verifiesServerFinal(SERVER_FINAL.replace("v=6", "v=7")), false);
  assertEquals(client.verifiesServerFinal("e=invalid-proof"), false);
  assertEquals(client.verifiesServerFinal("v="), false);
  assertEquals(client.verifiesServerFinal("nonsense"), false);
});

pureTest("scram: the server says what the RFC's example says", async () => {
  const server = new ScramServer(SERVER_NONCE);
  assertEquals(server.readClientFirst(CLIENT_FIRST), { kind: "ok", username: USER });
  assertEquals(server.makeServerFirst(await credentials()), SERVER_FIRST);
  assertEquals(server.readClientFinal(CLIENT_FINAL), { kind: "ok", serverFinal: SERVER_FINAL });
  assertEquals(server.readClientFinal(CLIENT_FINAL), { kind: "bad" }, "an exchange is for one try");
});

pureTest("scram: a wrong password, and the right one of another salt, prove nothing", async () => {
  for (const [password, salt] of [["pencils", SALT], [PASSWORD, SALT.slice(1)]] as const) {
    const server = new ScramServer(SERVER_NONCE);
    server.readClientFirst(CLIENT_FIRST);
    const { client, outcome } = challenged(server.makeServerFirst(await credentials()));
    if (outcome.kind !== "ok") throw new Error(outcome.why);
    const answer = await computeScramProof(password, { ...outcome.challenge, salt });
    assertEquals(server.readClientFinal(client.makeClientFinal(answer)), { kind: "wrong" });
  }
});

pureTest("scram: a proof of one exchange is no proof in another", async () => {
  const server = new ScramServer("another-nonce");
  server.readClientFirst(CLIENT_FIRST);
  server.makeServerFirst(await credentials());
  assertEquals(server.readClientFinal(CLIENT_FINAL), { kind: "bad" });
  const renamed = CLIENT_FINAL.replace(SERVER_NONCE, "another-nonce");
  assertEquals(server.readClientFinal(renamed), { kind: "wrong" });
});

pureTest("scram: names with commas, equals signs and letters of any script", () => {
  for (const name of ["alice", "a,b", "a=b", "=2C", "Алиса,=", "n=x,r=y"]) {
    assertEquals(unescapeSaslName(escapeSaslName(name)), name);
    const client = new ScramClient(name, CLIENT_NONCE);
    assertEquals(new ScramServer(SERVER_NONCE).readClientFirst(client.clientFirstMessage), {
      kind: "ok",
      username: name,
    });
  }
  for (const text of ["", "=", "a=2c", "=3d", "a=2"]) assertEquals(unescapeSaslName(text), undefined, text);
});

pureTest("scram: a first message that is none, wants channel binding or to act as somebody else", () => {
  const bad = [
    "",
    "n",
    "n,,",
    "n,,n=user",
    "n,,r=abc,n=user",
    "n,,n=,r=abc",
    "n,,n=us=er,r=abc",
    "n,,n=user,r=",
    "n,,n=user,r=a b",
    "n,,m=ext,n=user,r=abc",
    "p=tls-exporter,,n=user,r=abc",
    "n,a=root,n=user,r=abc",
    "x,,n=user,r=abc",
    "n,,n=user,r=abc,",
  ];
  for (const text of bad) {
    assertEquals(new ScramServer(SERVER_NONCE).readClientFirst(text), { kind: "bad" }, text);
  }
  for (const text of ["y,,n=user,r=abc", "n,a=user,n=user,r=abc", "n,,n=user,r=abc,x=more"]) {
    assertEquals(new ScramServer(SERVER_NONCE).readClientFirst(text), { kind: "ok", username: USER }, text);
  }
});

pureTest("scram: a final message that is none, or of another exchange", async () => {
  const nonces = CLIENT_NONCE + SERVER_NONCE;
  const proof = CLIENT_FINAL.slice(CLIENT_FINAL.indexOf("p="));
  const bad = [
    "",
    "c=biws",
    `c=biws,r=${nonces}`,
    `c=biws,r=${nonces},p=`,
    `c=biws,r=${nonces},p=AAAA`,
    `c=biws,r=${nonces},p=*`,
    `c=eSws,r=${nonces},${proof}`,
    `c=biws,r=${CLIENT_NONCE},${proof}`,
    `r=${nonces},c=biws,${proof}`,
    `${CLIENT_FINAL},x=more`,
  ];
  for (const text of bad) assertEquals((await challenging()).readClientFinal(text), { kind: "bad" }, text);
  assertEquals(
    new ScramServer(SERVER_NONCE).readClientFinal(CLIENT_FINAL),
    { kind: "bad" },
    "without a challenge",
  );
  assertThrows(() => new ScramServer("a,b"), AssertionFailure);
});

pureTest(
  "scram: bound to where the connection goes to: of no use to another server, nor to one that does not know where it is",
  async () => {
    const log = async (here: string, there: string) => {
      const client = new ScramClient(USER, CLIENT_NONCE, here);
      const server = new ScramServer(SERVER_NONCE, there);
      if (server.readClientFirst(client.clientFirstMessage).kind === "bad") return "not begun";
      const outcome = client.readServerFirst(server.makeServerFirst(await credentials()));
      if (outcome.kind === "bad") return outcome.why;
      const final = client.makeClientFinal(await computeScramProof(PASSWORD, outcome.challenge));
      return server.readClientFinal(final).kind;
    };
    assertEquals(await log("tcp:[192.0.2.1]:6667", "tcp:[192.0.2.1]:6667"), "ok");
    assertEquals(await log("tcp:[192.0.2.1]:6667", "tcp:[192.0.2.1]:6668"), "bad");
    assertEquals(await log("tcp:[192.0.2.1]:6667", ""), "not begun");
  },
);

pureTest("scram: a header that says y must be repeated as y", async () => {
  const server = await challenging(CLIENT_FIRST.replace("n,,", "y,,"));
  assertEquals(server.readClientFinal(CLIENT_FINAL), { kind: "bad" });
});

pureTest("scram: a challenge that is none, not ours, or too much to ask", () => {
  const nonces = CLIENT_NONCE + SERVER_NONCE;
  const bad = [
    "",
    "e=other-error",
    `r=${nonces},s=AAAA`,
    `m=ext,r=${nonces},s=AAAA,i=4096`,
    `r=${SERVER_NONCE},s=AAAA,i=4096`,
    `r=${CLIENT_NONCE},s=AAAA,i=4096`,
    `r=${nonces},s=,i=4096`,
    `r=${nonces},s=A,i=4096`,
    `r=${nonces},s=AAAA,i=`,
    `r=${nonces},s=AAAA,i=4095`,
    `r=${nonces},s=AAAA,i=1000001`,
    `r=${nonces},s=AAAA,i=-4096`,
    `r=${nonces},s=AAAA,i=1e5`,
  ];
  for (const text of bad) assertEquals(challenged(text).outcome.kind, "bad", text);
  assertEquals(challenged(`r=${nonces},s=AAAA,i=1000000`).outcome.kind, "ok");
});

pureTest("scram: PBKDF2 with HMAC-SHA-256 (RFC 7914 section 11)", async () => {
  const salted = await computeSaltedPassword("Password", new TextEncoder().encode("NaCl"), 80000);
  assertEquals(salted.toHex(), "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
});

pureTest("scram: a password is the same in every way of writing it", async () => {
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  // RFC 4013 section 3
  assertEquals(decode(preparePassword("I\u00adX")), "IX");
  assertEquals(decode(preparePassword("\u00aa")), "a");
  assertEquals(decode(preparePassword("\u2168")), "IX");
  assertEquals(decode(preparePassword("USER")), "USER");
  assertEquals(decode(preparePassword("a\u00a0b")), "a b");
  const [composed, decomposed, other] = await Promise.all(
    ["caf\u00e9s", "cafe\u0301s", "cafes"].map((text) => deriveCredentials(text, SALT, 4096)),
  );
  assertEquals(isSamePassword(composed!, decomposed!), true);
  assertEquals(isSamePassword(composed!, other!), false);
  assertNotEquals(composed!.serverKey, composed!.storedKey);
});

pureTest("scram: attributes", () => {
  assertEquals(parseScramAttributes("n=a,r=b=c"), [{ name: "n", value: "a" }, { name: "r", value: "b=c" }]);
  for (const text of ["", "n", "n=", "nn=a", "n=a,", ",n=a", "1=a"]) {
    assertEquals(parseScramAttributes(text), undefined, text);
  }
});
