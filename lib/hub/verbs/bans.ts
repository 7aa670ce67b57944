/**
 * BAN, UNBAN, MUTE, UNMUTE and BANS, for server operators (ours; ARCHITECTURE.md). `BAN <mask> [<duration>] [:<reason>]` is
 * answered by `NOTE BAN DONE <mask> :text` or FAIL; `BANS` by lines `BANS <ban|mute> <mask> <until|*> <by> :<reason>` and
 * `BANS *`.
 */
import type { Message } from "../../irc/message.ts";
import { setBan, takeBack } from "../banning.ts";
import type { BanOutcome } from "../banning.ts";
import type { BanKind } from "../bans.ts";
import type { Hub } from "../hub.ts";
import { quoted } from "../quote.ts";
import type { Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { timestamp } from "../view.ts";
import { forOpers } from "./oper.ts";

function set(kind: BanKind) {
  return forOpers((hub, session, message, user) => {
    answer(hub, session, message, setBan(hub, { kind, words: message.params, user }));
  });
}

function unset(kind: BanKind) {
  return forOpers((hub, session, message, user) => {
    answer(hub, session, message, takeBack(hub, kind, message.params[0]!, user));
  });
}

function answer(hub: Hub, session: Session, { command, params }: Message, outcome: BanOutcome): void {
  if (outcome.kind === "failed") {
    return hub.fail(session, command, outcome.code, quoted(params[0]!), outcome.text);
  }
  hub.tell(session, `:${hub.config.serverName} NOTE ${command} DONE ${outcome.mask} :${outcome.text}`);
}

function list(hub: Hub, session: Session, _message: Message, _user: User): void {
  const { serverName } = hub.config;
  for (const { kind, mask, until, by, reason } of hub.bans.list(hub.now)) {
    const when = until === 0 ? "*" : timestamp(until);
    hub.tell(session, `:${serverName} BANS ${kind} ${mask} ${when} ${by} :${reason}`);
  }
  hub.tell(session, `:${serverName} BANS *`);
}

export const BAN_VERBS: VerbTable = {
  BAN: { min: 1, who: "user", run: set("ban") },
  UNBAN: { min: 1, who: "user", run: unset("ban") },
  MUTE: { min: 1, who: "user", run: set("mute") },
  UNMUTE: { min: 1, who: "user", run: unset("mute") },
  BANS: { min: 0, who: "user", run: forOpers(list) },
};
