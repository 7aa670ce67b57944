/** The people of a step of an escalation list. */
import type { HubContext, Services } from "../../context.ts";
import type { ListStep, NamedAccount, Page } from "../../services/oncall/page.ts";

/** Names of the calendars of a page's steps. */
export function listCalendars({ steps }: Page): string[] {
  return steps.flatMap((step) => step.kind === "calendar" ? [step.calendar] : []);
}

/** The people of a step now. One without an owner id stands for a name or a calendar that leads to no account. */
export function findStepPeople(
  context: HubContext,
  { accounts, dutyCalendars }: Services,
  step: ListStep,
): NamedAccount[] {
  if (step.kind === "accounts") {
    return step.accounts.map(({ name, owner }) => ({
      name,
      owner: accounts.byOwner(owner) === undefined ? "" : owner,
    }));
  }
  const { names } = dutyCalendars.dutyAt(step.calendar, context.now);
  if (names.length === 0) return [{ name: `@${step.calendar}`, owner: "" }];
  return names.map((name) => ({ name, owner: accounts.get(name)?.owner ?? "" }));
}
