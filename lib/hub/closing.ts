/** How a session ends: its connection is gone, or the server lets it go. With its last session a user quits, at once or later. */
import { CAP } from "../irc/caps.ts";
import { truncateText } from "../irc/text.ts";
import { leaveAudience } from "./audience.ts";
import { OBSERVER, QUIT_REASON_MAX_BYTES, RESUME_MS } from "./config.ts";
import { isPassing } from "./event.ts";
import type { Hub } from "./hub.ts";
import type { Session, User } from "./state.ts";
import { waitUnheard } from "./waiting_messages.ts";

/** As {@link Hub.close}. */
export function closeSession(hub: Hub, session: Session, reason: string, now: number, lost: boolean): void {
  if (!hub.state.sessions.delete(session.id)) return;
  hub.now = now;
  reason = inOneLine(reason);
  session.closing ??= reason;
  hub.finish(session);
  hub.receipts.left(hub, session);
  hub.held.clear(session);
  hub.waiting.left(session);
  waitUnheard(hub, session);
  const user = session.user;
  if (user !== undefined && user.sessions.length === 1 && !(lost && mayResume(user))) {
    hub.commit({ kind: "quit", source: user.source, reason });
  } else if (user !== undefined && user.sessions.length === 1) {
    hub.commit({ kind: "detach", session });
    hub.commit({ kind: "leaving", user, at: hub.monotonic + RESUME_MS, reason });
  } else hub.commit({ kind: "detach", session });
  const nick = session.caps & CAP.observer ? OBSERVER : user?.nick ?? session.nick;
  const sessions = user?.sessions.length ?? 0;
  if (session.registered) hub.notices.push({ kind: "left", nick, host: session.host, reason, sessions });
  else {
    hub.state.newcomers--;
    if (!(lost && isProxyCheck(session))) {
      hub.notices.push({ kind: "turned_away", nick, host: session.host, reason });
    }
  }
}

/** A proxy has looked whether the server is there, as it does every few seconds: nothing for the log. */
function isProxyCheck({ mayBeCheck, nick, username }: Session): boolean {
  return mayBeCheck && nick === "*" && username === "";
}

/** As {@link Hub.letGo}. */
export function letSessionGo(hub: Hub, session: Session, reason: string): void {
  if (session.closing !== undefined) return;
  reason = inOneLine(reason);
  hub.tell(session, `ERROR :Closing Link: ${session.host} (${reason})`);
  hub.close(session, reason, hub.now);
}

/** As {@link Hub.letAllGo}. */
export function letAllGo(hub: Hub, reason: string, now: number): void {
  hub.now = now;
  const sessions = [...hub.state.sessions.values()];
  for (const session of sessions) {
    for (const room of [...session.rooms.keys()]) leaveAudience(hub, session, room);
  }
  for (const session of sessions) hub.letGo(session, reason);
}

function mayResume(user: User): boolean {
  return user.account !== undefined || !isPassing(user.owner);
}

/** A reason as a QUIT can bear it: others see it behind the longest source. */
function inOneLine(reason: string): string {
  return truncateText(reason, QUIT_REASON_MAX_BYTES).replace(/[\r\n\0]/g, " ");
}
