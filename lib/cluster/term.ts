/**
 * The time in which this node leads: what its server needs to run the hub over the node's ring. Records are appended to
 * the ring, facts are given to {@link Term.saveFacts}, and nothing that follows from either is told before
 * {@link Term.commit} resolves.
 */
import type { SavedFact } from "../log/fact.ts";
import type { ClusterKeys } from "./cluster_keys.ts";
import { Committer } from "./committer.ts";
import type { CommitterOptions, StoreTrouble } from "./committer.ts";
import type { KeyValueStore } from "./key_value_store.ts";
import { requireStoreError, RETRY_MS } from "./lease_keeper.ts";
import type { Timers } from "./timers.ts";

export interface TermOptions extends CommitterOptions {
  readonly store: KeyValueStore;
  readonly timers: Timers;
  readonly keys: ClusterKeys;
  /** Name of this node. */
  readonly node: string;
  /** The key `leader` is deleted, or another node's. */
  readonly onSteppedDown: () => void;
}

export class Term {
  readonly #options: TermOptions;
  readonly #committer: Committer;
  #isSteppingDown = false;

  constructor(options: TermOptions) {
    this.#options = options;
    this.#committer = new Committer(options);
  }

  /** Create revision of the key `leader`: grows from term to term. */
  get epoch(): number {
    return this.#options.epoch;
  }

  /** Every record before this number is on a majority of the store's disks. It only grows. */
  get committedSeq(): number {
    return this.#committer.committedSeq;
  }

  /** Transactions of this term that were carried out. */
  get commits(): number {
    return this.#committer.commits;
  }

  get isSteppingDown(): boolean {
    return this.#isSteppingDown;
  }

  /** Why nothing can be stored at present. */
  get trouble(): StoreTrouble | undefined {
    return this.#committer.trouble;
  }

  /** See {@link Committer.saveFacts}. */
  saveFacts(facts: readonly SavedFact[]): void {
    this.#committer.saveFacts(facts);
  }

  /** See {@link Committer.commit}: for the output of a turn, also of one that has appended nothing. */
  commit(): Promise<void> {
    return this.#committer.commit();
  }

  /** See {@link Committer.whenRoom}: a turn that begins waits for it. */
  whenRoom(): Promise<void> | undefined {
    return this.#committer.whenRoom();
  }

  /** The lease has been renewed. */
  noteLease(): void {
    this.#committer.noteLease();
  }

  /**
   * Ends the term in order: the caller has appended its last record and gives no more facts. Commits what is left and
   * frees the key `leader`, then the node ends ({@link ClusterNode.run}). Without an answer of the store that takes as
   * long as it takes, so the caller bounds it: the key ends with its lease then.
   *
   * `isLeaving`: the node ends with its fronts, for which the next leader need not wait: the key of the node is deleted
   * in the same transaction.
   */
  async stepDown(isLeaving = false): Promise<void> {
    const { store, timers, keys, node, epoch, signal, onSteppedDown } = this.#options;
    await this.#committer.commit();
    this.#isSteppingDown = true;
    this.#committer.close();
    while (!signal.aborted) {
      try {
        await store.transact({
          compare: [{ key: keys.leader, target: "createRevision", is: "equal", to: epoch }],
          success: [
            { kind: "delete", key: keys.leader },
            ...isLeaving ? [{ kind: "delete", key: keys.node(node) } as const] : [],
          ],
        });
        return onSteppedDown();
      } catch (error) {
        requireStoreError(error);
      }
      await timers.sleep(RETRY_MS, signal);
    }
  }
}
