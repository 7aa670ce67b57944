/** MONITOR (https://ircv3.net/specs/extensions/monitor). */
import type { Message } from "../../../irc/message.ts";
import { nickFault } from "../../../irc/names/new_name_rules.ts";
import {
  ERR_MONLISTFULL,
  ERR_UNKNOWNERROR,
  RPL_ENDOFMONLIST,
  RPL_MONLIST,
  RPL_MONOFFLINE,
  RPL_MONONLINE,
} from "../../../irc/numerics.ts";
import type { HubContext, Services } from "../../context.ts";
import { sendWatchedMetadata } from "../../fanout/metadata_replies.ts";
import { MAX_MONITORED } from "../../services/monitors.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { joinToLines } from "../../output/line_limits.ts";
import { needMoreParams, sendWordList } from "../../fanout/replies.ts";
import { SAFE_PARAM_MAX_BYTES } from "../../output/safe_param.ts";

function monitor(context: HubContext, services: Services, session: Session, message: Message): void {
  const [modifier = "", list] = message.params;
  switch (modifier.toUpperCase()) {
    case "+":
    case "-":
      if (list === undefined) {
        return needMoreParams(context, session, "MONITOR");
      }
      return modifier === "+"
        ? addMonitored(context, services, session, list)
        : removeMonitored(services, session, list);
    case "C":
      return services.monitors.clear(session);
    case "L":
      sendWordList(context, session, RPL_MONLIST, [], services.monitors.watched(session), ",");
      return context.numeric(session, RPL_ENDOFMONLIST, "End of MONITOR list");
    case "S":
      return sendPresence(context, services, session, services.monitors.watched(session));
    default:
      return context.numeric(
        session,
        ERR_UNKNOWNERROR,
        "MONITOR",
        modifier,
        "The modifier must be +, -, C, L or S",
      );
  }
}

/** Ignores invalid nicks ("'target' MUST be a valid nick"): no user can ever have one. */
function addMonitored(context: HubContext, services: Services, session: Session, list: string): void {
  const added: string[] = [];
  const refused: string[] = [];
  for (const nick of new Set(list.split(","))) {
    if (nickFault(nick) !== undefined) continue;
    if (services.monitors.add(session, nick)) added.push(nick);
    else refused.push(nick);
  }
  sendPresence(context, services, session, added);
  for (const nicks of joinToLines(refused, ",", SAFE_PARAM_MAX_BYTES)) {
    context.numeric(session, ERR_MONLISTFULL, MAX_MONITORED, nicks, "Monitor list is full.");
  }
}

function removeMonitored(services: Services, session: Session, list: string): void {
  for (const nick of list.split(",")) services.monitors.remove(session, nick);
}

function sendPresence(
  context: HubContext,
  services: Services,
  session: Session,
  nicks: Iterable<string>,
): void {
  const [there, absent]: [User[], string[]] = [[], []];
  for (const nick of nicks) {
    const user = context.state.user(nick);
    if (user === undefined) absent.push(nick);
    else there.push(user);
  }
  sendWordList(context, session, RPL_MONONLINE, [], there.map(({ source }) => source), ",");
  sendWordList(context, session, RPL_MONOFFLINE, [], absent, ",");
  context.runInSteps(sendWatchedMetadata(context, services, session, there));
}

export const MONITOR_VERBS: VerbTable = {
  MONITOR: { min: 1, who: "user", run: monitor },
};
