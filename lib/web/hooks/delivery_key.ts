/** Keys of what hooks are sent: what a program sends again has the key that it had, and is stored once. */
import { nodeModules } from "../../base/platform/node_modules.ts";
import { HOUR_MS } from "../../base/values/time_unit.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { asObjects } from "./hook_text.ts";
import type { JsonObject } from "./hook_text.ts";

/** Hexadecimal digits of a key. */
const KEY_DIGITS = 32;

/**
 * The key of a message to `receiver`: a delivery may go to several. It is among the ids that clients of the account
 * choose; without `token`, the secret of the delivery, it cannot be found: those who find it could use it up.
 */
export function makeDeliveryKey(token: string, receiver: string, ...parts: readonly string[]): string {
  const text = JSON.stringify([casefold(receiver), ...parts]);
  return nodeModules.crypto.createHmac("sha256", token).update(text).digest("hex").slice(0, KEY_DIGITS);
}

/**
 * What tells a notification of Alertmanager or Grafana from others: the fingerprint, state and times of each alert.
 * A reminder (`repeat_interval`) has the same, so the hour of `now`, in milliseconds since the epoch, is part of it.
 * Undefined: `body` has no alerts, or they have no fingerprints.
 */
export function identifyAlerts(body: JsonObject, now: number): string | undefined {
  const alerts = asObjects(body.alerts).map(({ fingerprint, status, startsAt, endsAt }) =>
    JSON.stringify([fingerprint, status, startsAt, status === "resolved" ? endsAt : null])
  );
  const isKnown = alerts.length > 0 &&
    asObjects(body.alerts).every(({ fingerprint, startsAt }) =>
      typeof fingerprint === "string" && typeof startsAt === "string"
    );
  if (!isKnown) return undefined;
  const hour = Math.floor(now / HOUR_MS);
  return JSON.stringify([hour, body.groupKey ?? null, ...alerts.sort()]);
}
