/** Scheduled messages of a `TestHub`. */
import { assert } from "../../lib/base/assert.ts";
import type { EventLog } from "../../lib/hub/log/event_log.ts";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { login } from "./hub_accounts.ts";
import { TestHub } from "./hub.ts";
import { ask } from "./hub_tokens.ts";

const CAPS = [
  "message-tags",
  "echo-message",
  "labeled-response",
  "batch",
  "draft/multiline",
  "chatterbox.chat/receipts",
];

export const AT = "chatterbox.chat/at=";
export const EVERY = "chatterbox.chat/every=";
export const ZONE = "chatterbox.chat/zone=";

/** A hub with ids that are all different. */
export function schedulingHub(
  config: Partial<HubConfig> = {},
  log?: EventLog,
  facts?: readonly SavedFact[],
  now?: number,
): TestHub {
  return new TestHub(
    { random: (count) => crypto.getRandomValues(new Uint8Array(count)), ...config },
    log,
    facts,
    now,
  );
}

/** A session of `name`, which has an account, that may schedule messages. */
export function scheduler(chat: TestHub, name = "alice", host = "127.0.0.1"): Session {
  return login(chat, name, undefined, { caps: CAPS, host });
}

/** Schedules `text`; returns its id. */
export async function schedule(
  chat: TestHub,
  session: Session,
  tags: string,
  target = "#lobby",
  text = "hello",
): Promise<string> {
  const answer = await ask(chat, session, `@${tags} PRIVMSG ${target} :${text}`);
  const id = / NOTE PRIVMSG SCHEDULED ([0-9a-f]{8}) /.exec(answer)?.[1];
  assert(id !== undefined, answer);
  return id;
}

/** The messages of #lobby that history has, as `nick: text`. */
export function said(chat: TestHub): string[] {
  const reader = chat.enter("reader");
  chat.say(reader, "HISTORY #lobby 100");
  const lines = chat.heard(reader).flatMap((line) => {
    const [, nick, text] = / NOTICE reader :#lobby \S+ \S+ <(\S+)> (.*)$/.exec(line) ?? [];
    return nick === undefined ? [] : [`${nick}: ${text}`];
  });
  chat.hub.close(reader, "done", chat.now);
  chat.deliver();
  return lines;
}

/** The next server, with the log and the facts of `chat`. */
export function restart(chat: TestHub, facts: readonly SavedFact[] = chat.takeFacts()): TestHub {
  return schedulingHub({}, chat.log, facts, chat.now);
}

/** Lines in `lines` that begin with `:<nick>!`. */
export function from(nick: string, lines: readonly string[]): string[] {
  return lines.filter((line) => line.replace(/^@\S+ /, "").startsWith(`:${nick}!`));
}

/** Lets `ms` pass, and the hub say what is due then. */
export function pass(chat: TestHub, ms: number): void {
  chat.now += ms;
  chat.hub.tick(chat.now);
  chat.deliver();
}
