/** What the server has made of our name, in words for the person. */
import { printable } from "../base/printable.ts";
import { formatAddress } from "../net/address.ts";
import type { Access } from "./access.ts";
import type { Standing } from "./credentials.ts";

/** A line to warn with; undefined: there is nothing to warn of. */
export function guestWords(standing: Standing, { address, name }: Access): string | undefined {
  if (standing.kind !== "guest") return undefined;
  const where = formatAddress(address);
  return printable(
    `${where} does not keep the name ${name} for you: ${standing.why}; going on as ${name}, without an account`,
  );
}

/** A line to begin with, where the name has become ours just now. */
export function ownerWords(standing: Standing, { address, key }: Access): string | undefined {
  if (standing.kind !== "member" || !standing.isNew) return undefined;
  const kept = key === undefined ? "" : `; the key is in ${key.path}`;
  return printable(`${standing.account} is yours on ${formatAddress(address)}${kept}`);
}
