/**
 * ONCALL (our own; docs/protocol/oncall.md): escalation lists, calendars and notify URLs.
 *
 *     ONCALL SET <list> <people> <seconds> …     ONCALL SET <list> <people> <seconds> …
 *     ONCALL DELETE <list>                       ONCALL DELETE <list>
 *     ONCALL LISTS                               ONCALL LIST <list> <people> <seconds> …
 *                                                ONCALL SILENCED <list> <time> <nick> :<reason>
 *                                                ONCALL DUTY <list> <step> <names>|* <until>|*
 *                                                ONCALL LISTS *
 *     ONCALL SILENCE <list> <seconds> :<reason>  ONCALL SILENCED <list> <time>|* <nick> :<reason>
 *     ONCALL CALENDAR …                          `calendar_commands.ts`
 *     ONCALL NOTIFY [<url>|*]                    ONCALL NOTIFY <url>|*
 *     ONCALL TEST                                ONCALL TEST *
 */
import { CAP } from "../../../irc/capabilities.ts";
import type { Message } from "../../../irc/message.ts";
import { ONCALL_CAPABILITY } from "../../../irc/vendor_extensions.ts";
import type { HubContext, Services } from "../../context.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { runCalendarCommand } from "./calendar_commands.ts";
import { deleteList, setList, showLists, silenceList } from "./list_commands.ts";
import { setNotifyUrl, testNotifyUrl } from "./notify_commands.ts";
import { failOnCall } from "./oncall_replies.ts";
import type { OnCallCommand } from "./oncall_replies.ts";

const COMMANDS: ReadonlyMap<string, OnCallCommand> = new Map([
  ["SET", setList],
  ["DELETE", deleteList],
  ["LISTS", showLists],
  ["SILENCE", silenceList],
  ["CALENDAR", runCalendarCommand],
  ["NOTIFY", setNotifyUrl],
  ["TEST", testNotifyUrl],
]);

function oncall(
  context: HubContext,
  services: Services,
  session: Session,
  { params: [word = "", ...params] }: Message,
  user: User,
): void {
  if (!session.caps.has(CAP.oncall)) {
    return failOnCall(context, session, "NEED_CAPABILITY", [], `Request ${ONCALL_CAPABILITY} first`);
  }
  const command = COMMANDS.get(word.toUpperCase());
  if (command === undefined) {
    const words = "Use SET, DELETE, LISTS, SILENCE, CALENDAR, NOTIFY or TEST";
    return failOnCall(context, session, "SUBCOMMAND_INVALID", [], words);
  }
  command(context, services, session, user, params);
}

export const ONCALL_VERBS: VerbTable = {
  ONCALL: { min: 1, who: "user", run: oncall },
};
