/** The store of a cluster in etcd, version 3.4 or newer. */
import type {
  KeyRange,
  KeyValueStore,
  Lease,
  RangeOptions,
  RangeResult,
  StoreStatus,
  Transaction,
  TransactionResult,
  WatchBatch,
} from "../key_value_store.ts";
import { StoreRefusal, StoreUnavailable } from "../key_value_store.ts";
import { SILENCE_MS, watchRange } from "./etcd_watch.ts";
import { type EtcdOptions, Gateway } from "./gateway.ts";
import {
  rangeRequest,
  rangeResult,
  transactionRequest,
  transactionResult,
  type WireRange,
  type WireTransaction,
} from "./gateway_message.ts";

/** etcd's default for `--quota-backend-bytes`, for a member that does not say its own. */
const DEFAULT_QUOTA_BYTES = 2 * 1024 ** 3;

interface WireStatus {
  readonly version: string;
  readonly dbSize?: string;
  readonly dbSizeInUse?: string;
  /** Since version 3.6. */
  readonly dbSizeQuota?: string;
}

export interface EtcdStoreOptions extends EtcdOptions {
  /** Left out: {@link SILENCE_MS}. */
  readonly silenceMs?: number;
}

export class EtcdStore implements KeyValueStore, Disposable {
  readonly #gateway: Gateway;
  readonly #silenceMs: number;
  #quotaBytes: number | undefined;

  constructor(options: EtcdStoreOptions) {
    this.#gateway = new Gateway(options);
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
  }

  /** Ends watches; requests without an answer throw StoreUnavailable. */
  close(): void {
    this.#gateway.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async range(range: KeyRange, options: RangeOptions = {}): Promise<RangeResult> {
    return rangeResult(await this.#gateway.ask<WireRange>("/v3/kv/range", rangeRequest(range, options)));
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    const request = transactionRequest(transaction);
    return transactionResult(await this.#gateway.askOnce<WireTransaction>("/v3/kv/txn", request));
  }

  async grantLease(ttlSeconds: number): Promise<Lease> {
    const answer = await this.#gateway.askOnce<{ ID: string; TTL: string }>("/v3/lease/grant", {
      TTL: String(ttlSeconds),
    });
    return { id: answer.ID, ttlSeconds: Number(answer.TTL) };
  }

  /**
   * A leader that has lost its majority answers for up to an election timeout more, from what it knows: it may not know
   * a new lease. One that it renews lives on, since the next leader begins each lease anew.
   */
  async keepAlive(id: string): Promise<boolean> {
    const { result } = await this.#gateway.ask<{ result?: { TTL?: string } }>("/v3/lease/keepalive", {
      ID: id,
    });
    if (result === undefined) throw new StoreUnavailable("etcd's answer to a keepalive is empty");
    return Number(result.TTL ?? 0) > 0;
  }

  async revokeLease(id: string): Promise<void> {
    try {
      await this.#gateway.ask("/v3/lease/revoke", { ID: id });
    } catch (error) {
      if (!(error instanceof StoreRefusal && error.why === "no_lease")) throw error;
    }
  }

  watch(range: KeyRange, fromRevision: number, signal: AbortSignal): AsyncIterable<WatchBatch> {
    return watchRange(this.#gateway, range, fromRevision, signal, this.#silenceMs);
  }

  async compact(revision: number): Promise<void> {
    try {
      await this.#gateway.ask("/v3/kv/compaction", { revision: String(revision) });
    } catch (error) {
      if (!(error instanceof StoreRefusal && error.why === "compacted")) throw error;
    }
  }

  async status(): Promise<StoreStatus> {
    const status = await this.#gateway.ask<WireStatus>("/v3/maintenance/status", {});
    const { alarms = [] } = await this.#gateway.ask<{ alarms?: { alarm?: string }[] }>(
      "/v3/maintenance/alarm",
      {
        action: "GET",
      },
    );
    const ownQuota = Number(status.dbSizeQuota ?? 0);
    this.#quotaBytes ??= ownQuota > 0 ? ownQuota : readQuota(await this.#gateway.metrics());
    return {
      version: status.version,
      bytes: Number(status.dbSize ?? 0),
      bytesInUse: Number(status.dbSizeInUse ?? 0),
      quotaBytes: this.#quotaBytes,
      alarms: [...new Set(alarms.map(({ alarm = "NONE" }) => alarm))],
    };
  }
}

/** The quota in a page of metrics; etcd's default where it is not there. */
function readQuota(metrics = ""): number {
  const bytes = Number(/^etcd_server_quota_backend_bytes (\S+)$/m.exec(metrics)?.[1]);
  return bytes > 0 ? bytes : DEFAULT_QUOTA_BYTES;
}
