/** Names that are good as such and free, and are refused because of the names that there are. */
import { casefold } from "../../irc/names/casemap.ts";
import { NAME_FAULT_TEXT, newChannelFault } from "../../irc/names/name_rules.ts";
import { ERR_ERRONEUSNICKNAME, ERR_NICKNAMEINUSE } from "../../irc/numerics.ts";
import { accountOf, ownerOf } from "../model/state/entities.ts";
import type { Account, Session, User } from "../model/state/entities.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { GRACE_PERIOD_MS } from "../model/config.ts";
import type { HubContext, Services } from "../context.ts";
import { canSee } from "./channel_access.ts";

export interface NameRefusal {
  /** The numeric that answers NICK. */
  readonly code: string;
  readonly words: string;
}

/** The ways to log in to the account `name`, for people with a client that is not set up for SASL. */
export function loginInstructions(name: string): string {
  return `log in by SASL, with the server password ${name}:PASSPHRASE (PASS), or under another nick by ` +
    `/msg NickServ IDENTIFY ${name} PASSPHRASE`;
}

/**
 * The refusal of the nick `wanted`, which `holder` has or which an account owns; undefined where neither is so. `account`: the
 * account that the asking session is logged in to. The code is 433 in each case, because clients know what to do then.
 */
export function nickInUseRefusal(
  context: HubContext,
  services: Services,
  wanted: string,
  holder: User | undefined,
  account: Account | undefined,
): NameRefusal | undefined {
  const isOwned = !isNickAllowed(context, services, wanted, account);
  if (holder === undefined && !isOwned) return undefined;
  return { code: ERR_NICKNAMEINUSE, words: nickInUseText(services, wanted, holder, isOwned) };
}

function nickInUseText(
  services: Services,
  wanted: string,
  holder: User | undefined,
  isOwned: boolean,
): string {
  const owner = isOwned ? services.accounts.get(wanted) : undefined;
  const login = owner === undefined ? "" : `. If it is yours, ${loginInstructions(owner.name)}`;
  if (holder !== undefined && holder.pendingQuit === undefined) return `Nickname is already in use${login}`;
  if (holder !== undefined) {
    return `Nickname is kept for up to ${
      GRACE_PERIOD_MS / 1000
    } seconds: the connection of its user has broken${login}`;
  }
  if (owner === undefined) return "Nickname belongs to an account that the server cannot read";
  return `Nickname is registered, and its owner is not online under it${login}`;
}

/**
 * Why `session` may not have the nick or the account `name`, as far as reserved names and look-alikes go; undefined: nothing is
 * against it. A name that `--oper` gives is kept for its account, as long as there is none. The account of that name has it in any case, unless it is a name of the server or of a service.
 *
 * A look-alike is answered as a name in use is: clients know what to do then, and the name that they make of it (`_` behind
 * it) looks like another.
 */
export function nameRefusal(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
): NameRefusal | undefined {
  const own = accountOf(session);
  const isOwn = own !== undefined && own.folded === casefold(name);
  const reservation = context.reservedNames.reservedFor(name);
  if (reservation === "server" || reservation === "staff" && !isOwn) {
    return { code: ERR_ERRONEUSNICKNAME, words: "This name is reserved for the server and its operators" };
  }
  const operator = context.reservedNames.findOperator(name);
  if (operator !== undefined && services.accounts.get(operator) === undefined) {
    return { code: ERR_ERRONEUSNICKNAME, words: "This name is kept for an operator of the server" };
  }
  const holder = context.state.user(name);
  if (isOwn || holder !== undefined && holder !== session.user) return undefined; // the name and its spelling stay
  const other = findLookalike(context, services, session, name);
  return other === undefined
    ? undefined
    : { code: ERR_NICKNAMEINUSE, words: `This name looks like ${other}, which is taken` };
}

/** A name like `name` that another user has now, or that belongs to another account. */
function findLookalike(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
): string | undefined {
  const own = accountOf(session);
  const owner = ownerOf(session);
  for (const { nick, owner: holder } of context.state.users.lookalikes(name)) {
    if (holder !== owner) return nick;
  }
  if (context.config.accounts === "off") return undefined;
  for (const account of services.accounts.lookalikes(name)) if (account !== own) return account.name;
  return undefined;
}

/**
 * Why there can be no new channel called `name`, in words; undefined: nothing is against it, or there is such a channel, be it that
 * only its history is left. `renamed` is what gets the name, if it is no new channel. A channel that `session` may not know of
 * counts as none: the refusal would tell that it exists.
 */
export function newChannelRefusal(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
  renamed?: ConversationLog,
): string | undefined {
  const { channels } = services.archive;
  const known = channels.get(casefold(name));
  if (known !== undefined && known !== renamed) return undefined;
  const fault = newChannelFault(name);
  if (fault !== undefined) return NAME_FAULT_TEXT[fault];
  for (const target of channels.lookalikes(name)) {
    if (target !== renamed && canSee(session, target, context.state.channel(target.name))) {
      return `The name looks like that of ${target.name}`;
    }
  }
  return undefined;
}

/** True when `session` may have the nick `wanted` as far as accounts go: nobody's, or its own. */
export function isNickAllowed(
  context: HubContext,
  services: Services,
  wanted: string,
  account: Account | undefined,
): boolean {
  if (context.config.accounts === "off") return true;
  if (services.accounts.isUnreadable(wanted)) return false;
  const owned = services.accounts.get(wanted);
  return owned === undefined || owned === account;
}

/**
 * The channel that was called `name` before; undefined: none was, or it is gone, so that the name is free. It is there while it has
 * members, or an account owns it.
 */
export function findByFormerName(
  context: HubContext,
  services: Services,
  name: string,
): ConversationLog | undefined {
  const target = services.archive.formerNames.find(name, context.now);
  if (target === undefined) return undefined;
  const folded = casefold(target.name);
  const isThere = context.state.channels.get(folded)?.conversation === target ||
    services.archive.channels.get(folded) === target &&
      services.channelSettings.hasRememberedOperator(target.settings);
  return isThere ? target : undefined;
}
