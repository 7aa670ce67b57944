/** MARKREAD (https://ircv3.net/specs/extensions/read-marker). */
import type { Message } from "../../../irc/message.ts";
import { channelFault, isChannelName } from "../../../irc/names/name_rules.ts";
import { nickFault } from "../../../irc/names/new_name_rules.ts";
import { visibleChannel } from "../../policy/visibility.ts";
import type { HubContext, Services } from "../../context.ts";
import { markRead, sendMarker } from "../../fanout/history/read_marker_updates.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { parseTimestampParam } from "./history_params.ts";
import type { Param } from "../../output/framed_params.ts";

/** `MARKREAD <target>` queries the read marker, `MARKREAD <target> timestamp=…` sets it. */
function markread(
  context: HubContext,
  services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  const [name = "", until] = message.params;
  const fail = (code: string, about: readonly Param[], text: string) =>
    context.fail(session, "MARKREAD", code, about, text);
  if (name === "") return fail("NEED_MORE_PARAMS", [], "Missing parameters");
  if ((isChannelName(name) ? channelFault(name) : nickFault(name)) !== undefined) {
    return fail("INVALID_PARAMS", [name], "The target must be a room or a name");
  }
  const target = displayName(context, services, session, name);
  if (until === undefined) return sendMarker(context, services, session, user, target);
  const time = parseTimestampParam(until);
  if (time === undefined) {
    return fail(
      "INVALID_PARAMS",
      [target, until],
      "A read marker is set with timestamp=YYYY-MM-DDThh:mm:ss.sssZ",
    );
  }
  markRead(context, services, session, user, target, time);
}

/** Name of the target as it is spelled on this server. */
function displayName(context: HubContext, services: Services, session: Session, name: string): string {
  if (isChannelName(name)) return visibleChannel(session, context.state.channel(name))?.name ?? name;
  return context.state.user(name)?.nick ?? services.accounts.get(name)?.name ?? name;
}

export const READ_MARKER_VERBS: VerbTable = {
  MARKREAD: { min: 0, who: "user", run: markread },
};
