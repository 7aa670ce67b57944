/**
 * The first frames of a relay between machines, before the `Hello` (`handshake.ts`). Both sides prove that they know the
 * secret of the cluster, without showing it:
 *
 *     hub → front   challenge: version, nonce of the hub
 *     front → hub   proof: nonce of the front, HMAC-SHA-256(secret, "front", nonces, certificate)
 *     hub → front   accepted: HMAC-SHA-256(secret, "hub", nonces, certificate)
 *
 * A proof is worth nothing elsewhere: it holds for these nonces and for the hub's TLS certificate. Pure.
 */
import { concatBytes, constantTimeEqual, encodeUtf8 } from "../base/bytes.ts";
import { makeFrame } from "./frame.ts";
import { RelayFault, WireReader, WireWriter } from "./wire.ts";

/** Changes with every change of these frames. */
export const PROOF_VERSION = 1;
/** "CBRP": a connection that begins otherwise is not of ChatterBox. */
const MAGIC = 0x43425250;
const NONCE_BYTES = 32;
const MAC_BYTES = 32;
/** A shorter secret could be guessed from a recorded proof. */
const MIN_SECRET_BYTES = 32;
/** Bound on each of the frames: the largest has 73 bytes. */
export const MAX_PROOF_FRAME_BYTES = 128;

const PROOF = { challenge: 32, proof: 33, accepted: 34 } as const;

/** What a proof is about. */
export interface ProofSubject {
  /** Of the cluster, at least 32 bytes. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the hub's TLS certificate: {@link certificateDigest}. */
  readonly certificate: Uint8Array;
  readonly hubNonce: Uint8Array;
  readonly frontNonce: Uint8Array;
}

export function makeNonce(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
}

/** SHA-256 of the first certificate (DER) in `pem`. Throws a {@link RelayFault} if there is none. */
export async function certificateDigest(pem: string): Promise<Uint8Array<ArrayBuffer>> {
  const [, base64] = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/.exec(pem) ?? [];
  if (base64 === undefined) throw new RelayFault("there is no certificate");
  try {
    const der = Uint8Array.fromBase64(base64.replaceAll(/\s/g, ""));
    return new Uint8Array(await crypto.subtle.digest("SHA-256", der));
  } catch {
    throw new RelayFault("the certificate is not PEM");
  }
}

/** The proof of one side; the other side compares it with its own by {@link checkProof}. */
export async function makeProof(
  side: "front" | "hub",
  subject: ProofSubject,
): Promise<Uint8Array<ArrayBuffer>> {
  const { secret, certificate, hubNonce, frontNonce } = subject;
  if (secret.length < MIN_SECRET_BYTES) {
    throw new RangeError(`the secret has ${secret.length} bytes, fewer than ${MIN_SECRET_BYTES}`);
  }
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const purpose = encodeUtf8(`ChatterBox relay ${PROOF_VERSION} ${side}\0`);
  const signed = concatBytes([purpose, hubNonce, frontNonce, certificate]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
}

/** Throws a {@link RelayFault} if `given` is not the proof of `side`. Takes the same time for every wrong one. */
export async function checkProof(
  side: "front" | "hub",
  given: Uint8Array,
  subject: ProofSubject,
): Promise<void> {
  if (constantTimeEqual(given, await makeProof(side, subject))) return;
  throw new RelayFault(`the ${side} does not know the secret of this cluster`);
}

export function encodeChallenge(hubNonce: Uint8Array): Uint8Array<ArrayBuffer> {
  return makeFrame(PROOF.challenge, new WireWriter().u32(MAGIC).u16(PROOF_VERSION).bytes(hubNonce).written);
}

/** The nonce of the hub. */
export function decodeChallenge(frame: Uint8Array): Uint8Array {
  const reader = readFrame(frame, PROOF.challenge, "the peer is no hub of ChatterBox");
  const version = reader.u16();
  if (version !== PROOF_VERSION) {
    throw new RelayFault(`the hub speaks version ${version} of the proof, this front ${PROOF_VERSION}`);
  }
  const nonce = reader.bytes(NONCE_BYTES);
  reader.end();
  return nonce;
}

export function encodeProof(frontNonce: Uint8Array, mac: Uint8Array): Uint8Array<ArrayBuffer> {
  return makeFrame(PROOF.proof, new WireWriter().u32(MAGIC).bytes(frontNonce).bytes(mac).written);
}

export function decodeProof(
  frame: Uint8Array,
): { readonly frontNonce: Uint8Array; readonly mac: Uint8Array } {
  const reader = readFrame(frame, PROOF.proof, "the peer is no front of ChatterBox");
  const proof = { frontNonce: reader.bytes(NONCE_BYTES), mac: reader.bytes(MAC_BYTES) };
  reader.end();
  return proof;
}

export function encodeAccepted(mac: Uint8Array): Uint8Array<ArrayBuffer> {
  return makeFrame(PROOF.accepted, new WireWriter().u32(MAGIC).bytes(mac).written);
}

/** The proof of the hub. */
export function decodeAccepted(frame: Uint8Array): Uint8Array {
  const reader = readFrame(frame, PROOF.accepted, "the hub did not accept the proof");
  const mac = reader.bytes(MAC_BYTES);
  reader.end();
  return mac;
}

function readFrame(frame: Uint8Array, kind: number, otherwise: string): WireReader {
  const reader = new WireReader(frame);
  if (reader.u8() !== kind || reader.u32() !== MAGIC) throw new RelayFault(otherwise);
  return reader;
}
