/**
 * What is no stream and outlives the ring: accounts, topics, channel settings, bans, read markers, messages that are kept. Whoever changes one of these
 * puts it here as a fact; the server takes what is new after each turn and saves it beside the log. At a start every kind of
 * fact goes back to where it belongs by the table of `fact_restore.ts`.
 */

import { MAX_TIME_MS } from "../../base/clock.ts";
import type { SavedFact } from "../../log/fact.ts";

export type FactKind =
  | "account"
  | "ban"
  | "former_owner"
  | "marker"
  | "metadata"
  | "oper"
  | "retained"
  | "room"
  | "secret"
  | "shown"
  | "topic"
  | "waiting";

const NONE: readonly SavedFact[] = [];

/** The facts that are new since they were last taken. */
export class FactBuffer {
  /** By kind and key: of each fact the newest. */
  #fresh = new Map<string, SavedFact>();

  /** `value`: what JSON can hold; undefined deletes the fact. */
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

/** The member `name` of what was saved, in milliseconds since the epoch; throws where it is no time. */
export function readTime(value: unknown, name: string): number {
  const time = readMember(value, name, "number");
  if (!(time >= 0 && time <= MAX_TIME_MS)) throw new RangeError(`${name} is no time`);
  return Math.floor(time);
}

/** The member `name` of what was saved; throws where it is no `type`. */
export function readMember(value: unknown, name: string, type: "string"): string;
export function readMember(value: unknown, name: string, type: "number"): number;
export function readMember(value: unknown, name: string, type: "string" | "number"): string | number {
  const found = (value as Record<string, unknown> | null)?.[name];
  const fits = type === "string" ? typeof found === "string" : typeof found === "number";
  if (!fits) throw new TypeError(`${name} is no ${type}`);
  return found as string | number;
}
