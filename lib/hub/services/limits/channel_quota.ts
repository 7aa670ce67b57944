/**
 * Number of existing channels that each site has created. No site can create so many that others can create none:
 * it may create another one while the number of its channels, times a factor, is below the number of free ones
 * (dynamic thresholds, Choudhury and Hahne 1998).
 */
import { assert } from "../../../base/assert.ts";
import { subnetOf } from "../../../base/ip.ts";
import type { AddressSet } from "../../../base/ip.ts";
import { CHANNEL_SHARE_DIVISOR } from "../../model/config.ts";

export class ChannelQuota {
  readonly #counts = new Map<string, number>();

  /** `max`: most channels at one time; those created from `exempt` addresses count for no site. */
  constructor(public max: number, readonly exempt: AddressSet) {}

  /** Whether a user at `host` may create a channel while `all` exist. */
  canCreate(host: string, all: number): boolean {
    return this.exempt.has(host) ||
      (this.#counts.get(subnetOf(host)) ?? 0) * CHANNEL_SHARE_DIVISOR < this.max - all;
  }

  /**
   * Counts a channel created from `host`. Returns the site to pass to {@link removeChannel} when it ends; "": it is
   * not counted.
   */
  addChannel(host: string): string {
    if (host === "" || this.exempt.has(host)) return "";
    const site = subnetOf(host);
    this.#counts.set(site, (this.#counts.get(site) ?? 0) + 1);
    return site;
  }

  removeChannel(site: string): void {
    if (site === "") return;
    const count = this.#counts.get(site) ?? 0;
    assert(count > 0, "a channel that ends was counted");
    if (count > 1) this.#counts.set(site, count - 1);
    else this.#counts.delete(site);
  }
}
