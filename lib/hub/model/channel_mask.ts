/**
 * Masks in the lists of a channel (+b, +e, +I): `nick!user@host` with `*` and `?`, or by account `~a:NAME`
 * (https://ircv3.net/specs/extensions/account-extban).
 */
import { utf8Length } from "../../base/bytes.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { compileMask, Mask } from "../../irc/names/mask.ts";
import { isMiddleParam } from "../../irc/message.ts";

/** Longest mask: the longest `nick!user@host` fits. */
export const MASK_MAX_BYTES = 120;

/** ISUPPORT EXTBAN and ACCOUNTEXTBAN. */
export const EXTBAN = "~,a";
export const ACCOUNT_EXTBAN = "a,account";

const BY_ACCOUNT = /^~(?:a|account):(.+)$/;
/** In `~user@host` the "~" is a username's. */
const UNKNOWN_EXTBAN = /^~[^:!@]*:/;
const NICK_USER_HOST = /^(?:([^!@]*)(?:!|(?=$)))?([^!@]*)(?:@([^!@]*))?$/;
const ACCOUNT_LEAD = "~a:";

/** The user that a mask is matched against. */
export interface MaskSubject {
  /** `nick!user@host`, casefolded. */
  readonly foldedSource: string;
  readonly account: { readonly folded: string } | undefined;
}

/** A mask of a list, folded and compiled once, because it is matched against many users. */
export class ChannelMask {
  /** Two masks are the same if their folded forms are. */
  readonly folded: string;
  readonly #byAccount: boolean;
  readonly #mask: Mask;

  /** `mask`: as {@link normalizeChannelMask} returns it, or saved when masks had other bounds. */
  constructor(mask: string) {
    this.folded = casefold(mask);
    this.#byAccount = mask.startsWith(ACCOUNT_LEAD);
    this.#mask = new Mask(this.#byAccount ? casefold(mask.slice(ACCOUNT_LEAD.length)) : this.folded);
  }

  /** Whether the mask matches the user. */
  matches({ foldedSource, account }: MaskSubject): boolean {
    if (!this.#byAccount) return this.#mask.matches(foldedSource);
    return account !== undefined && this.#mask.matches(account.folded);
  }
}

/**
 * Normal form of a mask: `bob` becomes `bob!*@*`, `user@host` becomes `*!user@host`. Undefined: `text` is not a
 * mask, or is beyond the bounds of `irc/names/mask.ts`.
 */
export function normalizeChannelMask(text: string): string | undefined {
  if (!isMiddleParam(text) || utf8Length(text) > MASK_MAX_BYTES) return undefined;
  const account = BY_ACCOUNT.exec(text)?.[1];
  if (account !== undefined) return compileMask(account) && ACCOUNT_LEAD + account;
  if (UNKNOWN_EXTBAN.test(text)) return undefined;
  const parts = NICK_USER_HOST.exec(text);
  if (parts === null) return undefined;
  const [, nick = "", user = "", host = ""] = parts;
  const mask = `${nick || "*"}!${user || "*"}@${host || "*"}`;
  return utf8Length(mask) > MASK_MAX_BYTES ? undefined : compileMask(mask) && mask;
}

/** Whether `mask` names only the account with this folded name, or only its nick, at any address or at some. */
export function namesAccount(mask: string, folded: string): boolean {
  const name = mask.startsWith(ACCOUNT_LEAD)
    ? mask.slice(ACCOUNT_LEAD.length)
    : mask.slice(0, mask.indexOf("!"));
  return casefold(name) === folded;
}
