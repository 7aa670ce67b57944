import { CAP } from "../../irc/capabilities.ts";
import { utf8Length } from "../../base/bytes.ts";
import { parseCidr } from "../../base/ip.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { compileMask } from "../../irc/names/mask.ts";
import type { HubContext, Services } from "../context.ts";
import type { Ban } from "../model/ban.ts";
import { MASK_MAX_BYTES } from "../model/channel_mask.ts";
import type { Account, Session } from "../model/state/entities.ts";
import { banSubjectOf, MASK_KINDS, parseBanMask } from "../services/bans.ts";
import type { BanSubject } from "../services/bans.ts";
import { identitiesOf } from "./identities.ts";
import type { BanIdentity } from "./identities.ts";

/**
 * Converts `text` to a ban mask. It is a mask with its kind, an address or a block of addresses, or a nick. A nick
 * stands for the account of the user holding it or the account owning it, or, without an account, for the name
 * itself. Undefined: it is none of these.
 */
export function toBanMask(context: HubContext, services: Services, text: string): string | undefined {
  if (utf8Length(text) > MASK_MAX_BYTES) return undefined;
  const kind = MASK_KINDS.find((each) => text.startsWith(`${each}:`));
  if (kind !== undefined) return compileMask(text) && parseBanMask(text) && text;
  if (parseCidr(text) !== undefined) return `address:${text}`;
  const account = context.state.user(text)?.account ?? services.accounts.get(text);
  if (account !== undefined) return `account:${account.name}`;
  const mask = `name:${text}`;
  return compileMask(mask) && parseBanMask(mask) && mask;
}

/** What ban masks are matched against for `session`; an observer is banned like each user that it belongs to. */
export function banSubjectsOf(context: HubContext, session: Session): readonly BanSubject[] {
  return session.caps.has(CAP.observer)
    ? identitiesOf(context, session).map(banSubjectOfIdentity)
    : [banSubjectOf(session)];
}

/** The ban that applies to `session`, or would if its nick were `nick` where that is given; undefined: none. */
export function findBan(
  context: HubContext,
  services: Services,
  session: Session,
  nick?: string,
): Ban | undefined {
  const people = nick === undefined || session.caps.has(CAP.observer)
    ? banSubjectsOf(context, session)
    : [{ ...banSubjectOf(session), folded: casefold(nick) }];
  if (
    session.user?.isServerOperator || people.some(({ account }) => isServerOperatorAccount(services, account))
  ) {
    return undefined;
  }
  for (const person of people) {
    const ban = services.bans.find("ban", person, context.now);
    if (ban !== undefined) return ban;
  }
  return undefined;
}

/** Whether a login to `account` makes a server operator. */
export function isServerOperatorAccount(services: Services, account: Account | undefined): boolean {
  return services.serverOperators.has(account);
}

/** What ban masks are matched against for a user or another identity. */
export function banSubjectOfIdentity({ folded, account, realHost: host }: BanIdentity): BanSubject {
  return { folded, account, host };
}
