/**
 * Facts: latest values that outlive the log's records: accounts, topics, channel settings, bans, read markers,
 * retained messages. The code that changes such a value puts it here as a fact; the server takes the new facts
 * after each turn and saves them beside the log. When the server starts, the table of `fact_restore.ts` returns
 * every kind of fact to its owner.
 */

import { MAX_TIME_MS } from "../../base/clock.ts";
import type { SavedFact } from "../../log/fact.ts";

export type FactKind =
  | "account"
  | "archive_order"
  | "archive_trust"
  | "ban"
  | "calendar"
  | "escalation"
  | "former_owner"
  | "marker"
  | "metadata"
  | "notify"
  | "oper"
  | "page"
  | "question"
  | "retained"
  | "room"
  | "scheduled"
  | "secret"
  | "shown"
  | "token"
  | "topic"
  | "waiting";

/** Kind of the fact that says which archives can be used (history/unconfirmed_orders.ts). */
export const ARCHIVE_TRUST = "archive_trust" satisfies FactKind;

const NONE: readonly SavedFact[] = [];

/** Facts that are new since they were last taken. */
export class FactBuffer {
  /** The newest value of each fact, by kind and key. */
  #fresh = new Map<string, SavedFact>();

  /** `value`: a JSON value; undefined deletes the fact. */
  put(kind: FactKind, key: string, value: unknown, seq = 0): SavedFact {
    const fact = { kind, key, value: value === undefined ? undefined : JSON.stringify(value), seq };
    this.#fresh.set(`${kind}\0${key}`, fact);
    return fact;
  }

  take(): readonly SavedFact[] {
    if (this.#fresh.size === 0) return NONE;
    const facts = [...this.#fresh.values()];
    this.#fresh.clear();
    return facts;
  }
}

/** Reads the member `name` of a saved value, a time in milliseconds since the epoch; throws if it is not a time. */
export function readTime(value: unknown, name: string): number {
  const time = readMember(value, name, "number");
  if (!(time >= 0 && time <= MAX_TIME_MS)) throw new RangeError(`${name} is not a time`);
  return Math.floor(time);
}

/** Reads the member `name` of a saved value; throws if it is not a `type`. */
export function readMember(value: unknown, name: string, type: "string"): string;
export function readMember(value: unknown, name: string, type: "number"): number;
export function readMember(value: unknown, name: string, type: "string" | "number"): string | number {
  const found = (value as Record<string, unknown> | null)?.[name];
  const fits = type === "string" ? typeof found === "string" : typeof found === "number";
  if (!fits) throw new TypeError(`${name} is not a ${type}`);
  return found as string | number;
}
