/**
 * The keys of a cluster in the store, below `/chatterbox/<cluster>/`:
 *
 *     batches/<first seq, 16 hex>   a batch of records of the log (log_batch.ts)
 *     facts/<kind>/<key>            latest value of a fact; kind and key are percent-encoded
 *     leader                        the node that decides; bound to its lease. Its create revision is the fence
 *     meta                          what all nodes have in common (cluster_values.ts); made once
 *     nodes/<node>                  a node that runs; bound to its lease
 *     tail                          how far the log goes, written by every commit
 *
 * What a leader writes all the time comes first in their order, so that it can watch the rest in one range.
 */
import { prefixEnd } from "./key_value_store.ts";
import type { KeyRange } from "./key_value_store.ts";

/** Letters, digits, `.`, `_` and `-`, up to this many: names of clusters and of nodes. */
export const MAX_CLUSTER_NAME_CHARS = 64;

const NAME = /^[A-Za-z0-9._-]+$/;
const SEQ_DIGITS = 16;
const SEQ_KEY = /^[0-9a-f]{16}$/;

/** Why `name` cannot be the name of a cluster or node, as a clause; undefined: it can. */
export function findNameFault(name: string): string | undefined {
  if (name.length > MAX_CLUSTER_NAME_CHARS) return `it is longer than ${MAX_CLUSTER_NAME_CHARS} characters`;
  return NAME.test(name) ? undefined : "it has other characters than letters, digits, '.', '_' and '-'";
}

export class ClusterKeys {
  readonly prefix: string;
  readonly meta: string;
  readonly leader: string;
  readonly tail: string;
  readonly #log: string;
  readonly #facts: string;
  readonly #nodes: string;

  /** @throws {RangeError} `cluster` is no possible name. */
  constructor(cluster: string) {
    const fault = findNameFault(cluster);
    if (fault !== undefined) throw new RangeError(`the name of the cluster: ${fault}`);
    this.prefix = `/chatterbox/${cluster}/`;
    this.meta = `${this.prefix}meta`;
    this.leader = `${this.prefix}leader`;
    this.tail = `${this.prefix}tail`;
    this.#log = `${this.prefix}batches/`;
    this.#facts = `${this.prefix}facts/`;
    this.#nodes = `${this.prefix}nodes/`;
  }

  get all(): Required<KeyRange> {
    return range(this.prefix);
  }

  /** The keys that other nodes write, while this one leads. */
  get others(): Required<KeyRange> {
    return { key: this.leader, end: prefixEnd(this.prefix) };
  }

  get facts(): Required<KeyRange> {
    return range(this.#facts);
  }

  get nodes(): Required<KeyRange> {
    return range(this.#nodes);
  }

  /** Batches that begin at `from` or later, and before `to`. */
  logRange(from = 0, to?: number): Required<KeyRange> {
    return { key: this.log(from), end: to === undefined ? prefixEnd(this.#log) : this.log(to) };
  }

  log(firstSeq: number): string {
    return this.#log + firstSeq.toString(16).padStart(SEQ_DIGITS, "0");
  }

  fact(kind: string, key: string): string {
    return `${this.#facts}${encodePart(kind)}/${encodePart(key)}`;
  }

  node(name: string): string {
    return this.#nodes + name;
  }

  /** What the key names; undefined: nothing that this version knows. */
  read(key: string): ClusterKey | undefined {
    if (key === this.meta || key === this.leader || key === this.tail) {
      return { kind: key.slice(this.prefix.length) as "meta" | "leader" | "tail" };
    }
    if (key.startsWith(this.#log)) {
      const digits = key.slice(this.#log.length);
      const firstSeq = SEQ_KEY.test(digits) ? parseInt(digits, 16) : NaN;
      return Number.isSafeInteger(firstSeq) ? { kind: "log", firstSeq } : undefined;
    }
    if (key.startsWith(this.#nodes)) return { kind: "node", name: key.slice(this.#nodes.length) };
    return key.startsWith(this.#facts) ? readFactKey(key.slice(this.#facts.length)) : undefined;
  }
}

export type ClusterKey =
  | { readonly kind: "meta" | "leader" | "tail" }
  | { readonly kind: "log"; readonly firstSeq: number }
  | { readonly kind: "fact"; readonly factKind: string; readonly factKey: string }
  | { readonly kind: "node"; readonly name: string };

function range(prefix: string): Required<KeyRange> {
  return { key: prefix, end: prefixEnd(prefix) };
}

/** A half of a surrogate pair, which no stored text has, is encoded as U+FFFD. */
function encodePart(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function readFactKey(rest: string): ClusterKey | undefined {
  const [kind, key, ...more] = rest.split("/");
  if (kind === undefined || key === undefined || more.length > 0) return undefined;
  try {
    return { kind: "fact", factKind: decodeURIComponent(kind), factKey: decodeURIComponent(key) };
  } catch {
    return undefined;
  }
}
