/**
 * What is no stream and outlives the ring: accounts, topics, room settings, bans, read markers. Whoever changes one of these
 * puts it here as a fact; the server takes what is new after each turn and saves it beside the log. At a start every kind of
 * fact goes back to where it belongs by the table of {@link restore}.
 */
import { restoreAccount } from "./accounts.ts";
import { restoreTopic } from "./archive.ts";
import { restoreBan } from "./bans.ts";
import type { Hub } from "./hub.ts";
import { restoreMarker } from "./markers.ts";
import { restoreMetadata } from "./metadata.ts";
import { restoreRoom } from "./room_settings.ts";

export type FactKind = "account" | "ban" | "marker" | "metadata" | "room" | "topic";

/** One fact, as it is saved. */
export interface SavedFact {
  readonly kind: string;
  readonly key: string;
  /** JSON; undefined: there is no such fact any more. */
  readonly value: string | undefined;
  /** The record that it stands for, which is to be on disk before the fact is; 0: none. */
  readonly seq: number;
}

/** Takes in what was saved under `key`; `value` is foreign data. Throws or ignores what it can't use. */
export type RestoreFact = (hub: Hub, key: string, value: unknown, seq: number) => void;

const RESTORE: Readonly<Record<FactKind, RestoreFact>> = {
  account: restoreAccount,
  ban: restoreBan,
  marker: restoreMarker,
  metadata: restoreMetadata,
  room: restoreRoom,
  topic: restoreTopic,
};

const NONE: SavedFact[] = [];

/** The facts that are new since they were last taken. */
export class Facts {
  /** By kind and key: of each fact the newest. */
  #fresh = new Map<string, SavedFact>();

  /** `value`: what JSON can hold; undefined deletes the fact. */
  put(kind: FactKind, key: string, value: unknown, seq = 0): SavedFact {
    const fact = { kind, key, value: value === undefined ? undefined : JSON.stringify(value), seq };
    this.#fresh.set(`${kind}\0${key}`, fact);
    return fact;
  }

  take(): SavedFact[] {
    if (this.#fresh.size === 0) return NONE;
    const facts = [...this.#fresh.values()];
    this.#fresh.clear();
    return facts;
  }
}

/** Takes in a saved fact; false: nobody knows what to do with it. */
export function restore(hub: Hub, { kind, key, value, seq }: SavedFact): boolean {
  if (!Object.hasOwn(RESTORE, kind) || value === undefined) return false;
  try {
    RESTORE[kind as FactKind](hub, key, JSON.parse(value, framed), seq);
    return true;
  } catch {
    return false;
  }
}

/** What was changed by another hand could forge lines of the protocol. */
function framed(_key: string, value: unknown): unknown {
  if (typeof value === "string" && /[\r\n\0]/.test(value)) throw new TypeError("a text of several lines");
  return value;
}

/** The member `name` of what was saved; throws where it is no `type`. */
export function member(value: unknown, name: string, type: "string"): string;
export function member(value: unknown, name: string, type: "number"): number;
export function member(value: unknown, name: string, type: "string" | "number"): string | number {
  const found = (value as Record<string, unknown> | null)?.[name];
  const fits = type === "string" ? typeof found === "string" : typeof found === "number";
  if (!fits) throw new TypeError(`${name} is no ${type}`);
  return found as string | number;
}
