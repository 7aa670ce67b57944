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
 * `text` as a mask: one that says what it is of, an address or a block of them, or a nick, which stands for the account that
 * its holder has or that it belongs to, and else for itself. Undefined: it is none of these.
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

/** The same for `session`; an observer is held out as each user that it belongs to. */
export function banSubjectsOf(context: HubContext, session: Session): readonly BanSubject[] {
  return session.caps.has(CAP.observer)
    ? identitiesOf(context, session).map(banSubjectOfIdentity)
    : [banSubjectOf(session)];
}

/** The ban that holds `session` out, if it was called `nick` where that is given; undefined: none does. */
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

/** True when who is logged in to `account` is a server operator by that. */
export function isServerOperatorAccount(services: Services, account: Account | undefined): boolean {
  return services.serverOperators.has(account);
}

/** What the masks see of a user, or of what else stands for a person. */
export function banSubjectOfIdentity({ folded, account, realHost: host }: BanIdentity): BanSubject {
  return { folded, account, host };
}
