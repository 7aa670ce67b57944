/** WHOWAS entries: users that had a nick before. Only the newest, and only since the server started. */
import { casefold } from "../../irc/names/casemap.ts";
import type { User } from "../model/state/entities.ts";

/** Most entries; beyond that the oldest are dropped. */
export const MAX_PAST_NAMES = 1000;

/** A user that had `nick` until `until` (milliseconds since the epoch). */
export interface PastName {
  readonly nick: string;
  readonly folded: string;
  readonly username: string;
  /** Host that other users saw. */
  readonly host: string;
  /** Address. */
  readonly realHost: string;
  readonly realname: string;
  /** Name of the account; "" without one. */
  readonly account: string;
  readonly until: number;
}

export class Whowas {
  /** The oldest first. */
  readonly #past: PastName[] = [];

  /** Adds the nick that `user` gives up. */
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

  /** At most `count` entries of the nick, the newest first. */
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
