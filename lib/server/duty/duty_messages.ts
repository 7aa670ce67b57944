/** Messages between the server and the worker that reads calendars of duties. */
import type { CalendarReading } from "../../hub/model/duty_outlook.ts";

export interface DutyRequest {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** `begun` comes first: the worker has started, and reads. */
export type DutyReport = { readonly kind: "begun" } | CalendarReading;
