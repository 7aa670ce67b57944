/**
 * The bytes of a {@link SessionState}: JSON in UTF-8, with the version as its first member. A front keeps them as they
 * are; they are untrusted when they come back.
 *
 *     {"v":1,"host":"…", …}
 *
 * A hub reads the versions from 1 to its own. A member that a version adds is optional for readers.
 */
import { MAX_TIME_MS } from "../../base/clock.ts";
import { encodeUtf8 } from "../../base/bytes.ts";
import { isSelfSetMode } from "../model/state/user_mode_letters.ts";
import { MEMBERSHIP_BITS } from "../model/channel_modes.ts";
import { RECEIPT_KINDS } from "../../irc/vendor_extensions.ts";
import type { ReadMarker } from "../services/read_markers.ts";
import type { AccountName, FollowState, ObserverState, SessionState, UserState } from "./session_state.ts";

export const STATE_VERSION = 1;
/**
 * Most bytes of a state. A session in a hundred rooms that has filled all its lists takes 60 KiB; the rest is for servers
 * with `--max-rooms-per-user`.
 */
export const MAX_SESSION_STATE_BYTES = 1024 * 1024;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export type StateOutcome =
  | { readonly kind: "ok"; readonly state: SessionState }
  /** `why`: a clause that names the member. */
  | { readonly kind: "invalid"; readonly why: string };

/** Undefined: the state is larger than {@link MAX_SESSION_STATE_BYTES}, so that the session cannot be handed over. */
export function encodeSessionState(state: SessionState): Uint8Array | undefined {
  const bytes = encodeUtf8(JSON.stringify({ v: STATE_VERSION, ...state }));
  return bytes.length > MAX_SESSION_STATE_BYTES ? undefined : bytes;
}

export function decodeSessionState(bytes: Uint8Array): StateOutcome {
  if (bytes.length > MAX_SESSION_STATE_BYTES) return { kind: "invalid", why: "it is too large" };
  try {
    return { kind: "ok", state: readState(new StateReader(parseJson(bytes), "state")) };
  } catch (error) {
    if (error instanceof StateError) return { kind: "invalid", why: error.message };
    throw error;
  }
}

class StateError extends Error {}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    throw new StateError("it is not JSON in UTF-8");
  }
}

/** Reads the members of an object; throws {@link StateError} for what they may not be. */
class StateReader {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(value: unknown, readonly path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new StateError(`${path} is not an object`);
    }
    this.#members = value as Record<string, unknown>;
  }

  text(name: string): string {
    return checkText(this.#members[name], `${this.path}.${name}`);
  }

  flag(name: string): boolean {
    const value = this.#members[name];
    if (typeof value !== "boolean") throw new StateError(`${this.path}.${name} is not true or false`);
    return value;
  }

  count(name: string, max = Number.MAX_SAFE_INTEGER): number {
    return checkCount(this.#members[name], `${this.path}.${name}`, max);
  }

  time(name: string): number {
    return this.count(name, MAX_TIME_MS);
  }

  /** Undefined: the object has no such member. */
  object(name: string): StateReader | undefined {
    const value = this.#members[name];
    return value === undefined ? undefined : new StateReader(value, `${this.path}.${name}`);
  }

  list<Item>(name: string, read: (value: unknown, path: string) => Item): Item[] {
    const value = this.#members[name];
    const path = `${this.path}.${name}`;
    if (!Array.isArray(value)) throw new StateError(`${path} is not a list`);
    return value.map((each, nth) => read(each, `${path}[${nth}]`));
  }

  /** A list of pairs of a text and a value. */
  pairs<Value>(name: string, read: (value: unknown, path: string) => Value): (readonly [string, Value])[] {
    return this.list(name, (value, path) => {
      if (!Array.isArray(value) || value.length !== 2) throw new StateError(`${path} is not a pair`);
      return [checkText(value[0], path), read(value[1], path)];
    });
  }
}

/** Texts become parts of lines. */
function checkText(value: unknown, path: string): string {
  if (typeof value !== "string") throw new StateError(`${path} is not a text`);
  if (/[\r\n\0]/.test(value)) throw new StateError(`${path} contains a line break or NUL`);
  return value;
}

function checkCount(value: unknown, path: string, max = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max) {
    throw new StateError(`${path} is not a number from 0 to ${max}`);
  }
  return value as number;
}

function oneOf<Value extends string>(text: string, values: readonly Value[], path: string): Value {
  const found = values.find((value) => value === text);
  if (found === undefined) throw new StateError(`${path} is none of ${values.join(", ")}`);
  return found;
}

function required(reader: StateReader | undefined, path: string): StateReader {
  if (reader === undefined) throw new StateError(`${path} is missing`);
  return reader;
}

function readState(reader: StateReader): SessionState {
  const version = reader.count("v");
  if (version < 1 || version > STATE_VERSION) {
    throw new StateError(`its version is ${version}; this server reads 1 to ${STATE_VERSION}`);
  }
  const batch = reader.object("openBatch");
  return {
    host: reader.text("host"),
    displayHost: reader.text("displayHost"),
    endpoint: reader.text("endpoint"),
    isSecure: reader.flag("isSecure"),
    openedAt: reader.time("openedAt"),
    caps: reader.list("caps", checkText),
    capVersion: reader.count("capVersion"),
    liveFromSeq: reader.count("liveFromSeq"),
    tokenId: reader.text("tokenId"),
    openBatch: batch && { ref: batch.text("ref"), label: batch.text("label") },
    receipts: reader.list("receipts", (value, path) => {
      const receipt = new StateReader(value, path);
      const what = oneOf(receipt.text("what"), RECEIPT_KINDS, `${path}.what`);
      return { what, msgid: receipt.text("msgid"), label: receipt.text("label") };
    }),
    awaitsOfflineMessages: reader.flag("awaitsOfflineMessages"),
    monitored: reader.list("monitored", checkText),
    subscriptions: reader.list("subscriptions", checkText),
    phase: readPhase(required(reader.object("phase"), "state.phase")),
  };
}

function readPhase(reader: StateReader): UserState | ObserverState {
  const kind = oneOf(reader.text("kind"), ["user", "observer"], `${reader.path}.kind`);
  return kind === "user" ? readUser(reader) : readObserver(reader);
}

function readAccount(reader: StateReader): AccountName | undefined {
  const account = reader.object("account");
  return account && { name: account.text("name"), owner: account.text("owner") };
}

function readObserver(reader: StateReader): ObserverState {
  const follows = reader.object("follows");
  return {
    kind: "observer",
    nick: reader.text("nick"),
    username: reader.text("username"),
    owner: reader.text("owner"),
    account: readAccount(reader),
    follows: follows && readFollows(follows),
  };
}

function readFollows(reader: StateReader): FollowState {
  return {
    nicks: reader.list("nicks", checkText),
    channels: reader.list("channels", checkText),
    everything: reader.flag("everything"),
  };
}

function readUser(reader: StateReader): UserState {
  const modes = reader.text("modes");
  if (![...modes].every(isSelfSetMode)) throw new StateError(`${reader.path}.modes has an unknown letter`);
  return {
    kind: "user",
    nick: reader.text("nick"),
    username: reader.text("username"),
    host: reader.text("host"),
    realHost: reader.text("realHost"),
    realname: reader.text("realname"),
    owner: reader.text("owner"),
    account: readAccount(reader),
    signonAt: reader.time("signonAt"),
    isSecure: reader.flag("isSecure"),
    away: reader.text("away"),
    modes,
    operatorBy: reader.text("operatorBy"),
    idleSince: reader.time("idleSince"),
    rooms: reader.pairs("rooms", (value, path) => checkCount(value, path, MEMBERSHIP_BITS)),
    invites: reader.pairs("invites", checkCount),
    metadata: reader.pairs("metadata", checkText),
    markers: reader.pairs("markers", readMarker),
    replayPositions: reader.pairs("replayPositions", checkCount),
  };
}

function readMarker(value: unknown, path: string): ReadMarker {
  const marker = new StateReader(value, path);
  return {
    time: marker.time("time"),
    seq: marker.count("seq"),
    told: marker.time("told"),
    toldSeq: marker.count("toldSeq"),
    lost: marker.time("lost"),
    lostSeq: marker.count("lostSeq"),
  };
}
