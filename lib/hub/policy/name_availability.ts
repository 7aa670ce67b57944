/** Refuses names that are valid in themselves but taken, reserved, or too similar to an existing name. */
import { casefold } from "../../irc/names/casemap.ts";
import { NAME_FAULT_TEXT, newChannelFault } from "../../irc/names/new_name_rules.ts";
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

/** The ways to log in to the account `name`, for users with a client that is not configured for SASL. */
export function loginInstructions(name: string): string {
  return `log in with SASL, with PASS ${name}:PASSPHRASE, or under another name with ` +
    `/msg NickServ IDENTIFY ${name} PASSPHRASE`;
}

/**
 * The refusal of the nick `wanted` if `holder` has it or an account owns it; undefined if neither is so. `account`:
 * the account that the requesting session is logged in to. The code is 433 in each case, because clients know how
 * to handle it.
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
    return `Nickname is reserved for up to ${
      GRACE_PERIOD_MS / 1000
    } seconds: its user has lost the connection${login}`;
  }
  if (owner === undefined) return "Nickname belongs to an account that the server cannot read";
  return `Nickname is registered${login}`;
}

/**
 * The refusal of the nick or account `name` to `session` because it is reserved or a look-alike; undefined:
 * neither. A name given by `--oper` is reserved for its account until that account exists. The account of that name
 * may use it in any case, unless the name is one of the server or of a service.
 *
 * A look-alike is answered like a name in use: clients know how to handle that, and the name that they try next
 * (with `_` appended) is no longer a look-alike.
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
    return { code: ERR_ERRONEUSNICKNAME, words: "This name is reserved for an operator of the server" };
  }
  const holder = context.state.user(name);
  if (isOwn || holder !== undefined && holder !== session.user) return undefined; // the name and its spelling stay
  const other = findLookalike(context, services, session, name);
  return other === undefined
    ? undefined
    : { code: ERR_NICKNAMEINUSE, words: `This name looks like ${other}, which is taken` };
}

/** A look-alike of `name` that another user has now, or that belongs to another account. */
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
 * The reason, in words, why no new channel can be called `name`; undefined: it can, or the channel exists already,
 * if only as history. `renamed`: the existing channel that is to get the name. A channel that `session` may not
 * know of is ignored: the refusal would reveal it.
 */
export function newChannelRefusal(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
  renamed?: ConversationLog,
): string | undefined {
  const { channels } = services.history;
  const known = channels.get(casefold(name));
  if (known !== undefined && known !== renamed) return undefined;
  const fault = newChannelFault(name);
  if (fault !== undefined) return NAME_FAULT_TEXT[fault];
  for (const target of channels.lookalikes(name)) {
    if (target !== renamed && canSee(session, target, context.state.channel(target.name))) {
      return `This name looks like ${target.name}, which exists`;
    }
  }
  return undefined;
}

/** Whether accounts allow `session` the nick `wanted`: no account owns it, or the session's own does. */
function isNickAllowed(
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
 * The channel formerly called `name`; undefined: there was none, or it is gone, so that the name is free. The
 * channel counts as long as it has members or an account owns it.
 */
export function findByFormerName(
  context: HubContext,
  services: Services,
  name: string,
): ConversationLog | undefined {
  const target = services.history.formerNames.find(name, context.now);
  if (target === undefined) return undefined;
  const folded = casefold(target.name);
  const isThere = context.state.channels.get(folded)?.conversation === target ||
    services.history.channels.get(folded) === target &&
      services.channelSettings.hasRememberedOperator(target.settings);
  return isThere ? target : undefined;
}
