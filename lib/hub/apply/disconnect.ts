/** How a session ends: its connection is gone, or the server lets it go. With its last session a user quits, at once or later. */
import { CAP } from "../../irc/capabilities.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import { leaveAudience } from "./audience.ts";
import { GRACE_PERIOD_MS, OBSERVER_NAME, QUIT_REASON_MAX_BYTES } from "../model/config.ts";
import { isTemporaryOwner } from "../model/identifiers.ts";
import type { Hub } from "../hub.ts";
import type { Session, User } from "../model/state/entities.ts";

/** As {@link Hub.close}. */
export function closeSession(hub: Hub, session: Session, reason: string, now: number, lost: boolean): void {
  if (!hub.state.sessions.delete(session.id)) return;
  hub.now = now;
  reason = quitReason(reason);
  session.closeReason ??= reason;
  hub.finishLine(session);
  hub.receipts.dropSession(hub, session);
  hub.sessionMemory.clear(session);
  hub.offlineMessages.dropSession(session);
  queueUnconfirmed(hub, session);
  const user = session.user;
  if (user !== undefined && user.sessions.length === 1 && !(lost && canResume(user))) {
    hub.commit({ kind: "quit", source: user.source, reason });
  } else if (user !== undefined && user.sessions.length === 1) {
    hub.commit({ kind: "detach", session });
    hub.commit({ kind: "leaving", user, at: hub.monotonic + GRACE_PERIOD_MS, reason });
  } else hub.commit({ kind: "detach", session });
  const nick = session.caps & CAP.observer ? OBSERVER_NAME : user?.nick ?? session.nick;
  const sessions = user?.sessions.length ?? 0;
  if (session.isRegistered) {
    hub.serverEvents.push({ kind: "left", nick, host: session.host, reason, sessions });
  } else {
    hub.state.unregisteredCount--;
    if (!(lost && isProxyCheck(session))) {
      hub.serverEvents.push({ kind: "turned_away", nick, host: session.host, reason });
    }
  }
}

/** A proxy has looked whether the server is there, as it does every few seconds: nothing for the log. */
function isProxyCheck({ isMaybeProxyCheck, nick, username }: Session): boolean {
  return isMaybeProxyCheck && nick === "*" && username === "";
}

/** As {@link Hub.disconnect}. */
export function disconnectSession(hub: Hub, session: Session, reason: string): void {
  if (session.closeReason !== undefined) return;
  reason = quitReason(reason);
  hub.send(session, `ERROR :Closing Link: ${session.host} (${reason})`);
  hub.close(session, reason, hub.now);
}

/** As {@link Hub.disconnectAll}. */
export function disconnectAllSessions(hub: Hub, reason: string, now: number): void {
  hub.now = now;
  const sessions = [...hub.state.sessions.values()];
  for (const session of sessions) {
    for (const channel of [...session.channels.keys()]) leaveAudience(hub, session, channel);
  }
  for (const session of sessions) hub.disconnect(session, reason);
}

function canResume(user: User): boolean {
  return user.account !== undefined || !isTemporaryOwner(user.owner);
}

/** A reason as a QUIT can bear it: others see it behind the longest source. */
function quitReason(reason: string): string {
  return truncateText(reason, QUIT_REASON_MAX_BYTES).replace(/[\r\n\0]/g, " ");
}

/** The connection of `session` broke after a PING that it did not answer: what was said since it was heard may not have arrived. */
export function queueUnconfirmed(hub: Hub, session: Session): void {
  const account = session.user?.account;
  if (account === undefined || session.pingedAt === 0) return;
  const others = account.users.flatMap(({ sessions }) => sessions).some((each) =>
    each !== session && each.pingedAt === 0
  );
  if (others) return;
  for (const [nick, talk] of hub.archive.directConversations.get(account.owner) ?? []) {
    if (talk.receivedSeq >= session.lastHeardSeq) {
      hub.offlineMessages.add(hub, account, nick, session.lastHeardSeq);
    }
  }
}
