/** HELP (modern, "HELP message"): the parameters and purpose of each verb. */
import type { Message } from "../../../irc/message.ts";
import { ERR_HELPNOTFOUND, RPL_ENDOFHELP, RPL_HELPSTART, RPL_HELPTXT } from "../../../irc/numerics.ts";
import type { HubContext, Services, VerbSummary } from "../../context.ts";
import type { Session } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { joinToLines } from "../../output/line_limits.ts";
import { HELP_TEXTS } from "./help_texts.ts";

/** Width of the command list: chosen for reading, well below what a line could hold. */
const LIST_WIDTH_BYTES = 70;

function help(context: HubContext, _services: Services, session: Session, message: Message): void {
  const asked = message.params[0] ?? "";
  if (asked === "") return sendHelpSection(context, session, "*", [...helpOverview(context)]);
  const name = asked.toUpperCase();
  const verb = context.verbs.get(name);
  if (verb !== undefined) return sendHelpSection(context, session, name, verbHelp(name, verb));
  context.numeric(session, ERR_HELPNOTFOUND, asked, "No help available on this topic");
}

function* helpOverview(context: HubContext): Iterable<string> {
  yield "Commands of this server";
  yield "";
  yield* joinToLines([...context.verbs.keys()].sort(), " ", LIST_WIDTH_BYTES);
  yield "HELP <command> shows the help of one command.";
}

function verbHelp(name: string, { min, who }: VerbSummary): string[] {
  const [params, text] = HELP_TEXTS[name] ?? [min === 0 ? "" : `takes ${min} or more parameters`, ""];
  const when = who === "newcomer" ? ["Only before registration is complete."] : [];
  return [`The ${name} command`, "", `${name} ${params}`.trimEnd(), ...text === "" ? [] : [text], ...when];
}

/** "The RPL_HELPSTART message SHOULD be some sort of title and the first RPL_HELPTXT message SHOULD be empty." */
function sendHelpSection(
  context: HubContext,
  session: Session,
  subject: string,
  lines: readonly string[],
): void {
  lines.forEach((line, index) => {
    const code = index === 0 ? RPL_HELPSTART : index < lines.length - 1 ? RPL_HELPTXT : RPL_ENDOFHELP;
    context.numeric(session, code, subject, line);
  });
}

export const HELP_VERBS: VerbTable = {
  HELP: { min: 0, who: "session", run: help },
  /** Older servers answer HELP with notices and HELPOP with numerics, so clients try both. */
  HELPOP: { min: 0, who: "session", run: help },
};
