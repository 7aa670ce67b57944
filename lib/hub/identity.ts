/** What the masks of bans are held against. */
import { casefold } from "../irc/casemap.ts";
import type { Account } from "./accounts.ts";
import type { Hub } from "./hub.ts";
import type { Judged } from "./room_settings.ts";
import type { Session } from "./state.ts";

/** A name, an account and an address that stand for one person; a user is one. */
export interface Identity extends Judged {
  readonly account: Account | undefined;
  /** The nick, folded; "" where there is none yet. */
  readonly folded: string;
  /** The address itself, where others see its cloak. */
  readonly realHost: string;
}

/**
 * The identities of `session`; a ban of any of them is meant for it. An observer has no name and is judged as the users of its
 * account, or those with its claim key, and as one of them at its own address; while none of them is connected, by the name of
 * the account. Without account and key nothing but its address and the name that it gave identifies it.
 */
export function identitiesOf({ state }: Hub, session: Session): readonly Identity[] {
  const { user, owner } = session;
  if (user !== undefined) return [user];
  const { account } = session;
  const users = account?.users ?? state.keyHolders.get(owner) ?? [];
  return [observerOf(session, users[0]?.nick ?? account?.name ?? session.nick, account), ...users];
}

const observers = new WeakMap<Session, Identity>();

/** What is known of a session without a user, kept with what has been judged of it. */
function observerOf(session: Session, nick: string, account: Account | undefined): Identity {
  const folded = nick === "*" ? "" : casefold(nick);
  const known = observers.get(session);
  if (known?.folded === folded && known.account === account) return known;
  const { host: realHost, displayHost, username } = session;
  const foldedSource = casefold(`${nick}!${username}@${displayHost}`);
  const observer = { folded, foldedSource, account, realHost, verdicts: undefined };
  observers.set(session, observer);
  return observer;
}
