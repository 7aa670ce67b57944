/** What a front applies itself of its setup, of which a hub may change a part while the front runs. */
import { AddressSet } from "../base/ip.ts";
import { SEND_BUDGET_BYTES, SEND_SHARE_BYTES, SendBudget } from "../net/send_budget.ts";
import { SEND_QUEUE_MAX_BYTES } from "../net/send_queue.ts";
import { AddressLimits } from "../server/listen/address_limits.ts";
import type { FrontSetup } from "../server/relay/front_setup.ts";

export class FrontSettings {
  readonly budget: SendBudget;
  readonly addresses: AddressLimits;
  /** Trusted proxies. */
  readonly proxies: AddressSet;
  /** Of this front. */
  maxClients: number;

  constructor({ fronts, limits, exempt, proxies = [], maxClients }: FrontSetup) {
    const share = Math.max(SEND_SHARE_BYTES / fronts, SEND_QUEUE_MAX_BYTES);
    this.budget = new SendBudget(SEND_BUDGET_BYTES / fronts, share);
    this.addresses = new AddressLimits(limits, new AddressSet(exempt), this.budget);
    this.proxies = new AddressSet(proxies);
    this.maxClients = maxClients;
  }

  /** Takes over what can change at run time, for later connections; all else is as at the start. */
  replace({ limits, proxies = [], maxClients }: FrontSetup): void {
    this.addresses.replaceLimits(limits);
    this.proxies.replace(proxies);
    this.maxClients = maxClients;
  }
}
