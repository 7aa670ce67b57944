/**
 * What a login costs, and that a wrong password takes as long as the right one: who measures answers learns nothing.
 *
 *     deno task bench
 */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { assert } from "../../lib/base/assert.ts";
import { computeScramProof, ScramClient } from "../../lib/irc/sasl/scram_client.ts";
import { computeSaltedPassword } from "../../lib/irc/sasl/scram_message.ts";
import { TestHub } from "../support/hub.ts";

const KEY = "k".repeat(43);
const PASSPHRASE = "a horse that staples";

/** A hub with two accounts: one with a key, one with what a person thought of. */
async function hub(): Promise<TestHub> {
  const chat = new TestHub({ limits: { exempt: ["127.0.0.0/8"] } });
  for (const [name, password] of [["key", KEY], ["phrase", PASSPHRASE]] as const) {
    const session = chat.enter(name);
    chat.say(session, `REGISTER * * :${password}`);
    await chat.errands();
  }
  return chat;
}

const chat = await hub();

for (
  const [group, cases] of Object.entries({
    "SASL PLAIN, account with a key": { right: ["key", KEY], wrong: ["key", "w".repeat(43)] },
    "SASL PLAIN, account with a passphrase": {
      right: ["phrase", PASSPHRASE],
      wrong: ["phrase", "a horse that stables"],
    },
    "SASL PLAIN, no such account": { wrong: ["nobody", "w".repeat(43)] },
  })
) {
  for (const [outcome, [name = "", password = ""]] of Object.entries(cases)) {
    Deno.bench(`${group}: ${outcome}`, { group }, async () => {
      const session = chat.open();
      chat.say(session, "CAP REQ sasl", "AUTHENTICATE PLAIN");
      chat.say(session, `AUTHENTICATE ${encodeUtf8(`\0${name}\0${password}`).toBase64()}`);
      await chat.errands();
      assert(chat.heard(session).at(-1)!.includes(outcome === "right" ? " 903 " : " 904 "), "as expected");
      chat.hub.close(session, "done", chat.now);
      chat.deliver();
    });
  }
}

/** An exchange by SCRAM, without the long part of the client's work: the server's verdict. */
async function exchange(name: string, password: string): Promise<string> {
  const session = chat.open();
  const client = new ScramClient(name, crypto.randomUUID());
  const say = (text: string) => {
    chat.say(session, `AUTHENTICATE ${encodeUtf8(text).toBase64()}`);
    return chat.heard(session).at(-1)!;
  };
  chat.say(session, "CAP REQ sasl", "AUTHENTICATE SCRAM-SHA-256");
  const first = new TextDecoder().decode(
    Uint8Array.fromBase64(say(client.clientFirstMessage).split(" ")[1]!),
  );
  const outcome = client.readServerFirst(first);
  assert(outcome.kind === "ok", "a challenge");
  const { clientFinalMessage } = await computeScramProof(password, outcome.challenge, salted);
  const verdict = say(clientFinalMessage);
  chat.hub.close(session, "done", chat.now);
  chat.deliver();
  return verdict;
}

const known = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

/** Each is computed once: it is the client's part. */
function salted(password: string, salt: Uint8Array, iterations: number): Promise<Uint8Array<ArrayBuffer>> {
  const key = `${password} ${salt.toBase64()}`;
  const found = known.get(key) ?? computeSaltedPassword(password, salt, iterations);
  known.set(key, found);
  return found;
}

for (
  const [outcome, name, password] of [
    ["right", "key", KEY],
    ["wrong", "key", "w".repeat(43)],
    ["wrong, passphrase", "phrase", "a horse that stables"],
    ["no such account", "nobody", "w".repeat(43)],
  ] as const
) {
  Deno.bench(
    `SCRAM-SHA-256, without the client's hashing: ${outcome}`,
    { group: "SCRAM-SHA-256" },
    async () => {
      const verdict = await exchange(name, password);
      assert(verdict.includes(" 904 ") === (outcome !== "right"), verdict);
    },
  );
}
