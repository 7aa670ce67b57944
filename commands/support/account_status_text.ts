/** What the server has made of our name, in words for the person. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { ClientLogin } from "./client_login.ts";
import type { AccountStatus } from "../../lib/client/session/credentials.ts";

/** A line to warn with; undefined: there is nothing to warn of. */
export function describeMissingAccount(
  standing: AccountStatus,
  { address, name }: ClientLogin,
): string | undefined {
  if (standing.kind !== "guest") return undefined;
  const where = formatAddress(address);
  return toPrintable(
    `${name} is not registered on ${where}: ${standing.why}; continuing without an account`,
  );
}

/** A line to begin with, where the name has become ours just now. */
export function describeNewAccount(
  standing: AccountStatus,
  { address, key }: ClientLogin,
): string | undefined {
  if (standing.kind !== "member" || !standing.isNew) return undefined;
  const kept = key === undefined ? "" : `; the key is in ${key.path}`;
  return toPrintable(`${standing.account} is yours on ${formatAddress(address)}${kept}`);
}
