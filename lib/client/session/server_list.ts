/** The addresses of one chat, such as the nodes of a cluster, and the one to begin with. */
import { formatAddress } from "../../net/address.ts";
import type { Address } from "../../net/address.ts";

export class ServerList {
  readonly #addresses: readonly Address[];
  #current = 0;

  constructor(addresses: readonly Address[]) {
    this.#addresses = addresses;
  }

  /** As it is given to a client: the addresses with commas between them. */
  get text(): string {
    return this.#addresses.map(formatAddress).join(",");
  }

  /** All addresses, each once, from the one to begin with on. */
  inOrder(): readonly Address[] {
    return [...this.#addresses.slice(this.#current), ...this.#addresses.slice(0, this.#current)];
  }

  /** `address` has answered: connections begin with it from now on. */
  stayWith(address: Address): void {
    this.#current = Math.max(0, this.#addresses.indexOf(address));
  }

  /** A connection to `address` was lost: connections begin with the one behind it. */
  leave(address: Address): void {
    if (this.#addresses[this.#current] === address) {
      this.#current = (this.#current + 1) % this.#addresses.length;
    }
  }
}
