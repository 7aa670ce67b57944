/** Tokens of a `TestHub`, and the connections of its HTTP API. */
import { assert } from "../../lib/base/assert.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import type { TestHub } from "./hub.ts";

export interface MadeToken {
  readonly id: string;
  readonly secret: string;
}

/** Has `session`, which is logged in, make a token with `TOKEN CREATE <params>`. */
export async function makeToken(chat: TestHub, session: Session, params: string): Promise<MadeToken> {
  const answer = await ask(chat, session, `TOKEN CREATE ${params}`);
  const [, id, secret] = / TOKEN CREATE (\S+) \S+ \S+ :(\S+)$/.exec(answer) ?? [];
  assert(id !== undefined && secret !== undefined, answer);
  return { id, secret };
}

/** The last line of the answer to `line`, when all that it takes is done. */
export async function ask(chat: TestHub, session: Session, line: string): Promise<string> {
  chat.heard(session);
  chat.say(session, line);
  await chat.errands();
  return chat.heard(session).at(-1) ?? "";
}

/** An internal connection that has logged in with `secret`; the answers are there to be heard. */
export function logInByToken(
  chat: TestHub,
  secret: string,
  { host = "127.0.0.1", caps = [] }: { host?: string; caps?: readonly string[] } = {},
): Session {
  const session = chat.open(host, true);
  if (caps.length > 0) chat.say(session, `CAP REQ :${caps.join(" ")}`);
  chat.heard(session);
  chat.say(session, `TOKEN LOGIN ${secret}`);
  return session;
}
