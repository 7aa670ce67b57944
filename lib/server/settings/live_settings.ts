/** Which settings of the configuration file a running server takes over, when it reads its files again. */
import { SETTINGS } from "./config_file.ts";
import type { ServeFlags } from "./serve_flags.ts";

export type Setting = keyof ServeFlags;

/** The others need a restart. The content of the files that settings name is read again in any case. */
export const LIVE_SETTINGS: readonly Setting[] = [
  "password-file",
  "oper",
  "motd-file",
  "passphrase-min",
  "replay",
  "description",
  "icon",
  "admin",
  "trust-proxy",
  "notify",
  "notify-allow",
  "max-clients",
  "max-per-address",
  "connect-rate",
  "login-failures",
  "registrations",
  "nick-changes",
  "max-rooms-per-user",
  "max-rooms",
  "max-room-members",
  "register-timeout",
  "ping-timeout",
];

/** Fronts apply these themselves: those of a cluster's node do so whether it leads or not. */
export const FRONT_SETTINGS: readonly Setting[] = [
  "trust-proxy",
  "max-clients",
  "max-per-address",
  "connect-rate",
];

/** The settings that differ between `before` and `after`: those that can be taken over, and those that wait for a restart. */
export function compareSettings(
  before: ServeFlags,
  after: ServeFlags,
): { live: Setting[]; waiting: Setting[] } {
  const isLive = (name: Setting) => LIVE_SETTINGS.includes(name);
  const changed = SETTINGS.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return { live: changed.filter(isLive), waiting: changed.filter((name) => !isLive(name)) };
}
