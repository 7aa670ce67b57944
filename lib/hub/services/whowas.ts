/** Who had which name and has it no more, for WHOWAS: the latest only, and only since the server's start. */
import { casefold } from "../../irc/names/casemap.ts";
import type { User } from "../model/state/entities.ts";

/** Names of the past that are kept; of more the oldest are forgotten. */
export const MAX_PAST_NAMES = 1000;

/** Somebody who had `nick` until `until` (milliseconds since the epoch). */
export interface PastName {
  readonly nick: string;
  readonly folded: string;
  readonly username: string;
  /** What others saw. */
  readonly host: string;
  /** The address. */
  readonly realHost: string;
  readonly realname: string;
  /** Name of the account; "" without one. */
  readonly account: string;
  readonly until: number;
}

export class Whowas {
  /** The oldest first. */
  readonly #past: PastName[] = [];

  /** `user` gives its name up. */
  addPastName({ nick, folded, username, host, realHost, realname, account }: User, now: number): void {
    if (this.#past.length >= MAX_PAST_NAMES) this.#past.shift();
    const past = {
      nick,
      folded,
      username,
      host,
      realHost,
      realname,
      account: account?.name ?? "",
      until: now,
    };
    this.#past.push(past);
  }

  /** At most `count` who had the name, the latest first. */
  find(nick: string, count: number): PastName[] {
    const folded = casefold(nick);
    const found: PastName[] = [];
    for (let index = this.#past.length - 1; index >= 0 && found.length < count; index--) {
      const past = this.#past[index]!;
      if (past.folded === folded) found.push(past);
    }
    return found;
  }
}
