/**
 * Which address has made how many of the rooms that exist. No address can make so many that others can make none: it may make one
 * more as long as those it has made are fewer than the free ones by a factor (dynamic thresholds, Choudhury and Hahne 1998).
 */
import { siteOf } from "../base/ip.ts";
import type { AddressSet } from "../base/ip.ts";
import { ROOM_SHARE_DIVISOR } from "./config.ts";

export class RoomShares {
  readonly #counts = new Map<string, number>();

  /** `max`: rooms that exist at one time; those made from `exempt` addresses are nobody's share. */
  constructor(readonly max: number, readonly exempt: AddressSet) {}

  /** Whether somebody at `host` may make a room while `all` exist. */
  mayMake(host: string, all: number): boolean {
    return this.exempt.has(host) ||
      (this.#counts.get(siteOf(host)) ?? 0) * ROOM_SHARE_DIVISOR < this.max - all;
  }

  /** A room is made from `host`; answers what {@link gone} wants to know when it goes: "" where it does not count. */
  made(host: string): string {
    if (host === "" || this.exempt.has(host)) return "";
    const site = siteOf(host);
    this.#counts.set(site, (this.#counts.get(site) ?? 0) + 1);
    return site;
  }

  gone(site: string): void {
    const count = this.#counts.get(site);
    if (count === undefined) return;
    if (count > 1) this.#counts.set(site, count - 1);
    else this.#counts.delete(site);
  }
}
