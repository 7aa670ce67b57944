/** MONITOR (https://ircv3.net/specs/extensions/monitor). */
import type { Message } from "../../../irc/message.ts";
import { nickFault } from "../../../irc/names/name_rules.ts";
import {
  ERR_MONLISTFULL,
  ERR_NEEDMOREPARAMS,
  ERR_UNKNOWNERROR,
  RPL_ENDOFMONLIST,
  RPL_MONLIST,
  RPL_MONOFFLINE,
  RPL_MONONLINE,
} from "../../../irc/numerics.ts";
import type { Hub } from "../../hub.ts";
import { sendWatchedMetadata } from "../../fanout/metadata_replies.ts";
import { MAX_MONITORED } from "../../services/monitors.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { joinToLines } from "../../output/line_limits.ts";
import { sendWordList } from "../../fanout/replies.ts";

/** Bytes of names in one 734: the longest server name, nick and words around them still fit. */
const REFUSED_MAX_BYTES = 350;

function monitor(hub: Hub, session: Session, message: Message): void {
  const [modifier = "", list] = message.params;
  switch (modifier.toUpperCase()) {
    case "+":
    case "-":
      if (list === undefined) {
        return hub.numeric(session, ERR_NEEDMOREPARAMS, "MONITOR :Not enough parameters");
      }
      return modifier === "+" ? addMonitored(hub, session, list) : removeMonitored(hub, session, list);
    case "C":
      return hub.monitors.clear(session);
    case "L":
      sendWordList(hub, session, RPL_MONLIST, "", hub.monitors.watched(session), ",");
      return hub.numeric(session, RPL_ENDOFMONLIST, ":End of MONITOR list");
    case "S":
      return sendPresence(hub, session, hub.monitors.watched(session));
    default:
      return hub.numeric(
        session,
        ERR_UNKNOWNERROR,
        `MONITOR ${toSafeParam(modifier)} :It is +, -, C, L or S`,
      );
  }
}

/** What can't be a nick ("'target' MUST be a valid nick") is passed over: nobody will ever come by that name. */
function addMonitored(hub: Hub, session: Session, list: string): void {
  const added: string[] = [];
  const refused: string[] = [];
  for (const nick of new Set(list.split(","))) {
    if (nickFault(nick) !== undefined) continue;
    if (hub.monitors.add(session, nick)) added.push(nick);
    else refused.push(nick);
  }
  sendPresence(hub, session, added);
  for (const nicks of joinToLines(refused, ",", REFUSED_MAX_BYTES)) {
    hub.numeric(session, ERR_MONLISTFULL, `${MAX_MONITORED} ${nicks} :Monitor list is full.`);
  }
}

function removeMonitored(hub: Hub, session: Session, list: string): void {
  for (const nick of list.split(",")) hub.monitors.remove(session, nick);
}

function sendPresence(hub: Hub, session: Session, nicks: Iterable<string>): void {
  const [there, absent]: [User[], string[]] = [[], []];
  for (const nick of nicks) {
    const user = hub.state.user(nick);
    if (user === undefined) absent.push(nick);
    else there.push(user);
  }
  sendWordList(hub, session, RPL_MONONLINE, "", there.map(({ source }) => source), ",");
  sendWordList(hub, session, RPL_MONOFFLINE, "", absent, ",");
  hub.runInSteps(sendWatchedMetadata(hub, session, there));
}

export const MONITOR_VERBS: VerbTable = {
  MONITOR: { min: 1, who: "user", run: monitor },
};
