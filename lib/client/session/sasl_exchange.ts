/**
 * One login attempt by SASL (https://ircv3.net/specs/extensions/sasl-3.2), without I/O: PLAIN or
 * SCRAM-SHA-256.
 */
import type { Message, MessageParts } from "../../irc/message.ts";
import {
  ERR_NICKLOCKED,
  ERR_SASLABORTED,
  ERR_SASLFAIL,
  ERR_SASLTOOLONG,
  RPL_SASLMECHS,
  RPL_SASLSUCCESS,
} from "../../irc/numerics.ts";
import { encodeSaslChunks, SASL_CHUNK_LENGTH, SaslChunkDecoder } from "../../irc/sasl/sasl_chunks.ts";
import { ScramClient } from "../../irc/sasl/scram_client.ts";
import type { ScramChallenge, ScramProof } from "../../irc/sasl/scram_client.ts";
import { SCRAM_SHA_256 } from "../../irc/sasl/scram_message.ts";
import { replyText } from "./failure_reply.ts";

export type SaslMechanism = typeof SCRAM_SHA_256 | "PLAIN";

export type SaslExchangeStep =
  /** The server is to answer. */
  | { readonly kind: "wait" }
  /** `challenge` must be answered with `secret`: see {@link SaslExchange.handleScramAnswer}. */
  | { readonly kind: "prove"; readonly challenge: ScramChallenge; readonly secret: string }
  /** The login has succeeded, or will. */
  | { readonly kind: "done" }
  /** The server rejects the login; `text` are its words. */
  | { readonly kind: "failed"; readonly text: string }
  /** The server violates the protocol; the exchange has been aborted. */
  | { readonly kind: "broken"; readonly why: string }
  /** The server did not prove that it knows the account. */
  | { readonly kind: "impostor" };

export interface SaslOptions {
  readonly mechanism: SaslMechanism;
  readonly account: string;
  readonly secret: string;
  /**
   * For ChatterBox servers: sends the first message unasked, and does not wait for the result after the
   * server's proof.
   */
  readonly eager: boolean;
  /** For tests; random if left out. */
  readonly nonce?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly say: (message: MessageParts) => void;
}

/** Longest SASL message of a server; those of ChatterBox servers have about 200 characters. */
const MAX_RESPONSE_LENGTH = 4 * SASL_CHUNK_LENGTH;

/** Random bytes of a nonce. RFC 5802 has no number. */
const NONCE_BYTES = 18;

const WAIT: SaslExchangeStep = { kind: "wait" };

const FAILED: ReadonlySet<string> = new Set([
  ERR_NICKLOCKED,
  ERR_SASLFAIL,
  ERR_SASLTOOLONG,
  ERR_SASLABORTED,
  RPL_SASLMECHS,
]);

export class SaslExchange {
  readonly #options: SaslOptions;
  readonly #scram: ScramClient;
  readonly #response = new SaslChunkDecoder(MAX_RESPONSE_LENGTH);
  /**
   * Awaited: the server's reply to the mechanism, its challenge, the client's answer to it, the server's
   * proof, its result.
   */
  #state: "mechanism" | "challenge" | "answer" | "proof" | "result" = "mechanism";

  /** Starts the exchange. */
  constructor(options: SaslOptions) {
    const { mechanism, account, nonce = randomNonce(), endpoint, eager } = options;
    this.#options = options;
    this.#scram = new ScramClient(account, nonce, endpoint);
    this.#say(mechanism);
    if (eager && mechanism === SCRAM_SHA_256) this.#sayPieces(this.#scram.clientFirstMessage);
  }

  /** Handles one line of the server. Undefined: it is not part of the exchange. */
  receive(message: Message): SaslExchangeStep | undefined {
    const { command, params } = message;
    if (command === "AUTHENTICATE") return this.#challenged(params[0] ?? "");
    if (command === RPL_SASLSUCCESS) return { kind: this.#state === "result" ? "done" : "impostor" };
    return FAILED.has(command) ? { kind: "failed", text: replyText(message) } : undefined;
  }

  /** The answer to the step `prove`. */
  handleScramAnswer(answer: ScramProof): void {
    if (this.#state !== "answer") return;
    this.#sayPieces(this.#scram.makeClientFinal(answer));
    this.#state = "proof";
  }

  #challenged(piece: string): SaslExchangeStep {
    const step = this.#response.push(piece);
    if (step.kind === "more") return WAIT;
    const text = step.kind === "whole" ? step.text : "";
    switch (this.#state) {
      case "mechanism":
        return this.#respond();
      case "challenge": {
        const outcome = this.#scram.readServerFirst(text);
        if (outcome.kind === "bad") return this.#giveUp(`its challenge is not valid: ${outcome.why}`);
        this.#state = "answer";
        return { kind: "prove", challenge: outcome.challenge, secret: this.#options.secret };
      }
      case "proof":
        if (!this.#scram.verifiesServerFinal(text)) return { kind: "impostor" };
        this.#say("+");
        this.#state = "result";
        // a server sends its own proof only if the client's was right
        return this.#options.eager ? { kind: "done" } : WAIT;
      case "answer":
      case "result":
        return this.#giveUp("it sends more messages than a login has");
    }
  }

  #respond(): SaslExchangeStep {
    const { mechanism, account, secret, eager } = this.#options;
    if (mechanism === "PLAIN") {
      this.#sayPieces(`\0${account}\0${secret}`);
      this.#state = "result";
      return WAIT;
    }
    if (!eager) this.#sayPieces(this.#scram.clientFirstMessage);
    this.#state = "challenge";
    return WAIT;
  }

  #giveUp(why: string): SaslExchangeStep {
    this.#say("*");
    return { kind: "broken", why };
  }

  #sayPieces(text: string): void {
    for (const piece of encodeSaslChunks(text)) this.#say(piece);
  }

  #say(param: string): void {
    this.#options.say({ command: "AUTHENTICATE", params: [param] });
  }
}

function randomNonce(): string {
  return crypto.getRandomValues(new Uint8Array(NONCE_BYTES)).toBase64();
}
