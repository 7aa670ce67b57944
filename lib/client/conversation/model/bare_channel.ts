/** The advice at a name that may be meant as a channel. Pure. */
import { isSameName } from "../../../irc/names/casemap.ts";
import { CHANNEL_PREFIX, isChannelName } from "../../../irc/names/name_rules.ts";

/** `; for the room: #ops` where `name` is `ops` and `#ops` is one of `channels`; otherwise "". */
export function adviseChannelPrefix(name: string, channels: readonly string[]): string {
  if (isChannelName(name)) return "";
  const channel = channels.find((each) => isSameName(each, CHANNEL_PREFIX + name));
  return channel === undefined ? "" : `; for the room: ${channel}`;
}
