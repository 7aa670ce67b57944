/** Connections to the relay of a hub: on this machine by its Unix socket, to another one by TLS with proofs. */
import { callAfter } from "../base/deadlines.ts";
import {
  certificateDigest,
  checkProof,
  decodeAccepted,
  decodeChallenge,
  encodeProof,
  makeNonce,
  makeProof,
  MAX_PROOF_FRAME_BYTES,
} from "../relay/relay_proof.ts";
import { RelayFault } from "../relay/wire.ts";
import { formatAddress } from "./address.ts";
import { closeQuietly, type Conn } from "./conn.ts";
import { FrameConn } from "./frame_conn.ts";

/** Time for the whole of it: a machine that is gone does not answer. */
export const DIAL_MS = 5_000;

/** Where a hub's relay is. */
export type RelayPlace =
  | { readonly kind: "unix"; readonly path: string }
  | {
    readonly kind: "network";
    readonly host: string;
    readonly port: number;
    /** PEM: the only one that the hub may present. */
    readonly certificate: string;
    /** Of the cluster. */
    readonly secret: Uint8Array<ArrayBuffer>;
  };

/** A connection to a relay could not be made. The message says where and why. */
export class RelayUnreachable extends Error {
  override readonly name = "RelayUnreachable";
}

/** A connection on which the hub expects a `Hello`. @throws {RelayUnreachable} */
export async function dialRelay(place: RelayPlace, withinMs = DIAL_MS): Promise<Conn> {
  const where = place.kind === "unix" ? place.path : formatAddress({ ...place, kind: "tcp" });
  const late = new AbortController();
  const inTime = callAfter(withinMs, () => late.abort());
  try {
    if (place.kind === "unix") return await Deno.connect({ transport: "unix", path: place.path });
    const { host: hostname, port } = place;
    return await secure(await Deno.connect({ hostname, port, signal: late.signal }), place, late.signal);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const why = late.signal.aborted ? `no answer in ${withinMs / 1000} s` : describe(error);
    throw new RelayUnreachable(`${where}: ${why}`, { cause: error });
  } finally {
    inTime();
  }
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "connection refused";
  return error instanceof Error ? error.message : String(error);
}

/** TLS and both proofs. Closes the connection at once when `late` is aborted. */
async function secure(
  tcp: Deno.TcpConn,
  place: RelayPlace & { kind: "network" },
  late: AbortSignal,
): Promise<Conn> {
  let conn: Conn = tcp;
  const close = () => closeQuietly(conn);
  late.addEventListener("abort", close);
  try {
    tcp.setNoDelay(true);
    const certificate = await certificateDigest(place.certificate);
    const { connectTls } = await import("./tls/tls_conn.ts");
    const outcome = await connectTls(tcp, place.host, place.certificate);
    if (outcome.kind === "failed") throw new RelayFault(outcome.why);
    conn = outcome.conn;
    // The name and the time in it prove nothing more: the cluster has named this very certificate.
    const shown = Uint8Array.fromHex(outcome.certificate.fingerprint.replaceAll(":", ""));
    if (shown.toHex() !== certificate.toHex()) throw new RelayFault("another certificate than the hub's");
    return await prove(outcome.conn, place.secret, certificate);
  } catch (error) {
    close();
    throw error;
  } finally {
    late.removeEventListener("abort", close);
  }
}

async function prove(
  conn: Conn,
  secret: Uint8Array<ArrayBuffer>,
  certificate: Uint8Array,
): Promise<Conn> {
  const frames = new FrameConn(conn, MAX_PROOF_FRAME_BYTES, MAX_PROOF_FRAME_BYTES);
  const hubNonce = decodeChallenge(await readFrame(frames, "the hub closed the connection"));
  const frontNonce = makeNonce();
  const subject = { secret, certificate, hubNonce, frontNonce };
  frames.send([encodeProof(frontNonce, await makeProof("front", subject))]);
  const refused = "the hub refused the proof: it knows another secret of the cluster";
  await checkProof("hub", decodeAccepted(await readFrame(frames, refused)), subject);
  return conn;
}

async function readFrame(frames: FrameConn, otherwise: string): Promise<Uint8Array> {
  const frame = await frames.read();
  if (frame === undefined) throw new RelayFault(otherwise);
  return frame;
}
