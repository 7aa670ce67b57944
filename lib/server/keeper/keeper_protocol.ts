/**
 * What keeper and hub say to each other, as lines of JSON on `keeper.sock` in the data folder. The hub, which has
 * locked the folder, listens there; the keeper connects. Lines of a kind that one of them does not know are ignored,
 * because after an upgrade the hub is of another version than its keeper.
 */
import { utf8Length } from "../../base/bytes.ts";

/** Name of the socket in the data folder. */
export const KEEPER_SOCKET = "keeper.sock";
/** Changes where a keeper and a hub of different versions could not work together. */
export const KEEPER_VERSION = 1;
/** Bound on a line. */
export const MAX_KEEPER_LINE_BYTES = 4096;
/**
 * Exit code of a hub that has saved everything and leaves its clients to the next one. Only the keeper sees it: it is
 * none of `EXIT`, which end the server.
 */
export const HANDED_OVER_CODE = 80;

/** The same of a hub that is to be started again at once, as it was: a node of a cluster that no longer leads. */
export const START_AGAIN_CODE = 81;

/** A front that runs. `index`: its number among the fronts, from 0. */
export interface LivingFront {
  readonly index: number;
  readonly pid: number;
}

/** First argument of the command `hub`, as JSON. */
export interface HubStart {
  readonly version: number;
  /** Process of the keeper. */
  readonly keeper: number;
  /** Number of fronts: that of the keeper's start, whatever the configuration file says by now. */
  readonly fronts: number;
  /** Fronts that run already, and may have clients. */
  readonly living: readonly LivingFront[];
  /** There has been a hub before, so a fault is no reason to end the server. */
  readonly isRestart: boolean;
  /** By chance, the same for all hubs of a keeper, which run one after the other; an older keeper has none. */
  readonly run?: string;
}

/** From the hub. */
export type HubReport =
  /** The first line: which process listens here, and the path of the socket for fronts. */
  | { readonly kind: "hub"; readonly pid: number; readonly relay: string }
  /** It listens everywhere; from now on its death is not the end of the server. */
  | { readonly kind: "started" }
  /** A sign of life: one that gives none for `hangMs` milliseconds from now on hangs, and is to be killed. */
  | { readonly kind: "alive"; readonly hangMs: number }
  /** It ends for good. */
  | { readonly kind: "stopping" }
  /** This front does not do what it is for: it is to be killed, and started again. */
  | { readonly kind: "kill_front"; readonly pid: number };

/** From the keeper. */
export type KeeperOrder =
  | { readonly kind: "stop" | "reload" | "hand_over" }
  | { readonly kind: "front_started" } & LivingFront
  /** `how`: as `describeEnd` says it. */
  | { readonly kind: "front_ended"; readonly how: string } & LivingFront;

export function formatMessage(message: HubReport | KeeperOrder): string {
  const line = `${JSON.stringify(message)}\n`;
  if (utf8Length(line) > MAX_KEEPER_LINE_BYTES) throw new RangeError(`too long for the keeper: ${line}`);
  return line;
}

/** A line of the other side; undefined: it is none. The kind may be an unknown one. */
export function parseMessage<T extends HubReport | KeeperOrder>(line: string): T | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === "object" && message !== null && "kind" in message ? message as T : undefined;
  } catch {
    return undefined;
  }
}

export function formatHubStart(start: HubStart): string {
  return JSON.stringify(start);
}

/** Undefined: no keeper has written this, or one of another version. */
export function parseHubStart(text: string): HubStart | undefined {
  try {
    const start = JSON.parse(text) as HubStart | null;
    return start?.version === KEEPER_VERSION ? start : undefined;
  } catch {
    return undefined;
  }
}
