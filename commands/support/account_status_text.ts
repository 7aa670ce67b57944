/** What the login of the name came to, as text. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { ClientLogin } from "./client_login.ts";
import type { AccountStatus } from "../../lib/client/session/credentials.ts";

/** A warning; undefined: none is necessary. */
export function describeMissingAccount(
  status: AccountStatus,
  { address, name }: ClientLogin,
): string | undefined {
  if (status.kind !== "no_account") return undefined;
  const where = formatAddress(address);
  return toPrintable(
    `${name} is not registered on ${where}: ${status.why}; continuing without an account`,
  );
}

/** The news that the name has been registered; undefined: it has not. */
export function describeNewAccount(
  status: AccountStatus,
  { address, key }: ClientLogin,
): string | undefined {
  if (status.kind !== "logged_in" || !status.isNew) return undefined;
  const kept = key === undefined ? "" : `; the key is in ${key.path}`;
  return toPrintable(`${status.account} is yours on ${formatAddress(address)}${kept}`);
}
