/** What the commands of ONCALL share: their shape and their replies. */
import type { HubContext, Services } from "../../context.ts";
import { formatLine } from "../../fanout/oncall.ts";
import type { PageParams } from "../../fanout/oncall.ts";
import type { Session, User } from "../../model/state/entities.ts";
import { isOnCallName, MAX_ONCALL_NAME_LENGTH } from "../../../irc/oncall.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { isTemporaryOwner } from "../../model/identifiers.ts";

/** `params`: those behind the name of the command. */
export type OnCallCommand = (
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  params: readonly string[],
) => void;

export function failOnCall(
  context: HubContext,
  session: Session,
  code: string,
  about: readonly string[],
  text: string,
): void {
  context.fail(session, "ONCALL", code, about, text);
}

export function sendOnCall(context: HubContext, session: Session, params: PageParams): void {
  context.send(session, formatLine(context, "ONCALL", params));
}

/** Sends `params` when all changes so far are on disk. `about`: what they are about. */
export function sendWhenSaved(
  context: HubContext,
  session: Session,
  about: string,
  params: PageParams,
): void {
  context.suspend(session, {
    kind: "save",
    session,
    done: (trouble) => {
      if (trouble === undefined) return sendOnCall(context, session, params);
      const text = "It is changed, but that could not be saved: it may be undone when the server restarts";
      failOnCall(context, session, "TEMPORARILY_UNAVAILABLE", [about], text);
    },
  });
}

/** Work units (work_steps.ts) of a line with the people that a calendar has on duty. */
export const CALENDAR_UNITS = 50;

/** Runs `steps`, which ask calendars, when these have been read. */
export function showWithDuties(
  context: HubContext,
  { dutyCalendars }: Services,
  session: Session,
  steps: () => WorkSteps,
): void {
  const show = () => context.runInSteps(steps());
  const ready = dutyCalendars.prepare(context.now);
  if (ready === undefined) return show();
  context.suspend(session, { kind: "evaluate", session, run: () => ready, done: show });
}

/** Whether `name` can be that of a list or calendar; else the session has been told so. */
export function checkName(context: HubContext, session: Session, name: string): boolean {
  if (isOnCallName(name)) return true;
  const text = `A name is 1 to ${MAX_ONCALL_NAME_LENGTH} letters, digits, dots, hyphens and underscores`;
  failOnCall(context, session, "INVALID_NAME", [], text);
  return false;
}

/** Whether the user has an account or a claim key, as those must who see lists; else the session has been told so. */
export function checkIdentity(context: HubContext, session: Session, user: User): boolean {
  if (user.account !== undefined || !isTemporaryOwner(user.owner) || user.isServerOperator) return true;
  failOnCall(context, session, "ACCOUNT_REQUIRED", [], "Log in to an account, or claim your name with a key");
  return false;
}
