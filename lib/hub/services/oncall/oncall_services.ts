/** The services of on-call (docs/protocol/oncall.md). */
import type { FactBuffer } from "../../log/facts.ts";
import { DutyCalendars } from "./duty_calendars.ts";
import { EscalationLists } from "./escalation_lists.ts";
import { NotifyUrls } from "./notify_urls.ts";
import { Pages } from "./pages.ts";

export interface OnCallServices {
  readonly dutyCalendars: DutyCalendars;
  readonly escalationLists: EscalationLists;
  readonly notifyUrls: NotifyUrls;
  readonly pages: Pages;
}

export function createOnCallServices(facts: FactBuffer): OnCallServices {
  return {
    dutyCalendars: new DutyCalendars(facts),
    escalationLists: new EscalationLists(facts),
    notifyUrls: new NotifyUrls(facts),
    pages: new Pages(facts),
  };
}
