/**
 * How the name becomes ours on a server: what happens between the negotiation of capabilities and CAP END, pure. By SASL where
 * the server has accounts (https://ircv3.net/specs/extensions/sasl-3.2); where a server of ours has no account of the name, the
 * name is registered (https://ircv3.net/specs/extensions/account-registration); where it has no accounts at all, claimed.
 */
import { REGISTRATION, SASL } from "../irc/caps.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import {
  ERR_NICKLOCKED,
  ERR_SASLABORTED,
  ERR_SASLFAIL,
  ERR_SASLTOOLONG,
  RPL_LOGGEDIN,
  RPL_SASLMECHS,
  RPL_SASLSUCCESS,
} from "../irc/numerics.ts";
import { SASL_PIECE_LENGTH, saslPieces, SaslResponse } from "../irc/sasl.ts";
import { ScramClient } from "../irc/scram_client.ts";
import type { ScramAnswer, ScramChallenge } from "../irc/scram_client.ts";
import { SCRAM_SHA_256 } from "../irc/scram_message.ts";
import type { CapTracker } from "./cap_tracker.ts";
import type { Credentials, Standing } from "./credentials.ts";
import type { Refusal } from "./refusal.ts";
import { textOf } from "./refusal.ts";

export type LoginStep =
  /** The next word is the server's. */
  | { readonly kind: "wait" }
  /** `challenge` is to be answered: see {@link Login.proved}. */
  | { readonly kind: "prove"; readonly challenge: ScramChallenge }
  | { readonly kind: "refused"; readonly reason: Refusal; readonly text: string };

export interface LoginOptions {
  readonly nick: string;
  readonly claim: string | undefined;
  readonly credentials: Credentials | undefined;
  readonly caps: CapTracker;
  /** Nobody on the way can listen: what is secret may be said as it is. */
  readonly isPrivate: boolean;
  /** See {@link ScramClient}. */
  readonly nonce: () => string;
  readonly say: (message: MessageParts) => void;
}

export const CLAIM = "chatterbox.chat/claim";
export const OBSERVER = "chatterbox.chat/observer";

/** Longest message of a server in SASL; ours say some 200 characters. */
const MAX_RESPONSE_LENGTH = 4 * SASL_PIECE_LENGTH;

const WAIT: LoginStep = { kind: "wait" };

const FAILED: ReadonlySet<string> = new Set([
  ERR_NICKLOCKED,
  ERR_SASLFAIL,
  ERR_SASLTOOLONG,
  ERR_SASLABORTED,
  RPL_SASLMECHS,
]);

export class Login {
  /** Who we are logged in as. */
  account: string | undefined;
  /** The server does not want to call us by our name, as it knows us so far. */
  nameRefused: Message | undefined;
  readonly #options: LoginOptions;
  readonly #response = new SaslResponse(MAX_RESPONSE_LENGTH);
  #state:
    | "new"
    /** The mechanism is named. */
    | "named"
    /** The server computes a challenge, we an answer, the server its own proof; its verdict is to come. */
    | "challenge"
    | "answer"
    | "proof"
    | "verdict"
    | "registering"
    | "ended" = "new";
  #mechanism: "SCRAM-SHA-256" | "PLAIN" = SCRAM_SHA_256;
  #scram: ScramClient | undefined;
  /** What the server said when we wanted to register: the name has an account. */
  #exists: string | undefined;
  #claimed = false;
  #isNew = false;
  #guest: string | undefined;
  /** The server knows more about us than when it heard our name. */
  #canRetake = false;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** CAP END has been sent. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /** A name that is refused now may be given to us once the server knows who we are. */
  get mayWin(): boolean {
    const { claim, credentials, caps } = this.#options;
    return !this.ended && (claim !== undefined || credentials !== undefined || caps.observer);
  }

  /** Whether what we say is filed under our account or key, so that a later connection is the same sender. */
  get identified(): boolean {
    return this.account !== undefined || this.#claimed;
  }

  get standing(): Standing {
    if (this.account !== undefined) return { kind: "member", account: this.account, isNew: this.#isNew };
    return this.#guest === undefined ? { kind: "none" } : { kind: "guest", why: this.#guest };
  }

  /** The server has told its capabilities, and we ask for some: a server of ours need not be waited for. */
  early(): void {
    if (this.#state !== "new" || !this.#isOurs || this.#registersAtOnce) return;
    if (this.#sasl() === SCRAM_SHA_256) this.#authenticate();
  }

  /** All capabilities are agreed on. To be called once. */
  begin(): LoginStep {
    const { credentials, caps } = this.#options;
    if (this.#state !== "new") return WAIT; // early
    if (credentials === undefined) return this.#anonymous();
    if (this.#registersAtOnce) return this.#register();
    const mechanism = this.#sasl();
    if (mechanism !== undefined && caps.enabled.has(SASL)) {
      this.#authenticate();
      return WAIT;
    }
    const offered = caps.value(SASL) !== undefined;
    if (offered && credentials.known && !this.#options.isPrivate) {
      this.#guest = "it wants the passphrase as it is, and the connection is not encrypted";
    } else if (credentials.kind === "passphrase") this.#guest = "it has no accounts";
    return this.#anonymous();
  }

  /** One line of the server; undefined: it is not about logging in. */
  receive(message: Message): LoginStep | undefined {
    const { command, params } = message;
    if (command === RPL_LOGGEDIN) {
      this.account = params[2];
      return WAIT;
    }
    if (this.#state === "new") return undefined;
    if (command === RPL_SASLSUCCESS) return this.#succeeded();
    if (this.#state === "ended") return undefined;
    if (this.#state === "registering") {
      if (command === "REGISTER") return this.#registered(params[0] ?? "", message);
      if (command === "FAIL" && params[0] === "REGISTER") {
        return this.#notRegistered(params[1] ?? "", message);
      }
      return undefined;
    }
    if (command === "AUTHENTICATE") return this.#challenged(params[0] ?? "");
    return FAILED.has(command) ? this.#failed(textOf(message)) : undefined;
  }

  /** What the step `prove` asked for has been computed. */
  proved(answer: ScramAnswer): void {
    if (this.#state !== "answer" || this.#scram === undefined) return;
    this.#sayPieces(this.#scram.answer(answer));
    this.#state = "proof";
  }

  get #isOurs(): boolean {
    return this.#options.caps.value(CLAIM) !== undefined;
  }

  get #mayRegister(): boolean {
    const { credentials, caps } = this.#options;
    const early = caps.value(REGISTRATION)?.split(",").some((key) => key.startsWith("before-connect"));
    const { register = "never" } = credentials ?? {};
    return early === true && (register === "any" || register === "ours" && this.#isOurs);
  }

  get #registersAtOnce(): boolean {
    return this.#options.credentials?.fresh === true && this.#mayRegister;
  }

  /** The mechanism to log in by; undefined: not at all. */
  #sasl(): "SCRAM-SHA-256" | "PLAIN" | undefined {
    const { credentials, caps, isPrivate } = this.#options;
    const offered = caps.value(SASL);
    if (credentials === undefined || offered === undefined) return undefined;
    if (!this.#isOurs && !credentials.known) return undefined;
    const mechanisms = offered === "" ? ["PLAIN"] : offered.toUpperCase().split(",");
    if (mechanisms.includes(SCRAM_SHA_256)) return SCRAM_SHA_256;
    return mechanisms.includes("PLAIN") && isPrivate ? "PLAIN" : undefined;
  }

  #authenticate(): void {
    const { credentials, nonce } = this.#options;
    this.#mechanism = this.#sasl() ?? SCRAM_SHA_256;
    this.#scram = new ScramClient(credentials!.account, nonce());
    this.#say("AUTHENTICATE", this.#mechanism);
    this.#state = "named";
    // Our own servers take the first message without being waited for.
    if (this.#isOurs && this.#mechanism === SCRAM_SHA_256) this.#sayPieces(this.#scram.first);
  }

  #challenged(piece: string): LoginStep {
    const step = this.#response.push(piece);
    if (step.kind === "more") return WAIT;
    const scram = this.#scram!;
    const text = step.kind === "whole" ? step.text : "";
    switch (this.#state) {
      case "named":
        return this.#respond();
      case "challenge": {
        const outcome = scram.challenged(text);
        if (outcome.kind === "bad") return this.#giveUp(`its challenge will not do: ${outcome.why}`);
        this.#state = "answer";
        return { kind: "prove", challenge: outcome.challenge };
      }
      case "proof":
        if (!scram.accepts(text)) return impostor();
        this.#say("AUTHENTICATE", "+");
        this.#state = "verdict";
        // Our proof was right, or the server would not have sent its own: nothing is left to wait for.
        return this.#isOurs ? this.#end(true) : WAIT;
      default:
        return this.#giveUp("it asks for more than belongs to logging in");
    }
  }

  #respond(): LoginStep {
    const { account, secret } = this.#options.credentials!;
    if (this.#mechanism === "PLAIN") {
      this.#sayPieces(`\0${account}\0${secret}`);
      this.#state = "verdict";
      return WAIT;
    }
    if (!this.#isOurs) this.#sayPieces(this.#scram!.first);
    this.#state = "challenge";
    return WAIT;
  }

  /** A server that breaks the protocol: without logging in, then. */
  #giveUp(why: string): LoginStep {
    this.#say("AUTHENTICATE", "*");
    this.#guest = why;
    return this.#anonymous();
  }

  #succeeded(): LoginStep {
    if (this.#state === "ended") return WAIT;
    if (this.#state !== "verdict") return impostor();
    return this.#end(true);
  }

  /** There is no such account, or our secret is not its own; `text` may say more. */
  #failed(text: string): LoginStep {
    const { credentials } = this.#options;
    if (credentials?.needed) return { kind: "refused", reason: "wrong_passphrase", text };
    if (this.#exists !== undefined) return { kind: "refused", reason: "not_ours", text: this.#exists };
    if (this.#mayRegister) return this.#register();
    if (credentials?.register !== "never") this.#guest = text;
    return this.#anonymous();
  }

  /** The claim goes first: then what was said under it belongs to the account. */
  #register(): LoginStep {
    this.#claim();
    this.#retake();
    const { account, secret } = this.#options.credentials!;
    this.#say("REGISTER", account, "*", secret);
    this.#state = "registering";
    return WAIT;
  }

  #registered(outcome: string, message: Message): LoginStep {
    if (outcome === "SUCCESS") {
      this.account ??= message.params[1];
      this.#isNew = true;
      return this.#end(true);
    }
    this.#guest = textOf(message); // VERIFICATION_REQUIRED: the person has to do something
    return this.#end(false);
  }

  #notRegistered(code: string, message: Message): LoginStep {
    const text = textOf(message);
    if (code !== "ACCOUNT_EXISTS") {
      this.#guest = text;
      return this.#end(false);
    }
    const { credentials } = this.#options;
    if (credentials?.kind === "passphrase" || this.#sasl() === undefined) {
      return { kind: "refused", reason: "not_ours", text };
    }
    this.#exists = text; // registered by another process with our key, meanwhile?
    this.#authenticate();
    return WAIT;
  }

  /** On without an account, as far as the claim carries. */
  #anonymous(): LoginStep {
    this.#claim();
    return this.#end(false);
  }

  #claim(): void {
    const { claim, caps } = this.#options;
    if (claim === undefined || this.#claimed || !caps.enabled.has(CLAIM)) return;
    this.#say("CLAIM", claim);
    this.#claimed = true;
    this.#canRetake = true;
  }

  #end(isMember: boolean): LoginStep {
    if (isMember || this.#options.caps.enabled.has(OBSERVER)) this.#canRetake = true;
    this.#retake();
    if (this.nameRefused !== undefined) {
      return { kind: "refused", reason: "name_taken", text: textOf(this.nameRefused) };
    }
    this.#say("CAP", "END");
    this.#state = "ended";
    return WAIT;
  }

  /** Some servers judge a name as soon as they hear it; now that they know us, it may be ours after all. */
  #retake(): void {
    if (this.nameRefused === undefined || !this.#canRetake) return;
    this.nameRefused = undefined;
    this.#canRetake = false;
    this.#say("NICK", this.#options.nick);
  }

  #sayPieces(text: string): void {
    for (const piece of saslPieces(text)) this.#say("AUTHENTICATE", piece);
  }

  #say(command: string, ...params: string[]): void {
    this.#options.say({ command, params });
  }
}

function impostor(): LoginStep {
  return { kind: "refused", reason: "impostor", text: "the server does not know what it should know" };
}
