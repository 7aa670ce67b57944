/**
 * Escalation lists (docs/protocol/oncall.md): the people that a page rings, in their order.
 *
 *     fact escalation, by folded name: { name, room, steps, silence }
 */
import {
  foldOnCallName,
  isOnCallName,
  MAX_ESCALATION_STEPS,
  MAX_SILENCE_SECONDS,
  MAX_STEP_ACCOUNTS,
  MAX_STEP_SECONDS,
  MIN_STEP_SECONDS,
} from "../../../irc/oncall.ts";
import { SECOND_MS } from "../../../base/values/time_unit.ts";
import { readMember, readTime } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";
import type { EscalationList, ListStep, Silence } from "./page.ts";

/** Most escalation lists of a server. */
export const MAX_ESCALATION_LISTS = 200;

export class EscalationLists {
  readonly #facts: FactBuffer;
  /** By folded name. */
  readonly #lists = new Map<string, EscalationList>();

  constructor(facts: FactBuffer) {
    this.#facts = facts;
  }

  get all(): IteratorObject<EscalationList> {
    return this.#lists.values();
  }

  get isFull(): boolean {
    return this.#lists.size >= MAX_ESCALATION_LISTS;
  }

  get(name: string): EscalationList | undefined {
    return this.#lists.get(foldOnCallName(name));
  }

  /** Makes a list, of which `room` is that of a new one, or replaces it. The caller has checked that the bounds permit it. */
  set(name: string, steps: readonly ListStep[], room: number): EscalationList {
    const known = this.get(name);
    return this.#put({ name, room: known?.room ?? room, steps, silence: known?.silence });
  }

  silence(list: EscalationList, silence: Silence | undefined): EscalationList {
    return this.#put({ ...list, silence });
  }

  delete({ name }: EscalationList): void {
    this.#lists.delete(foldOnCallName(name));
    this.#facts.put("escalation", foldOnCallName(name), undefined);
  }

  /** The silence of the list `name` at `now`; one that ends later than it can is of a clock that was wrong. */
  silenceOf(name: string, now: number): Silence | undefined {
    const silence = this.get(name)?.silence;
    const leftMs = (silence?.until ?? now) - now;
    return leftMs > 0 && leftMs <= MAX_SILENCE_SECONDS * SECOND_MS ? silence : undefined;
  }

  /** Restores the fact `escalation`. */
  restore(key: string, value: unknown): void {
    const name = readMember(value, "name", "string");
    if (!isOnCallName(name) || foldOnCallName(name) !== key) {
      throw new TypeError("its name does not match its key");
    }
    const { silence } = value as { silence?: unknown };
    this.#lists.set(key, {
      name,
      room: readRoomTime(value),
      steps: readSteps(value),
      silence: silence === undefined ? undefined : readSilence(silence),
    });
  }

  #put(list: EscalationList): EscalationList {
    const key = foldOnCallName(list.name);
    this.#lists.set(key, list);
    this.#facts.put("escalation", key, list);
    return list;
  }
}

/** The member `room` of a saved list or calendar; 0: it has none. */
export function readRoomTime(value: unknown): number {
  return (value as { room?: unknown }).room === undefined ? 0 : readTime(value, "room");
}

function readSilence(value: unknown): Silence {
  return {
    until: readTime(value, "until"),
    nick: readMember(value, "nick", "string"),
    reason: readMember(value, "reason", "string"),
  };
}

/** The member `steps` of a saved list or page, which is untrusted data. */
export function readSteps(value: unknown): ListStep[] {
  const { steps } = (value ?? {}) as { steps?: unknown };
  if (!Array.isArray(steps) || steps.length < 1 || steps.length > MAX_ESCALATION_STEPS) {
    throw new TypeError("steps is not a list of steps");
  }
  return steps.map(readStep);
}

function readStep(value: unknown): ListStep {
  const seconds = readMember(value, "seconds", "number");
  if (!Number.isInteger(seconds) || seconds < MIN_STEP_SECONDS || seconds > MAX_STEP_SECONDS) {
    throw new RangeError("the time of a step is out of range");
  }
  if (readMember(value, "kind", "string") === "calendar") {
    return { kind: "calendar", calendar: readMember(value, "calendar", "string"), seconds };
  }
  const { accounts } = value as { accounts?: unknown };
  if (!Array.isArray(accounts) || accounts.length < 1 || accounts.length > MAX_STEP_ACCOUNTS) {
    throw new TypeError("accounts is not a list of accounts");
  }
  const readAccount = (each: unknown) => ({
    name: readMember(each, "name", "string"),
    owner: readMember(each, "owner", "string"),
  });
  return { kind: "accounts", accounts: accounts.map(readAccount), seconds };
}
