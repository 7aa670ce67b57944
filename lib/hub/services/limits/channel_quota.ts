/**
 * Which address has made how many of the channels that exist. No address can make so many that others can make none: it may make one
 * more as long as those it has made are fewer than the free ones by a factor (dynamic thresholds, Choudhury and Hahne 1998).
 */
import { subnetOf } from "../../../base/ip.ts";
import type { AddressSet } from "../../../base/ip.ts";
import { CHANNEL_SHARE_DIVISOR } from "../../model/config.ts";

export class ChannelQuota {
  readonly #counts = new Map<string, number>();

  /** `max`: channels that exist at one time; those made from `exempt` addresses are nobody's share. */
  constructor(readonly max: number, readonly exempt: AddressSet) {}

  /** Whether somebody at `host` may make a channel while `all` exist. */
  canCreate(host: string, all: number): boolean {
    return this.exempt.has(host) ||
      (this.#counts.get(subnetOf(host)) ?? 0) * CHANNEL_SHARE_DIVISOR < this.max - all;
  }

  /** A channel is made from `host`; answers what {@link removeChannel} wants to know when it goes: "" where it does not count. */
  addChannel(host: string): string {
    if (host === "" || this.exempt.has(host)) return "";
    const site = subnetOf(host);
    this.#counts.set(site, (this.#counts.get(site) ?? 0) + 1);
    return site;
  }

  removeChannel(site: string): void {
    const count = this.#counts.get(site);
    if (count === undefined) return;
    if (count > 1) this.#counts.set(site, count - 1);
    else this.#counts.delete(site);
  }
}
