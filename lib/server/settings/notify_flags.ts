/** Flags of `serve` for notifications, which it sends to the notify URLs of accounts. */
import { AddressSet, parseCidr } from "../../base/ip.ts";
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";

const group = "Notifications of pages (notify URLs of accounts)";

export const NOTIFY_FLAGS = {
  notify: {
    type: "string",
    value: "on|off",
    choices: ["on", "off"],
    group,
    help: "off: the server sends nothing to notify URLs (default on)",
  },
  "notify-allow": {
    type: "string",
    repeatable: true,
    value: "ADDRESS|CIDR",
    group,
    help: "address that is not public, or is this machine's, to which notifications may go all the same",
  },
} as const satisfies FlagTable;

/** Where notifications may go. */
export class NotifyPolicy {
  /** Addresses to which they may go although they are not public. */
  readonly allowed: AddressSet;

  constructor(public isOn: boolean, allowed: readonly string[]) {
    this.allowed = new AddressSet(allowed);
  }

  /** Takes over `other`, for everything that holds this policy. */
  replace(other: NotifyPolicy): void {
    this.isOn = other.isOn;
    this.allowed.replace(other.allowed.members);
  }
}

export function resolveNotifyPolicy(
  flags: FlagValues<typeof NOTIFY_FLAGS>,
): { notify: NotifyPolicy } | { why: string } {
  const members = flags["notify-allow"].flatMap((text) => text.split(",")).map((text) =>
    text.trim().replace(/^\[(.*)\]$/, "$1")
  );
  const wrong = members.find((text) => parseCidr(text) === undefined);
  if (wrong !== undefined) {
    return { why: `--notify-allow ${wrong}: not an address, nor a block such as 192.168.0.0/16` };
  }
  return { notify: new NotifyPolicy(flags.notify !== "off", members) };
}
