/**
 * Commits of the leader: what it has appended to its ring, and the facts that changed, become part of the cluster's log.
 * One transaction at a time; what gathers meanwhile is the next one.
 *
 * The transaction compares the create revision of `leader`, so that only the node that holds it now can write, and the
 * revision of `tail`, which every commit puts. So of several attempts at one commit a single one is carried out,
 * however late the others arrive: an attempt without an answer is made again with the same bytes, and if `tail` has
 * changed, it says whether an earlier attempt did that.
 */
import type { SavedFact } from "../log/fact.ts";
import { ClusterFault } from "./cluster_fault.ts";
import type { ClusterKeys } from "./cluster_keys.ts";
import { decodeTail, encodeTail } from "./cluster_values.ts";
import type { Tail } from "./cluster_values.ts";
import { chooseContent } from "./commit_content.ts";
import type { CommitContent, CommittedLog, PendingFact } from "./commit_content.ts";
import {
  type KeyValueStore,
  StoreRefusal,
  type Transaction,
  type TransactionResult,
} from "./key_value_store.ts";
import { requireStoreError, RETRY_MS } from "./lease_keeper.ts";
import type { LeaseKeeper } from "./lease_keeper.ts";
import { encodeBatch } from "./log_batch.ts";
import type { Timers } from "./timers.ts";

/** After waiting so long without success people are told. */
export const TROUBLE_AFTER_MS = 2000;
/** Pause before another attempt where the store has refused one: it will not change its mind at once. */
const REFUSED_RETRY_MS = 1000;
/** Most facts that wait; beyond them no turn begins. */
const MAX_PENDING_FACTS = 10_000;

/** Why nothing can be stored at present. */
export interface StoreTrouble {
  /** `no_space`: the store is full. `unavailable`: no answer, or no certain lease. `refused`: see `why`. */
  readonly kind: "no_space" | "unavailable" | "refused";
  readonly why: string;
}

export interface CommitterOptions {
  readonly store: KeyValueStore;
  readonly timers: Timers;
  readonly keys: ClusterKeys;
  readonly log: CommittedLog;
  readonly lease: Pick<LeaseKeeper, "isAlive">;
  /** Create revision of the key `leader`. */
  readonly epoch: number;
  /** What `tail` was at the election. */
  readonly tail: { readonly lastSeq: number; readonly modRevision: number };
  /** Replaces MAX_COMMIT_BYTES. */
  readonly commitBytes?: number | undefined;
  /** Aborted at the end of the term: nothing is sent and no promise settles afterwards. */
  readonly signal: AbortSignal;
  /** Everything before `nextSeq` and `facts` are committed. Called before the promises that wait for it settle. */
  readonly onCommitted: (nextSeq: number, facts: readonly SavedFact[]) => void;
  /** Another node leads, or may. */
  readonly onDeposed: () => void;
  /** Nothing can be stored; undefined: it can again. Called at each change of the kind. */
  readonly onTrouble: (trouble: StoreTrouble | undefined) => void;
  readonly onFatal: (error: unknown) => void;
}

/** A caller of {@link Committer.commit}. */
interface Waiter {
  /** It waits for the records before this one, and for the facts of so many calls. */
  readonly seq: number;
  readonly factCalls: number;
  readonly since: number;
  /** Grows from call to call. */
  readonly order: number;
  readonly resolve: () => void;
}

export class Committer {
  readonly #options: CommitterOptions;
  readonly #pendingFacts = new Map<string, PendingFact>();
  #factCalls = 0;
  /** Facts of this and of earlier calls are committed. */
  #committedFactCalls = 0;
  #committedSeq: number;
  #lastSeq: number;
  #tailRevision: number;
  #commits = 0;
  #stored = 0;
  #waiters: Waiter[] = [];
  #lastOrder = 0;
  /** Callers up to this one had come when the last attempt that succeeded was sent: this node was the leader after it. */
  #provenOrder = 0;
  /** Callers that wait until more may be appended. */
  #roomWaiters: (() => void)[] = [];
  #isClosed = false;
  #isRunning = false;
  #isWatching = false;
  #trouble: StoreTrouble | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#lastSeq = options.tail.lastSeq;
    this.#committedSeq = this.#lastSeq + 1;
    this.#tailRevision = options.tail.modRevision;
  }

  /** Every record before this number is committed. */
  get committedSeq(): number {
    return this.#committedSeq;
  }

  /** Transactions that were carried out. */
  get commits(): number {
    return this.#stored;
  }

  get trouble(): StoreTrouble | undefined {
    return this.#trouble;
  }

  /** New values of facts, once the records that they follow from have been appended. */
  saveFacts(facts: readonly SavedFact[]): void {
    if (facts.length === 0) return;
    const number = ++this.#factCalls;
    for (const fact of facts) {
      const name = `${fact.kind}\0${fact.key}`;
      this.#pendingFacts.delete(name); // the order is that of the calls
      this.#pendingFacts.set(name, { fact, number });
    }
  }

  /**
   * Resolves when all records and facts so far are committed, and this node was certainly the leader after the call:
   * then what follows from them may be told. Never settles when the node is deposed before.
   */
  commit(): Promise<void> {
    const { log, timers, signal } = this.#options;
    if (signal.aborted || this.#isClosed) return new Promise(() => {});
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({
      seq: log.nextSeq,
      factCalls: this.#factCalls,
      since: timers.now(),
      order: ++this.#lastOrder,
      resolve,
    });
    this.#settle();
    if (this.#waiters.length === 0) return promise;
    void this.#run();
    void this.#watchWaiters();
    return promise;
  }

  /** The leader gives up its key: nothing more may be told, although its lease is alive. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Undefined: more may be appended. Otherwise resolves when that is so: half of the ring holds what is not committed,
   * or too many facts wait.
   */
  whenRoom(): Promise<void> | undefined {
    if (this.#hasRoom) return undefined;
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** The lease has been renewed: what waited for that alone is done. */
  noteLease(): void {
    if (this.#waiters.length > 0) this.#settle();
  }

  get #hasRoom(): boolean {
    const { log } = this.#options;
    if (this.#pendingFacts.size > MAX_PENDING_FACTS) return false;
    const first = log.firstSeqFrom(this.#committedSeq);
    return first >= log.nextSeq || log.bytesUntilOverwritten(first) > log.capacityBytes / 2;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { keys, log, signal, onFatal, commitBytes } = this.#options;
    try {
      while (!signal.aborted && (this.#committedSeq < log.nextSeq || this.#pendingFacts.size > 0)) {
        const content = chooseContent(keys, log, this.#committedSeq, this.#pendingFacts, commitBytes);
        if (content.records.length + content.facts.length > 0) await this.#store(content);
        if (signal.aborted) return;
        this.#take(content);
      }
    } catch (error) {
      onFatal(error);
    } finally {
      this.#isRunning = false;
    }
  }

  /** Returns when the content is stored, or the term has ended. */
  async #store(content: CommitContent): Promise<void> {
    const { store, signal } = this.#options;
    const tail: Tail = {
      epoch: this.#options.epoch,
      commit: ++this.#commits,
      lastSeq: content.records.at(-1)?.seq ?? this.#lastSeq,
    };
    const transaction = this.#transactionOf(content, tail);
    while (!signal.aborted) {
      const sentOrder = this.#lastOrder;
      try {
        const result = await store.transact(transaction);
        if (signal.aborted) return;
        if (result.succeeded) this.#setTail(tail, result.revision);
        else this.#readFailure(tail, result);
        this.#provenOrder = sentOrder;
        return;
      } catch (error) {
        requireStoreError(error);
        if (signal.aborted) return;
        const isRefused = error instanceof StoreRefusal;
        if (isRefused) this.#handleRefusal(error);
        await this.#options.timers.sleep(isRefused ? REFUSED_RETRY_MS : RETRY_MS, signal);
      }
    }
  }

  #transactionOf({ records, factOperations }: CommitContent, tail: Tail): Transaction {
    const { keys, epoch } = this.#options;
    const batch = { epoch, previousSeq: this.#lastSeq, records };
    return {
      compare: [
        { key: keys.leader, target: "createRevision", is: "equal", to: epoch },
        { key: keys.tail, target: "modRevision", is: "equal", to: this.#tailRevision },
      ],
      success: [
        ...records.length === 0
          ? []
          : [{ kind: "put", key: keys.log(records[0]!.seq), value: encodeBatch(batch) } as const],
        { kind: "put", key: keys.tail, value: encodeTail(tail) },
        ...factOperations,
      ],
      failure: [{ kind: "range", key: keys.leader }, { kind: "range", key: keys.tail }],
    };
  }

  #setTail(tail: Tail, revision: number): void {
    this.#lastSeq = tail.lastSeq;
    this.#tailRevision = revision;
  }

  /** The conditions did not hold: another node leads, or an earlier attempt was carried out. */
  #readFailure(tail: Tail, { ranges: [leaders, tails] }: TransactionResult): void {
    const { keys, epoch, onDeposed } = this.#options;
    if (leaders!.entries[0]?.createRevision !== epoch) return onDeposed();
    const entry = tails!.entries[0];
    const found = entry === undefined ? undefined : decodeTail(keys.tail, entry.value);
    if (found?.epoch === epoch && found.commit === tail.commit) {
      return this.#setTail(tail, entry!.modRevision);
    }
    throw new ClusterFault(keys.tail, `it is not what this leader has written: ${JSON.stringify(found)}`);
  }

  #handleRefusal(refusal: StoreRefusal): void {
    if (refusal.why === "too_large") {
      throw new ClusterFault(
        this.#options.keys.log(this.#committedSeq),
        `a commit is too large: ${refusal.message}`,
      );
    }
    const kind = refusal.why === "no_space" ? "no_space" : "refused";
    this.#setTrouble({ kind, why: refusal.message });
  }

  #take({ nextSeq, facts }: CommitContent): void {
    this.#committedSeq = nextSeq;
    this.#stored++;
    const [oldest] = this.#pendingFacts.values();
    this.#committedFactCalls = oldest === undefined ? this.#factCalls : oldest.number - 1;
    this.#options.onCommitted(this.#committedSeq, facts);
    this.#settle();
    if (this.#roomWaiters.length > 0 && this.#hasRoom) { for (const go of this.#roomWaiters.splice(0)) go(); }
  }

  /** Settles what waits for nothing any more, in order. */
  #settle(): void {
    const { isAlive } = this.#options.lease;
    let done = 0;
    for (const { seq, factCalls, order, resolve } of this.#waiters) {
      if (seq > this.#committedSeq || factCalls > this.#committedFactCalls) break;
      if (!isAlive && order > this.#provenOrder) break;
      resolve();
      done++;
    }
    if (done === 0) return;
    this.#waiters.splice(0, done);
    this.#setTrouble(undefined);
  }

  /** Tells of a wait that takes long. */
  async #watchWaiters(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const { timers, signal } = this.#options;
    while (this.#waiters.length > 0 && !signal.aborted) {
      await timers.sleep(TROUBLE_AFTER_MS / 4, signal);
      const [oldest] = this.#waiters;
      if (oldest === undefined || signal.aborted || timers.now() - oldest.since < TROUBLE_AFTER_MS) continue;
      if (this.#trouble === undefined) {
        this.#setTrouble({
          kind: "unavailable",
          why: `etcd has not answered for ${TROUBLE_AFTER_MS / 1000} s`,
        });
      }
    }
    this.#isWatching = false;
  }

  #setTrouble(trouble: StoreTrouble | undefined): void {
    const isSame = trouble?.kind === this.#trouble?.kind;
    this.#trouble = trouble;
    if (!isSame) this.#options.onTrouble(trouble);
  }
}
