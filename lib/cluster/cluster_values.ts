/** Values of the cluster's keys other than batches: JSON in UTF-8, and facts. */
import { encodeUtf8 } from "../base/bytes.ts";
import type { SavedFact } from "../log/fact.ts";
import { ClusterFault } from "./cluster_fault.ts";

/** Version of the layout of keys and values. A node of another one does not join. */
export const CLUSTER_FORMAT = 1;

/** What all nodes of a cluster have in common, made by the first one. */
export interface ClusterMeta {
  /** Part of every message id, at most 13 characters of 0–9 and a–z. */
  readonly logId: string;
  /** Creation time of the log, ms since the epoch. */
  readonly createdAt: number;
  /** Key of the cloaked hosts, in base64. */
  readonly cloakKey: string;
  /** What a front proves to a hub of another machine that it knows, in base64. */
  readonly secret: string;
  /** Bytes of the data area of each node's ring. */
  readonly ringBytes: number;
}

/** The node that decides. */
export interface LeaderInfo {
  readonly node: string;
  /** `HOST:PORT` where fronts of other nodes reach its hub. */
  readonly relayAddress: string;
  /** Version of the relay's protocol. */
  readonly relayVersion: number;
}

export type NodeRole = "starting" | "standby" | "leader";

/** A node that runs, as it says itself. */
export interface NodeInfo {
  readonly relayAddress: string;
  /** PEM of the certificate of its relay; fronts trust this one alone. */
  readonly certificate: string;
  /** Version of the program. */
  readonly version: string;
  /** When its process started, ms since the epoch, by its clock. */
  readonly startedAt: number;
  /**
   * Names what only one process of the node can have at a time, its data folder. The next process with it may end the
   * lease of this one. "": nothing of the kind.
   */
  readonly instance: string;
  readonly role: NodeRole;
  /** It has all records before this one. */
  readonly nextSeq: number;
  /** Its fronts that run, and their client connections. */
  readonly fronts: number;
  readonly sessions: number;
}

/** Written by every commit: says which one was the last, and how far the log goes. */
export interface Tail {
  /** Create revision of the key `leader` of its writer. */
  readonly epoch: number;
  /** Number of the commit in this epoch, from 1. */
  readonly commit: number;
  /** Sequence number of the last record of the log; 0: there is none. */
  readonly lastSeq: number;
}

type Members = Readonly<Record<string, unknown>>;
type Check = "text" | "count" | "role";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ROLES: readonly unknown[] = ["starting", "standby", "leader"] satisfies NodeRole[];

const META = {
  logId: "text",
  createdAt: "count",
  cloakKey: "text",
  secret: "text",
  ringBytes: "count",
} as const;
const LEADER = { node: "text", relayAddress: "text", relayVersion: "count" } as const;
const NODE = {
  relayAddress: "text",
  certificate: "text",
  version: "text",
  startedAt: "count",
  instance: "text",
  role: "role",
  nextSeq: "count",
  fronts: "count",
  sessions: "count",
} as const;
const TAIL = { epoch: "count", commit: "count", lastSeq: "count" } as const;

export function encodeMeta(meta: ClusterMeta): Uint8Array<ArrayBuffer> {
  return encodeUtf8(JSON.stringify({ format: CLUSTER_FORMAT, ...meta }));
}

/** Each of these throws {@link ClusterFault} for what was not written by its counterpart. */
export function decodeMeta(key: string, bytes: Uint8Array): ClusterMeta {
  const members = parseMembers(key, bytes);
  const { format } = members;
  if (format !== CLUSTER_FORMAT) {
    throw new ClusterFault(
      key,
      `its format is ${JSON.stringify(format)}; this program reads ${CLUSTER_FORMAT}`,
    );
  }
  return readMembers<ClusterMeta>(key, members, META);
}

export function encodeLeader(leader: LeaderInfo): Uint8Array<ArrayBuffer> {
  return encodeUtf8(JSON.stringify(leader));
}

export function decodeLeader(key: string, bytes: Uint8Array): LeaderInfo {
  return readMembers<LeaderInfo>(key, parseMembers(key, bytes), LEADER);
}

export function encodeNode(node: NodeInfo): Uint8Array<ArrayBuffer> {
  return encodeUtf8(JSON.stringify(node));
}

export function decodeNode(key: string, bytes: Uint8Array): NodeInfo {
  return readMembers<NodeInfo>(key, parseMembers(key, bytes), NODE);
}

export function encodeTail(tail: Tail): Uint8Array<ArrayBuffer> {
  return encodeUtf8(JSON.stringify(tail));
}

export function decodeTail(key: string, bytes: Uint8Array): Tail {
  return readMembers<Tail>(key, parseMembers(key, bytes), TAIL);
}

/** A fact that has a value: its sequence number, a line end, the value. */
export function encodeFact(seq: number, value: string): Uint8Array<ArrayBuffer> {
  return encodeUtf8(`${seq}\n${value}`);
}

/** A value that cannot be read gives a fact with a `fault`. */
export function decodeFact(kind: string, key: string, bytes: Uint8Array): SavedFact {
  const text = tryDecode(bytes);
  const [, seq, value] = text === undefined ? [] : /^(\d{1,16})\n([^]*)$/.exec(text) ?? [];
  if (seq === undefined || value === undefined || !Number.isSafeInteger(Number(seq))) {
    return { kind, key, value: "", seq: 0, fault: "its value in etcd is damaged" };
  }
  return { kind, key, value, seq: Number(seq) };
}

function tryDecode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function parseMembers(key: string, bytes: Uint8Array): Members {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    throw new ClusterFault(key, "it is not JSON in UTF-8");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ClusterFault(key, "it is not an object");
  }
  return value as Members;
}

/** Members of later versions are ignored. */
function readMembers<T>(key: string, members: Members, checks: Readonly<Record<keyof T & string, Check>>): T {
  const read: Record<string, unknown> = {};
  for (const [name, check] of Object.entries<Check>(checks)) {
    const value = Object.hasOwn(members, name) ? members[name] : undefined;
    const isRight = check === "text"
      ? typeof value === "string"
      : check === "count"
      ? Number.isSafeInteger(value) && Number(value) >= 0
      : ROLES.includes(value);
    if (!isRight) throw new ClusterFault(key, `${name} is ${JSON.stringify(value)}`);
    read[name] = value;
  }
  return read as T;
}

/** What `read` returns; undefined: it threw a {@link ClusterFault}. */
export function readOrNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ClusterFault) return undefined;
    throw error;
  }
}
