import { CAP } from "../../irc/capabilities.ts";
import type { HubContext, Services } from "../context.ts";
import { SELF_SET_MODES } from "../model/state/user_mode_letters.ts";
import type { Account, ObserverPhase, Session, User } from "../model/state/entities.ts";
import { encodeSessionState } from "./state_codec.ts";
import type { AccountName, ObserverState, SessionState, UserState } from "./session_state.ts";

/**
 * The state of a registered session, to be kept by its front. Undefined: it is not registered, or its state is larger
 * than `MAX_SESSION_STATE_BYTES`; such a session cannot be restored.
 */
export function exportSession(
  context: HubContext,
  services: Services,
  session: Session,
): Uint8Array | undefined {
  const state = describeSession(context, services, session);
  return state && encodeSessionState(state);
}

/** The same as plain data. */
export function describeSession(
  context: HubContext,
  services: Services,
  session: Session,
): SessionState | undefined {
  const { phase, connection: { batch, token } } = session;
  if (phase.kind === "registering") return undefined;
  return {
    host: session.host,
    displayHost: session.displayHost,
    endpoint: session.endpoint,
    isSecure: session.isSecure,
    openedAt: toWallClock(context, session.openedAt),
    caps: Object.entries(CAP).flatMap(([name, cap]) => session.caps.has(cap) ? name : []),
    capVersion: session.capVersion,
    liveFromSeq: session.liveFromSeq,
    tokenId: token?.id ?? "",
    openBatch: batch === undefined || batch.failed ? undefined : { ref: batch.ref, label: batch.label },
    receipts: services.receipts.of(session),
    awaitsOfflineMessages: services.offlineMessages.isReplayDue(session),
    monitored: [...services.monitors.watched(session)],
    subscriptions: [...services.metadata.subscriptions(session)],
    phase: phase.kind === "registered"
      ? describeUser(context, services, phase.user)
      : describeObserver(session, phase),
  };
}

function describeUser(context: HubContext, services: Services, user: User): UserState {
  const isGuest = user.account === undefined;
  return {
    kind: "user",
    nick: user.nick,
    username: user.username,
    host: user.host,
    realHost: user.realHost,
    realname: user.realname,
    owner: user.owner,
    account: describeAccount(user.account),
    signonAt: Math.max(0, Math.floor(user.signonAt)),
    isSecure: user.isSecure,
    away: user.away,
    modes: Object.entries(SELF_SET_MODES).flatMap(([letter, set]) =>
      context.state[set].has(user) ? letter : []
    ).join(""),
    operatorBy: user.isServerOperator ? services.serverOperators.grantorOf(user) : "",
    idleSince: toWallClock(context, user.idleSince),
    rooms: Array.from(user.channels, ([{ name }, bits]) => [name, bits] as const),
    invites: Array.from(user.invites ?? [], ([{ name }, seq]) => [name, seq] as const),
    metadata: isGuest ? [...services.metadata.of(user)] : [],
    markers: isGuest ? [...services.readMarkers.ofUser(user)] : [],
    replayPositions: isGuest ? [...services.replayPositions.ofUser(user)] : [],
  };
}

function describeObserver(
  { followed }: Session,
  { nick, username, owner, account }: ObserverPhase,
): ObserverState {
  return {
    kind: "observer",
    nick,
    username,
    owner,
    account: describeAccount(account),
    follows: followed && {
      nicks: [...followed.nicks],
      channels: [...followed.channels],
      everything: followed.followsAll,
    },
  };
}

function describeAccount(account: Account | undefined): AccountName | undefined {
  return account && { name: account.name, owner: account.owner };
}

/** A time of the monotonic clock as milliseconds since the epoch. */
function toWallClock({ clockOffsetMs }: HubContext, monotonic: number): number {
  return Math.max(0, Math.floor(monotonic + clockOffsetMs));
}
