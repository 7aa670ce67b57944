/**
 * The relay for fronts on other machines: TCP with TLS under a certificate of this hub's own, and proofs of the
 * cluster's secret (`relay/relay_proof.ts`). What is proven goes on as a connection to the relay socket does.
 */
import { callAfter } from "../../base/deadlines.ts";
import { subnetOf } from "../../base/ip.ts";
import { KeyedBuckets } from "../../base/keyed_buckets.ts";
import { type Rate, TokenBucket } from "../../base/token_bucket.ts";
import { type Address, formatAddress } from "../../net/address.ts";
import { closeQuietly } from "../../net/conn.ts";
import type { Conn, SocketListener } from "../../net/conn.ts";
import { FrameConn } from "../../net/frame_conn.ts";
import { acceptConnections, listen } from "../../net/listener.ts";
import { PendingConns } from "../../net/pending_conns.ts";
import type { TlsIdentity } from "../../net/tls/tls_conn.ts";
import {
  certificateDigest,
  checkProof,
  decodeProof,
  encodeAccepted,
  encodeChallenge,
  makeNonce,
  makeProof,
  MAX_PROOF_FRAME_BYTES,
} from "../../relay/relay_proof.ts";
import { RelayFault } from "../../relay/wire.ts";

/** Time for TLS and the proof. */
export const PROOF_MS = 5_000;
/** Connections without a proof; one more closes the oldest. */
export const MAX_UNPROVEN = 256;
/** New ones of these from an address (IPv6: one /64); further ones are closed before TLS, which would cost the hub time. */
export const UNPROVEN_RATE: Rate = { count: 128, ms: 30_000 };
/** Lines in the log about connections that prove nothing; further ones are counted. */
const TROUBLE_RATE: Rate = { count: 5, ms: 60_000 };

export interface NetworkRelayOptions {
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  /** The certificate that fronts trust, and its key. */
  readonly identity: TlsIdentity;
  /** Of the cluster, at least 32 bytes. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** Gets each connection of a front, after the proof; it begins with a `Hello`. */
  readonly accept: (conn: Conn) => void;
  /** For the server log. */
  readonly onTrouble: (why: string) => void;
  /** Time for TLS and the proof, in ms. */
  readonly proofMs?: number;
  /** In place of {@link UNPROVEN_RATE}. */
  readonly unprovenRate?: Rate;
  /** Milliseconds, of a clock without steps. */
  readonly now?: () => number;
}

export class NetworkRelay {
  readonly #listeners: readonly SocketListener[];
  readonly #options: NetworkRelayOptions;
  readonly #certificate: Uint8Array;
  readonly #wrap: (conn: Deno.TcpConn) => Conn;
  readonly #unproven = new PendingConns(MAX_UNPROVEN);
  readonly #newConnections: KeyedBuckets;
  readonly #now: () => number;
  readonly #troubles: TokenBucket;
  /** Troubles that were not told. */
  #untold = 0;

  private constructor(
    options: NetworkRelayOptions,
    listeners: readonly SocketListener[],
    wrap: (conn: Deno.TcpConn) => Conn,
    certificate: Uint8Array,
    /** Where it listens, with the port that was found for 0. */
    readonly address: Address,
  ) {
    this.#options = options;
    this.#listeners = listeners;
    this.#wrap = wrap;
    this.#certificate = certificate;
    this.#now = options.now ?? (() => performance.now());
    this.#newConnections = new KeyedBuckets(options.unprovenRate ?? UNPROVEN_RATE);
    this.#troubles = new TokenBucket(TROUBLE_RATE, this.#now());
  }

  static async open(options: NetworkRelayOptions): Promise<NetworkRelay | { readonly why: string }> {
    const { host, port, identity, onTrouble } = options;
    const { makeTlsWrapper } = await import("../../net/tls/tls_conn.ts");
    const wrap = makeTlsWrapper(identity);
    const certificate = await certificateDigest(identity.cert);
    const outcome = await listen({ kind: "tcp", host, port }, "--relay");
    if (outcome.kind === "failed") return { why: outcome.why };
    const { listener, other, address } = outcome;
    const listeners = other === undefined ? [listener] : [listener, other];
    const relay = new NetworkRelay(options, listeners, wrap, certificate, address);
    for (const each of listeners) {
      void acceptConnections(each, (conn) => void relay.#accept(conn as Deno.TcpConn), onTrouble);
    }
    return relay;
  }

  /** Number of connections without a proof so far. */
  get unproven(): number {
    return this.#unproven.size;
  }

  /** Accepts no more; closes the connections without a proof. */
  close(): void {
    for (const listener of this.#listeners) closeQuietly(listener);
    this.#unproven.close();
  }

  async #accept(tcp: Deno.TcpConn): Promise<void> {
    const { hostname: host, port } = tcp.remoteAddr;
    const from = formatAddress({ kind: "tcp", host, port });
    const site = subnetOf(host);
    if (!this.#newConnections.take(site, this.#now())) {
      closeQuietly(tcp);
      return this.#report(`the relay refused a connection from ${from}: too many that prove nothing`);
    }
    const conn = this.#wrap(tcp);
    this.#unproven.add(conn);
    const inTime = callAfter(this.#options.proofMs ?? PROOF_MS, () => closeQuietly(conn));
    let isProven = false;
    try {
      isProven = await this.#prove(conn);
    } catch (error) {
      if (!(error instanceof RelayFault)) throw error;
      this.#report(`the relay refused a connection from ${from}: ${error.message}`);
    } finally {
      inTime();
      this.#unproven.delete(conn);
    }
    if (!isProven) return closeQuietly(conn);
    this.#newConnections.refund(site, this.#now());
    this.#options.accept(conn);
  }

  /** False: the connection has ended. Throws a `RelayFault` if the proof is wrong. */
  async #prove(conn: Conn): Promise<boolean> {
    const frames = new FrameConn(conn, MAX_PROOF_FRAME_BYTES, MAX_PROOF_FRAME_BYTES);
    const hubNonce = makeNonce();
    frames.send([encodeChallenge(hubNonce)]);
    const frame = await frames.read();
    if (frame === undefined) return false;
    const { frontNonce, mac } = decodeProof(frame);
    const subject = { secret: this.#options.secret, certificate: this.#certificate, hubNonce, frontNonce };
    await checkProof("front", mac, subject);
    if (frames.takeRest().length > 0) throw new RelayFault("the front did not wait for an answer");
    frames.send([encodeAccepted(await makeProof("hub", subject))]);
    await frames.queue.flushed();
    return true;
  }

  #report(why: string): void {
    if (this.#troubles.take(1, this.#now()) === 0) {
      this.#untold++;
      return;
    }
    this.#options.onTrouble(this.#untold === 0 ? why : `${why} (and ${this.#untold} more before)`);
    this.#untold = 0;
  }
}
