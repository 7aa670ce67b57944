/** Accounts of a `TestHub`, made without hashing a password. */
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { createAccount } from "../../lib/hub/services/accounts/accounts.ts";
import type { Account, Session } from "../../lib/hub/model/state/entities.ts";
import { computeScramProof, ScramClient } from "../../lib/irc/sasl/scram_client.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import type { TestHub } from "./hub.ts";

const NO_CREDENTIALS = {
  salt: new Uint8Array(32),
  iterations: 1,
  storedKey: new Uint8Array(32),
  serverKey: new Uint8Array(32),
};

/** Makes an account called `name`, and the fact of it. */
export function account(chat: TestHub, name: string, owner = `owner-${name}`): Account {
  const made = createAccount(name, owner, chat.now, NO_CREDENTIALS);
  chat.hub.services.accounts.add(made);
  chat.hub.services.accounts.putFact(made);
  return made;
}

/** A registered session that is logged in to the account called `name`, made where there is none. */
export function login(
  chat: TestHub,
  name: string,
  made = chat.hub.services.accounts.get(name) ?? account(chat, name),
  { caps = [], host = "127.0.0.1" }: { caps?: readonly string[]; host?: string } = {},
): Session {
  const session = chat.open(host);
  chat.hub.context.commit({ kind: "login", session, account: made });
  if (caps.length > 0) chat.say(session, `CAP REQ :${caps.join(" ")}`);
  chat.say(session, `NICK ${name}`, `USER ${name} 0 * :${name}`, "CAP END");
  chat.heard(session);
  return session;
}

/** Begins a SCRAM login of `session` to the account called `name`. The value is the client's last message, in base64. */
export async function beginScramLogin(
  chat: TestHub,
  session: Session,
  name: string,
  key: string,
): Promise<string> {
  const client = new ScramClient(name, "n".repeat(24));
  const first = encodeUtf8(client.clientFirstMessage).toBase64();
  chat.say(session, "AUTHENTICATE SCRAM-SHA-256", `AUTHENTICATE ${first}`);
  const challenge = Uint8Array.fromBase64(chat.heard(session).at(-1)!.split(" ")[1]!);
  const outcome = client.readServerFirst(new TextDecoder().decode(challenge));
  assert(outcome.kind === "ok", "a challenge");
  return encodeUtf8(client.makeClientFinal(await computeScramProof(key, outcome.challenge))).toBase64();
}

/** Makes the account called `name` a server operator, as it is made at the server's prompt. */
export function makeOperator(chat: TestHub, name: string): void {
  runConsoleLine(chat.hub, `oper ${name}`, chat.now);
  chat.deliver();
}
