/** What the masks of bans are held against. */
import type { Account } from "./accounts.ts";
import type { Source } from "./event.ts";
import type { Hub } from "./hub.ts";
import type { Session, User } from "./state.ts";

/** A name, an account and an address that stand for one person. */
export interface Identity {
  readonly nick: string;
  /** As others see it, thus with the cloak of the address where there are cloaks. */
  readonly source: Source;
  readonly account: Account | undefined;
  /** The address itself. */
  readonly host: string;
}

/**
 * The identities of `session`; a ban of any of them is meant for it. An observer has no name and is judged as the users of its
 * account, or those with its claim key, and as one of them at its own address; while none of them is connected, by the name of
 * the account. Without account and key nothing but its address and the name that it gave identifies it.
 */
export function identitiesOf({ accounts, state }: Hub, session: Session): readonly Identity[] {
  const { user, host, displayHost, owner, username } = session;
  if (user !== undefined) return [identityOf(user)];
  const account = session.account ?? accounts.of(owner);
  const users = account?.users ?? state.keyHolders.get(owner) ?? [];
  const nick = users[0]?.nick ?? account?.name ?? session.nick;
  return [{ nick, source: `${nick}!${username}@${displayHost}`, account, host }, ...users.map(identityOf)];
}

function identityOf({ nick, source, account, realHost: host }: User): Identity {
  return { nick, source, account, host };
}
