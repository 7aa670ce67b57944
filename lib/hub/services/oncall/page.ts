/** Escalation lists, and pages that ring until they are acknowledged (docs/protocol/oncall.md): plain data. */
import type { EscalationStep, PageEndKind, PageState, ReachKind } from "../../../irc/oncall.ts";
import type { OwnerId, Source } from "../../model/identifiers.ts";

/** An account, by the name that it had when it was named: a later account of that name has another owner id. */
export interface NamedAccount {
  readonly name: string;
  readonly owner: OwnerId;
}

/** One step: accounts, or a calendar of which the people on duty are rung. */
export type ListStep =
  & {
    /** Time after which the next step begins. */
    readonly seconds: number;
  }
  & (
    | { readonly kind: "accounts"; readonly accounts: readonly NamedAccount[] }
    | { readonly kind: "calendar"; readonly calendar: string }
  );

export interface Silence {
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** Nick of the person who has silenced the list. */
  readonly nick: string;
  readonly reason: string;
}

export interface EscalationList {
  readonly name: string;
  /** Creation time of the room of its name, to which it belongs; 0: there was none when the list was made. */
  readonly room: number;
  readonly steps: readonly ListStep[];
  readonly silence: Silence | undefined;
}

/** A person that a page rings, or a name by which it finds none. */
export interface PagePerson {
  /** Owner id of the account; "" where there is none. */
  readonly owner: OwnerId;
  /** Name of the account; of a calendar without a person on duty `@name`. */
  readonly name: string;
  /** Step in which they were first rung, from 1. */
  readonly step: number;
  /** Sequence number of the message that rings them; 0: there is none. */
  readonly seq: number;
  readonly how: ReachKind;
  /** How often they were rung. */
  readonly rings: number;
  /** When they are rung next, in milliseconds since the epoch. */
  readonly ringAt: number;
  /** Whether a notification was sent to their notify URL. */
  readonly isNotified: boolean;
  /** Whether it was told that a notification failed. */
  readonly hasFailed: boolean;
}

export interface PageEnd {
  readonly how: PageEndKind;
  /** The person who ended it; all are "" where it expired, `account` and `owner` where they have no account. */
  readonly nick: string;
  readonly account: string;
  readonly owner: OwnerId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether all have been told. */
  readonly isTold: boolean;
}

export interface Page {
  /** By which people name it; unique on the server. */
  readonly number: number;
  /** As the pager calls it; unique among the pages of one owner. */
  readonly id: string;
  readonly owner: OwnerId;
  /** The pager at the time of opening. */
  readonly source: Source;
  /** Site of the address that it was opened from, as limits count it. */
  readonly site: string;
  /** Name of the list. */
  readonly list: string;
  /** Those of the list when the page was opened. */
  readonly steps: readonly ListStep[];
  readonly text: string;
  /** Milliseconds since the epoch, as all times. */
  readonly openedAt: number;
  /** When it began to ring; 0: it has not. */
  readonly ringingSince: number;
  /** How many steps have begun, those of later rounds included. */
  readonly begun: number;
  /** When the next step begins; of a silenced page when the silence ends, or has to be looked at again. */
  readonly stepAt: number;
  readonly people: readonly PagePerson[];
  readonly end: PageEnd | undefined;
}

export function stateOf({ end, ringingSince, openedAt, stepAt }: Page): PageState {
  if (end !== undefined) return end.how;
  return ringingSince === 0 && stepAt > openedAt ? "silenced" : "ringing";
}

/** The page as people may know it: without an end that is not known to be on disk. */
export function withToldEnd(page: Page): Page {
  return page.end?.isTold === false ? { ...page, end: undefined } : page;
}

/** The people of a step, as they are written on the wire. */
export function toEscalationStep(step: ListStep): EscalationStep {
  const { seconds } = step;
  return step.kind === "calendar"
    ? { kind: "calendar", calendar: step.calendar, seconds }
    : { kind: "accounts", names: step.accounts.map(({ name }) => name), seconds };
}
