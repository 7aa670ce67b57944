/**
 * Client side of SCRAM-SHA-256 (RFC 5802, RFC 7677). Uses only the platform's Web Crypto, so it also runs in a
 * browser. No I/O; the caller supplies the nonce.
 */
import { assert } from "../../base/assert.ts";
import { constantTimeEqual, encodeUtf8 } from "../../base/bytes.ts";
import {
  computeSaltedPassword,
  decodeStrictBase64,
  ENDPOINT_BINDING,
  escapeSaslName,
  isScramNonce,
  MIN_SCRAM_ITERATIONS,
  parseScramAttributes,
} from "./scram_message.ts";

/** A higher count would let a server make the client compute for seconds. */
export const MAX_SCRAM_ITERATIONS = 1_000_000;

/** The computation that the server demands, and its inputs; see {@link computeScramProof}. */
export interface ScramChallenge {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
  /** AuthMessage (section 3): the text that both sides sign. */
  readonly authMessage: string;
  /** client-final-message without the proof. */
  readonly withoutProof: string;
}

export interface ScramProof {
  /** client-final-message. */
  readonly clientFinalMessage: string;
  /** Signature that a server which knows the account will send. */
  readonly serverSignature: Uint8Array;
}

export type ScramChallengeOutcome =
  | { readonly kind: "ok"; readonly challenge: ScramChallenge }
  /** The message is malformed, or demands something that the client refuses. `why`: a short clause. */
  | { readonly kind: "bad"; readonly why: string };

/** "n": no channel binding; no authorization identity. */
const GS2_NO_BINDING = "n,,";

/**
 * One exchange: {@link clientFirstMessage}, {@link readServerFirst}, {@link makeClientFinal},
 * {@link verifiesServerFinal}, in this order.
 */
export class ScramClient {
  readonly #nonce: string;
  readonly #firstBare: string;
  readonly #header: string;
  readonly #endpoint: string;
  #serverSignature: Uint8Array | undefined;

  /**
   * `nonce`: printable ASCII without a comma, at least 18 random characters, never used before. `endpoint`: the
   * address that the client connects to, if the proof is to be valid there only (see {@link ENDPOINT_BINDING}).
   */
  constructor(username: string, nonce: string, endpoint?: string) {
    assert(isScramNonce(nonce), "a nonce is printable ASCII without a comma");
    this.#nonce = nonce;
    this.#header = endpoint === undefined ? GS2_NO_BINDING : `${ENDPOINT_BINDING},`;
    this.#endpoint = endpoint ?? "";
    this.#firstBare = `n=${escapeSaslName(username)},r=${nonce}`;
  }

  /** client-first-message. */
  get clientFirstMessage(): string {
    return this.#header + this.#firstBare;
  }

  /** Parses server-first-message. */
  readServerFirst(serverFirst: string): ScramChallengeOutcome {
    const bad = (why: string): ScramChallengeOutcome => ({ kind: "bad", why });
    const [nonce, saltText, count] = parseScramAttributes(serverFirst) ?? [];
    if (nonce?.name !== "r" || saltText?.name !== "s" || count?.name !== "i") {
      return bad("it is not a SCRAM challenge");
    }
    if (!isScramNonce(nonce.value) || !nonce.value.startsWith(this.#nonce) || nonce.value === this.#nonce) {
      return bad("its nonce does not continue the client's");
    }
    const salt = decodeStrictBase64(saltText.value);
    if (salt === undefined || salt.length === 0) return bad("its salt is not base64");
    const iterations = /^\d{1,9}$/.test(count.value) ? Number(count.value) : NaN;
    if (!(iterations >= MIN_SCRAM_ITERATIONS && iterations <= MAX_SCRAM_ITERATIONS)) {
      return bad(`its iteration count is not ${MIN_SCRAM_ITERATIONS} to ${MAX_SCRAM_ITERATIONS}`);
    }
    const withoutProof = `c=${encodeUtf8(this.#header + this.#endpoint).toBase64()},r=${nonce.value}`;
    const auth = `${this.#firstBare},${serverFirst},${withoutProof}`;
    return { kind: "ok", challenge: { salt, iterations, authMessage: auth, withoutProof } };
  }

  /** Takes the result of {@link computeScramProof}; returns client-final-message. */
  makeClientFinal(answer: ScramProof): string {
    this.#serverSignature = answer.serverSignature;
    return answer.clientFinalMessage;
  }

  /** Whether server-final-message proves that the server knows the account. */
  verifiesServerFinal(serverFinal: string): boolean {
    const [verifier] = parseScramAttributes(serverFinal) ?? [];
    const signature = verifier?.name === "v" ? decodeStrictBase64(verifier.value) : undefined;
    const expected = this.#serverSignature;
    return signature !== undefined && expected !== undefined && constantTimeEqual(signature, expected);
  }
}

/** Computes SaltedPassword for a salt and a number of iterations. */
export type PasswordSalter = typeof computeSaltedPassword;

/**
 * Computes the proof for `challenge`; the expensive part runs off this thread. `salt` may return a cached result: a
 * client "MAY cache" it (RFC 5802 section 3).
 */
export async function computeScramProof(
  password: string,
  challenge: ScramChallenge,
  salt: PasswordSalter = computeSaltedPassword,
): Promise<ScramProof> {
  const salted = await salt(password, challenge.salt, challenge.iterations);
  const auth = encodeUtf8(challenge.authMessage);
  const clientKey = await hmac(salted, encodeUtf8("Client Key"));
  const storedKey = new Uint8Array(await crypto.subtle.digest("SHA-256", clientKey));
  const signature = await hmac(storedKey, auth);
  const proof = clientKey.map((byte, i) => byte ^ signature[i]!);
  return {
    clientFinalMessage: `${challenge.withoutProof},p=${proof.toBase64()}`,
    serverSignature: await hmac(await hmac(salted, encodeUtf8("Server Key")), auth),
  };
}

async function hmac(
  key: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const usable = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", usable, data));
}
