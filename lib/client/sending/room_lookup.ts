/** Whether a name without # that is no user's is that of a room: people leave the # out, and shells drop it. */
import { RPL_LIST } from "../../irc/numerics.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { CHANNEL_PREFIX, channelFault, isChannelName } from "../../irc/names/name_rules.ts";
import type { Link } from "../connection/link.ts";

/** The error is known already, and waits for this hint. */
const MAX_ROOM_LOOKUP_MS = 1000;

/** The room `#NAME` as the server spells it; undefined: there is none that we may see, or the server does not answer. */
export async function findRoomNamed(
  link: Link,
  name: string,
  remainingMs: number,
): Promise<string | undefined> {
  const room = CHANNEL_PREFIX + name;
  if (isChannelName(name) || channelFault(room) !== undefined) return undefined;
  const list = await link.request(
    { command: "LIST", params: [room] },
    Math.max(0, Math.min(remainingMs, MAX_ROOM_LOOKUP_MS)),
  );
  if (list.kind !== "answered") return undefined;
  // <client> <channel> <members> :<topic>
  const row = list.lines.find(({ command, params }) =>
    command === RPL_LIST && isSameName(params[1] ?? "", room)
  );
  return row?.params[1];
}
