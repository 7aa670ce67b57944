/**
 * Server side of SCRAM-SHA-256 (RFC 5802, RFC 7677): the client proves that it knows the password without sending it,
 * and nothing that the server stores allows a login elsewhere. No I/O; the caller supplies the nonce.
 */
import { nodeModules } from "../../base/platform/node_modules.ts";
import { assert } from "../../base/assert.ts";
import { constantTimeEqual, encodeUtf8 } from "../../base/bytes.ts";
import {
  computeSaltedPassword,
  decodeStrictBase64,
  ENDPOINT_BINDING,
  isScramNonce,
  parseScramAttributes,
  SCRAM_KEY_BYTES,
  unescapeSaslName,
} from "./scram_message.ts";

/** What the server stores of a password (RFC 5802 section 3). */
export interface ScramCredentials {
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** 32 bytes: hash of the key that the client must prove to have. */
  readonly storedKey: Uint8Array;
  /** 32 bytes: the key with which the server proves that it knows the account. */
  readonly serverKey: Uint8Array;
}

/** Derives the credentials of `password`. The expensive part runs off this thread. */
export async function deriveCredentials(
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<ScramCredentials> {
  const salted = await computeSaltedPassword(password, salt, iterations);
  return {
    salt,
    iterations,
    storedKey: sha256(hmac(salted, encodeUtf8("Client Key"))),
    serverKey: hmac(salted, encodeUtf8("Server Key")),
  };
}

/** Whether both are of one password under one salt, in a time that does not reveal how far they agree. */
export function isSamePassword(a: ScramCredentials, b: ScramCredentials): boolean {
  return constantTimeEqual(a.storedKey, b.storedKey);
}

/** The header without channel binding or with the endpoint binding; the client's final message must repeat it. */
const GS2_HEADER = /^(?:[ny],|p=chatterbox-endpoint,)(?:a=([^,]*))?,/;

/**
 * One exchange: {@link readClientFirst}, {@link makeServerFirst}, {@link readClientFinal}, in this order. For a name
 * without an account, pass credentials derived from the name and a secret, the same each time, so that clients cannot
 * find out which accounts exist.
 */
export class ScramServer {
  readonly #nonce: string;
  readonly #endpoint: string;
  /** cbind-input (section 7), which the final message repeats in base64: the header and the bound endpoint. */
  #binding = "";
  #firstBare = "";
  #bothNonces = "";
  #serverFirst = "";
  #credentials: ScramCredentials | undefined;

  /**
   * `serverNonce`: printable ASCII without a comma, at least 18 random characters, never used before. `endpoint`: the
   * address that the connection arrived at, for clients that bind to it; "": unknown, and such clients are refused.
   */
  constructor(serverNonce: string, endpoint = "") {
    assert(isScramNonce(serverNonce), "a nonce is printable ASCII without a comma");
    this.#nonce = serverNonce;
    this.#endpoint = endpoint;
  }

  /**
   * Parses client-first-message and returns the user name. An authorization identity other than the user's own is
   * `bad`.
   */
  readClientFirst(
    clientFirst: string,
  ): { readonly kind: "ok"; readonly username: string } | { readonly kind: "bad" } {
    const header = GS2_HEADER.exec(clientFirst);
    if (header === null) return { kind: "bad" };
    const bound = header[0].startsWith(ENDPOINT_BINDING);
    if (bound && this.#endpoint === "") return { kind: "bad" };
    const bare = clientFirst.slice(header[0].length);
    const attributes = parseScramAttributes(bare);
    if (attributes === undefined) return { kind: "bad" };
    const [name, nonce] = attributes;
    if (name?.name !== "n" || nonce?.name !== "r" || !isScramNonce(nonce.value)) return { kind: "bad" };
    const username = unescapeSaslName(name.value);
    if (username === undefined) return { kind: "bad" };
    const identity = header[1];
    if (identity !== undefined && unescapeSaslName(identity) !== username) return { kind: "bad" };
    this.#binding = bound ? header[0] + this.#endpoint : header[0];
    this.#firstBare = bare;
    this.#bothNonces = nonce.value + this.#nonce;
    return { kind: "ok", username };
  }

  /** server-first-message for an account with these credentials. */
  makeServerFirst(credentials: ScramCredentials): string {
    assert(this.#firstBare !== "", "readClientFirst comes before makeServerFirst");
    this.#credentials = credentials;
    this.#serverFirst = `r=${this.#bothNonces},s=${credentials.salt.toBase64()},i=${credentials.iterations}`;
    return this.#serverFirst;
  }

  /**
   * Parses client-final-message. `ok`: the client knows the password; `wrong`: it does not; `bad`: the message is
   * malformed.
   */
  readClientFinal(
    clientFinal: string,
  ): { readonly kind: "ok"; readonly serverFinal: string } | { readonly kind: "wrong" | "bad" } {
    const credentials = this.#credentials;
    const attributes = parseScramAttributes(clientFinal);
    if (credentials === undefined || attributes === undefined) return { kind: "bad" };
    const [binding, nonce] = attributes;
    const proofText = attributes.at(-1);
    if (binding?.name !== "c" || nonce?.name !== "r" || proofText?.name !== "p") return { kind: "bad" };
    const proof = decodeStrictBase64(proofText.value);
    if (proof?.length !== SCRAM_KEY_BYTES) return { kind: "bad" };
    if (binding.value !== encodeUtf8(this.#binding).toBase64() || nonce.value !== this.#bothNonces) {
      return { kind: "bad" };
    }
    const withoutProof = clientFinal.slice(0, clientFinal.lastIndexOf(",p="));
    const auth = encodeUtf8(`${this.#firstBare},${this.#serverFirst},${withoutProof}`);
    this.#credentials = undefined; // one attempt per exchange
    const clientKey = xor(proof, hmac(credentials.storedKey, auth));
    if (!constantTimeEqual(sha256(clientKey), credentials.storedKey)) return { kind: "wrong" };
    return { kind: "ok", serverFinal: `v=${hmac(credentials.serverKey, auth).toBase64()}` };
  }
}

function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  return new Uint8Array(nodeModules.crypto.createHmac("sha256", key).update(data).digest());
}

function sha256(data: Uint8Array): Uint8Array {
  return new Uint8Array(nodeModules.crypto.createHash("sha256").update(data).digest());
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}
