/** One try to log in by SASL (https://ircv3.net/specs/extensions/sasl-3.2) as a client does it, pure: PLAIN or SCRAM-SHA-256. */
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
  /** The next word is the server's. */
  | { readonly kind: "wait" }
  /** `challenge` is to be answered with `secret`: see {@link SaslExchange.proved}. */
  | { readonly kind: "prove"; readonly challenge: ScramChallenge; readonly secret: string }
  /** We are logged in, or as good as. */
  | { readonly kind: "done" }
  /** The server does not take what we have; `text` are its words. */
  | { readonly kind: "failed"; readonly text: string }
  /** The server breaks the protocol, and was told that this is the end of it. */
  | { readonly kind: "broken"; readonly why: string }
  /** The server does not know what it must know, if it is the one that it was. */
  | { readonly kind: "impostor" };

export interface SaslOptions {
  readonly mechanism: SaslMechanism;
  readonly account: string;
  readonly secret: string;
  /** The server is of ours: it takes the first message unasked, and its word after the proof need not be waited for. */
  readonly eager: boolean;
  /** See {@link ScramClient}; random where left out. */
  readonly nonce?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly say: (message: MessageParts) => void;
}

/** Longest message of a server in SASL; ours say some 200 characters. */
const MAX_RESPONSE_LENGTH = 4 * SASL_CHUNK_LENGTH;

/** Random bytes of a nonce: RFC 5802 leaves it open; servers take as many. */
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
  /** The mechanism is named; the server computes a challenge, we an answer, the server its own proof; its verdict is to come. */
  #state: "named" | "challenge" | "answer" | "proof" | "verdict" = "named";

  /** Begins at once. */
  constructor(options: SaslOptions) {
    const { mechanism, account, nonce = randomNonce(), endpoint, eager } = options;
    this.#options = options;
    this.#scram = new ScramClient(account, nonce, endpoint);
    this.#say(mechanism);
    if (eager && mechanism === SCRAM_SHA_256) this.#sayPieces(this.#scram.clientFirstMessage);
  }

  /** One line of the server; undefined: it is not about this. */
  receive(message: Message): SaslExchangeStep | undefined {
    const { command, params } = message;
    if (command === "AUTHENTICATE") return this.#challenged(params[0] ?? "");
    if (command === RPL_SASLSUCCESS) return { kind: this.#state === "verdict" ? "done" : "impostor" };
    return FAILED.has(command) ? { kind: "failed", text: replyText(message) } : undefined;
  }

  /** What the step `prove` asked for has been computed. */
  proved(answer: ScramProof): void {
    if (this.#state !== "answer") return;
    this.#sayPieces(this.#scram.makeClientFinal(answer));
    this.#state = "proof";
  }

  #challenged(piece: string): SaslExchangeStep {
    const step = this.#response.push(piece);
    if (step.kind === "more") return WAIT;
    const text = step.kind === "whole" ? step.text : "";
    switch (this.#state) {
      case "named":
        return this.#respond();
      case "challenge": {
        const outcome = this.#scram.readServerFirst(text);
        if (outcome.kind === "bad") return this.#giveUp(`its challenge will not do: ${outcome.why}`);
        this.#state = "answer";
        return { kind: "prove", challenge: outcome.challenge, secret: this.#options.secret };
      }
      case "proof":
        if (!this.#scram.verifiesServerFinal(text)) return { kind: "impostor" };
        this.#say("+");
        this.#state = "verdict";
        // Our proof was right, or the server would not have sent its own.
        return this.#options.eager ? { kind: "done" } : WAIT;
      case "answer":
      case "verdict":
        return this.#giveUp("it asks for more than belongs to logging in");
    }
  }

  #respond(): SaslExchangeStep {
    const { mechanism, account, secret, eager } = this.#options;
    if (mechanism === "PLAIN") {
      this.#sayPieces(`\0${account}\0${secret}`);
      this.#state = "verdict";
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
