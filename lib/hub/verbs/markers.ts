/** MARKREAD (https://ircv3.net/specs/extensions/read-marker). */
import type { Message } from "../../irc/message.ts";
import { isRoomName, nickFault, roomFault } from "../../irc/names.ts";
import { seen } from "../findable.ts";
import type { Hub } from "../hub.ts";
import { markRead, sayMarker } from "../markers.ts";
import { quoted } from "../quote.ts";
import type { Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { timeOf } from "./history.ts";

/** `MARKREAD <target>` asks, `MARKREAD <target> timestamp=…` sets. */
function markread(hub: Hub, session: Session, message: Message, user: User): void {
  const [name = "", until] = message.params;
  const fail = (code: string, about: string, text: string) =>
    hub.fail(session, "MARKREAD", code, about, text);
  if (name === "") return fail("NEED_MORE_PARAMS", "", "Missing parameters");
  if ((isRoomName(name) ? roomFault(name) : nickFault(name)) !== undefined) {
    return fail("INVALID_PARAMS", quoted(name), "Neither a room nor a nick");
  }
  const target = spelled(hub, session, name);
  if (until === undefined) return sayMarker(hub, session, user, target);
  const time = timeOf(until);
  if (time === undefined) {
    return fail(
      "INVALID_PARAMS",
      `${target} ${quoted(until)}`,
      "One reads until timestamp=YYYY-MM-DDThh:mm:ss.sssZ",
    );
  }
  markRead(hub, session, user, target, time);
}

/** As it is spelled here. */
function spelled(hub: Hub, session: Session, name: string): string {
  if (isRoomName(name)) return seen(session, hub.state.room(name))?.name ?? name;
  return hub.state.user(name)?.nick ?? hub.accounts.get(name)?.name ?? name;
}

export const MARKER_VERBS: VerbTable = {
  MARKREAD: { min: 0, who: "user", run: markread },
};
