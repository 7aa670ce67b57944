/**
 * REDACT (https://ircv3.net/specs/extensions/message-redaction): a message is taken back, by who has said it, by an operator of its
 * room, or by one of the server. History leaves it out from then on; its record stays in the log until it is overwritten.
 */
import { CAP, REDACTION } from "../../irc/caps.ts";
import { casefold } from "../../irc/casemap.ts";
import { ERR_INPUTTOOLONG } from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import { isRoomName } from "../../irc/names.ts";
import type { Entry, Target } from "../archive.ts";
import { REDACT_WINDOW_MS } from "../config.ts";
import type { RecordedEvent } from "../event.ts";
import type { Hub } from "../hub.ts";
import { quoted } from "../quote.ts";
import { mayRead, runs, whyMuted, whySilent } from "../room_access.ts";
import type { Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { isTooLong, seqOfMsgid } from "../view.ts";

/** `REDACT <target> <msgid> [:reason]` */
function redact(hub: Hub, session: Session, message: Message, user: User): void {
  const [name = "", msgid = "", given = ""] = message.params;
  const fail = (code: string, about: string, text: string) => hub.fail(session, "REDACT", code, about, text);
  if (!(session.caps & CAP.redaction)) return fail("NEED_CAPABILITY", "", `Request ${REDACTION} first`);
  const found = isRoomName(name) ? roomOf(hub, session, name) : hub.archive.talk(user.owner, name);
  if (found === undefined && isRoomName(name)) {
    return fail("INVALID_TARGET", quoted(name), "You cannot delete messages from there");
  }
  const about = `${found?.name ?? quoted(name)} ${quoted(msgid)}`;
  const seq = seqOfMsgid(msgid, hub.config.logId);
  const entry = seq !== undefined && found?.timeline.has(seq) ? hub.archive.entry(seq) : undefined;
  if (entry === undefined || found === undefined) {
    return fail("UNKNOWN_MSGID", about, "This message does not exist or is too old");
  }
  const room = entry.event.room ? hub.state.room(found.name) : undefined;
  const rules = entry.event.room && runs(user, room);
  if (!rules && entry.event.from !== user.owner) {
    return fail("REDACT_FORBIDDEN", about, "You are not authorised to delete this message");
  }
  if (!rules && hub.now - entry.time > REDACT_WINDOW_MS) {
    const window = `${about} ${REDACT_WINDOW_MS / 1000}`;
    return fail("REDACT_WINDOW_EXPIRED", window, "You can no longer delete this message");
  }
  const silent = whyMuted(hub, user) ??
    (rules || room === undefined ? undefined : whySilent(user, found, room));
  const event = eventOf(user, found, entry, msgid, silent === undefined ? given : "");
  if (isTooLong(event)) hub.numeric(session, ERR_INPUTTOOLONG, ":Too long to be delivered whole");
  else hub.commit(event);
}

function roomOf(hub: Hub, session: Session, name: string): Target | undefined {
  const target = hub.archive.rooms.get(casefold(name));
  const room = hub.state.room(name);
  // Who runs the server takes away in every room what must go.
  const may = target !== undefined && (session.user?.oper || mayRead(hub, session, target, room));
  return may ? target : undefined;
}

/** Both sides of a direct message know it by the name of who got it. */
function eventOf(
  { source }: User,
  { name }: Target,
  { event: { room, from, to, target } }: Entry,
  msgid: string,
  reason: string,
): RecordedEvent & { kind: "redact" } {
  return { kind: "redact", source, target: room ? name : target, from, to, msgid, reason };
}

export const REDACT_VERBS: VerbTable = {
  REDACT: { min: 2, who: "user", run: redact },
};
