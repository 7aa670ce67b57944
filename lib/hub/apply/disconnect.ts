/**
 * Ends sessions: the connection is gone, or the server disconnects it. With its last session a user quits, at once
 * or after the grace period.
 */
import { CAP } from "../../irc/capabilities.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import { leaveAudience } from "./audience.ts";
import { GRACE_PERIOD_MS, OBSERVER_NAME, QUIT_REASON_MAX_BYTES } from "../model/config.ts";
import { isTemporaryOwner } from "../model/identifiers.ts";
import type { HubContext, Services } from "../context.ts";
import { sessionNick } from "../model/state/entities.ts";
import type { RegisteringPhase, Session, User } from "../model/state/entities.ts";

/** As {@link HubContext.close}. */
export function closeSession(
  context: HubContext,
  services: Services,
  session: Session,
  reason: string,
  isLost: boolean,
): void {
  if (context.state.sessions.get(session.id) !== session) return;
  reason = quitReason(reason);
  context.commit({ kind: "disconnect", session, reason });
  context.finishLine(session);
  services.receipts.dropSession(session);
  services.sessionMemory.clear(session);
  services.offlineMessages.dropSession(session);
  services.searchLimits.end(session);
  services.keyParcels.dropSession(session);
  queueUnconfirmed(services, session);
  const user = session.user;
  if (user !== undefined && user.sessions.length === 1 && !(isLost && canResume(user))) {
    context.commit({ kind: "quit", source: user.source, reason });
  } else if (user !== undefined && user.sessions.length === 1) {
    context.commit({ kind: "detach", session });
    context.commit({ kind: "leaving", user, at: context.monotonic + GRACE_PERIOD_MS, reason });
  } else context.commit({ kind: "detach", session });
  const nick = session.caps.has(CAP.observer) ? OBSERVER_NAME : sessionNick(session);
  const sessions = user?.sessions.length ?? 0;
  if (session.phase.kind !== "registering") {
    context.report({ kind: "left", nick, host: session.host, reason, sessions });
  } else if (!(isLost && isProxyCheck(session.phase))) {
    context.report({ kind: "turned_away", nick, host: session.host, reason });
  }
}

/** Whether the connection was a health check by a proxy, which recurs every few seconds and is not logged. */
function isProxyCheck({ isMaybeProxyCheck, nick, username }: RegisteringPhase): boolean {
  return isMaybeProxyCheck && nick === undefined && username === undefined;
}

/** As {@link HubContext.disconnect}. */
export function disconnectSession(context: HubContext, session: Session, reason: string): void {
  if (session.closeReason !== undefined) return;
  reason = quitReason(reason);
  context.send(session, `ERROR :Closing Link: ${session.host} (${reason})`);
  context.close(session, reason);
}

/** As {@link Hub.disconnectAll}. */
export function disconnectAllSessions(
  context: HubContext,
  services: Services,
  reason: string,
): void {
  const sessions = [...context.state.sessions.values()];
  for (const session of sessions) {
    for (const channel of [...session.channels.keys()]) leaveAudience(services, session, channel);
  }
  for (const session of sessions) context.disconnect(session, reason);
}

function canResume(user: User): boolean {
  return user.account !== undefined || !isTemporaryOwner(user.owner);
}

/** Shortens `reason` so that a QUIT with it fits a line behind the longest possible source. */
function quitReason(reason: string): string {
  return truncateText(reason, QUIT_REASON_MAX_BYTES).replace(/[\r\n\0]/g, " ");
}

/**
 * Queues direct messages that may not have arrived: the connection of `session` broke after a PING that was not
 * answered, so messages sent since it was last heard from are unconfirmed.
 */
function queueUnconfirmed(services: Services, session: Session): void {
  const account = session.user?.account;
  if (account === undefined || session.connection.pingedAt === 0) return;
  const others = account.users.flatMap(({ sessions }) => sessions).some((each) =>
    each !== session && each.connection.pingedAt === 0
  );
  if (others) return;
  for (const [nick, conversation] of services.history.directConversations.get(account.owner) ?? []) {
    if (conversation.receivedSeq >= session.connection.lastHeardSeq) {
      services.offlineMessages.add(account, nick, session.connection.lastHeardSeq);
    }
  }
}
