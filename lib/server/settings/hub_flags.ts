/** Flags of `serve` that configure the hub: how the server describes itself, the lobby, the passphrases of accounts. */
import { utf8Length } from "../../base/bytes.ts";
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import { FLAG_GROUP } from "./flag_groups.ts";
import { DESCRIPTION_MAX_BYTES } from "../../hub/model/config.ts";
import type { HubConfig } from "../../hub/model/config.ts";
import { fitsIsupportLine } from "../../irc/isupport.ts";
import { channelFault } from "../../irc/names/name_rules.ts";
import { NAME_FAULT_TEXT } from "../../irc/names/new_name_rules.ts";
import { PASSPHRASE_MIN_BYTES, PASSPHRASE_MIN_RANGE } from "../../irc/sasl/passphrase.ts";
import { DEFAULT_LOBBY } from "../../irc/vendor_extensions.ts";

export const HUB_FLAGS = {
  description: {
    type: "string",
    value: "TEXT",
    group: FLAG_GROUP.shown,
    help: "description of the server, for LINKS and WHOIS (default: the network name)",
  },
  icon: {
    type: "string",
    value: "URL",
    group: FLAG_GROUP.shown,
    help: "image that clients show for the server, preferably square and https (ISUPPORT draft/ICON)",
  },
  lobby: {
    type: "string",
    value: "#NAME|off",
    group: FLAG_GROUP.shown,
    help:
      `room that always exists and that chatterbox join enters; off: no such room (default ${DEFAULT_LOBBY})`,
  },
  "passphrase-min": {
    type: "integer",
    value: "BYTES",
    min: PASSPHRASE_MIN_RANGE.min,
    max: PASSPHRASE_MIN_RANGE.max,
    group: FLAG_GROUP.accounts,
    help: `minimum length of the passphrase of a new account (default ${PASSPHRASE_MIN_BYTES})`,
  },
} as const satisfies FlagTable;

type HubFlags = FlagValues<typeof HUB_FLAGS>;

export type HubSettings = Pick<HubConfig, "description" | "icon" | "lobby" | "passphraseMinBytes">;

export function resolveHubSettings(flags: HubFlags): HubSettings | { why: string } {
  const { description, icon, lobby, "passphrase-min": passphraseMinBytes } = flags;
  if (description !== undefined && !isDescription(description)) {
    return { why: `--description: one line of 1 to ${DESCRIPTION_MAX_BYTES} bytes` };
  }
  if (icon !== undefined && !isIcon(icon)) {
    return {
      why: `--icon ${icon}: not the URL of an image (https://…), or too long for a line of ISUPPORT`,
    };
  }
  const fault = lobby === undefined || lobby === "off" ? undefined : channelFault(lobby);
  if (fault !== undefined) {
    return { why: `--lobby ${lobby}: neither a room name nor off: ${NAME_FAULT_TEXT[fault]}` };
  }
  return {
    ...description !== undefined && { description },
    ...icon !== undefined && { icon },
    ...lobby !== undefined && { lobby: lobby === "off" ? "" : lobby },
    ...passphraseMinBytes !== undefined && { passphraseMinBytes },
  };
}

function isDescription(text: string): boolean {
  return text.trim() !== "" && utf8Length(text) <= DESCRIPTION_MAX_BYTES && !/\p{Cc}/u.test(text);
}

function isIcon(url: string): boolean {
  return /^https?:\/\/[!-~]+$/i.test(url) && URL.canParse(url) && fitsIsupportLine("draft/ICON", url);
}
