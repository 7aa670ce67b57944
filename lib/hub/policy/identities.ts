/** The identities that ban masks are matched against. */
import { casefold } from "../../irc/names/casemap.ts";
import type { Account, ObserverPhase, RegisteringPhase, Session } from "../model/state/entities.ts";
import type { HubContext } from "../context.ts";
import type { CachedMaskSubject } from "../model/channel_settings.ts";

/** A name, an account and an address of one person; a user is one. */
export interface BanIdentity extends CachedMaskSubject {
  readonly account: Account | undefined;
  /** The nick, folded; "" where there is none yet. */
  readonly folded: string;
  /** The real address; others see its cloak. */
  readonly realHost: string;
}

/**
 * The identities of `session`: a ban that matches any of them applies to it. An observer has no name. It is judged
 * as the users of its account, or those with its claim key, each also at the observer's own address; while none of
 * them is connected, by the name of the account. Without account and key, only its address and the name that it
 * gave identify it.
 */
export function identitiesOf({ state }: HubContext, session: Session): readonly BanIdentity[] {
  const { phase } = session;
  if (phase.kind === "registered") return [phase.user];
  const { account, owner } = phase;
  const users = account?.users ?? state.usersByClaimKey.get(owner) ?? [];
  const nick = users[0]?.nick ?? account?.name ?? phase.nick ?? "*";
  return [observerIdentity(session, phase, nick), ...users];
}

const observerIdentities = new WeakMap<Session, BanIdentity>();

/** The identity of a session without a user; cached, because it holds the results of mask checks. */
function observerIdentity(
  session: Session,
  { account, username = "" }: RegisteringPhase | ObserverPhase,
  nick: string,
): BanIdentity {
  const folded = nick === "*" ? "" : casefold(nick);
  const known = observerIdentities.get(session);
  if (known?.folded === folded && known.account === account) return known;
  const { host: realHost, displayHost } = session;
  const foldedSource = casefold(`${nick}!${username}@${displayHost}`);
  const observer = { folded, foldedSource, account, realHost, banVerdicts: undefined };
  observerIdentities.set(session, observer);
  return observer;
}
