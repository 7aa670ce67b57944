/**
 * How the name becomes ours on a server: what happens between the negotiation of capabilities and CAP END, pure. By SASL where
 * the server has accounts (`sasl_exchange.ts`); where a server of ours has no account of the name, the name is registered
 * (https://ircv3.net/specs/extensions/account-registration); where it has no accounts at all, claimed.
 *
 * A key that a server has once taken as an account's is said aloud only where nobody can listen: else whoever is on the way could
 * say that there is no such account, and hear it.
 */
import { SASL } from "../../irc/capabilities.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import { RPL_LOGGEDIN, RPL_SASLSUCCESS } from "../../irc/numerics.ts";
import type { ScramChallenge, ScramProof } from "../../irc/sasl/scram_client.ts";
import { SCRAM_SHA_256 } from "../../irc/sasl/scram_message.ts";
import { CLAIM_CAPABILITY, OBSERVER_CAPABILITY } from "../../irc/vendor_extensions.ts";
import type { CapabilityTracker } from "./capability_tracker.ts";
import type { AccountStatus } from "./credentials.ts";
import type { RefusalReason } from "./refusal.ts";
import { replyText } from "./failure_reply.ts";
import { RETRY_LATER_PATTERN } from "./refusal.ts";
import { SaslExchange } from "./sasl_exchange.ts";
import type { SaslExchangeStep } from "./sasl_exchange.ts";
import { LoginPolicy } from "./login_policy.ts";
import type { Registration, SessionEvent } from "./session_event.ts";

export type LoginStep =
  /** The next word is the server's. */
  | { readonly kind: "wait" }
  /** `challenge` is to be answered with `secret`: see {@link Login.proved}. */
  | { readonly kind: "prove"; readonly challenge: ScramChallenge; readonly secret: string }
  /** Our key does not fit; another one of ours may: see {@link Login.found}. */
  | { readonly kind: "seek" }
  | { readonly kind: "refused"; readonly reason: RefusalReason; readonly text: string };

export interface LoginOptions {
  readonly registration: Registration;
  readonly caps: CapabilityTracker;
  /** Nobody on the way can listen: what is secret may be said as it is. */
  readonly isPrivate: boolean;
  /** For tests: see {@link SaslExchange}. */
  readonly nonce?: (() => string) | undefined;
  readonly say: (message: MessageParts) => void;
}

const WAIT: LoginStep = { kind: "wait" };

export class LoginFlow {
  /** Who we are logged in as. */
  account: string | undefined;
  /** The server does not want to call us by our name, as it knows us so far. */
  nameRefused: Message | undefined;
  readonly #options: LoginOptions;
  readonly #terms: LoginPolicy;
  #state: "new" | "authenticating" | "registering" | "seeking" | "ended" = "new";
  #exchange: SaslExchange | undefined;
  /** The key or passphrase that we try now. */
  #secret: string;
  /** Other keys of ours to try, and where our connection goes to. */
  #others: { readonly keys: string[]; readonly endpoint: string } | undefined;
  /** What the server said when we wanted to register: the name has an account. */
  #exists: string | undefined;
  #claimed = false;
  #registering = false;
  #isNew = false;
  #guest: { readonly why: string; readonly passing: boolean } | undefined;
  /** The server knows more about us than when it heard our name. */
  #canRetake = false;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#terms = new LoginPolicy(options);
    this.#secret = options.registration.credentials?.secret ?? "";
  }

  /** CAP END has been sent. */
  get hasEnded(): boolean {
    return this.#state === "ended";
  }

  /** A name that is refused now may be given to us once the server knows who we are. */
  get mayRetryName(): boolean {
    const { registration: { claimKey, credentials }, caps } = this.#options;
    return !this.hasEnded && (claimKey !== undefined || credentials !== undefined || caps.isObserver);
  }

  /** REGISTER has been said, and not answered. */
  get isRegistering(): boolean {
    return this.#registering;
  }

  /** Whether what we say is filed under our account or key, so that a later connection is the same sender. */
  get isIdentified(): boolean {
    return this.account !== undefined || this.#claimed;
  }

  /** With what we are logged in; undefined: we are not. */
  get secret(): string | undefined {
    return this.account === undefined ? undefined : this.#secret;
  }

  /** The server is one of ours, or says so. */
  get isOurs(): boolean {
    return this.#terms.isOurs;
  }

  get accountStatus(): AccountStatus {
    if (this.account !== undefined) return { kind: "member", account: this.account, isNew: this.#isNew };
    return this.#guest === undefined ? { kind: "none" } : { kind: "guest", ...this.#guest };
  }

  /** `message`, which refuses us because of `reason`, and why the name has no account where the server wants one. */
  makeRefusal(reason: RefusalReason, message: Message): SessionEvent & { kind: "refused" } {
    const refusal = { kind: "refused", reason, text: replyText(message) } as const;
    return reason === "account_required" && this.account === undefined && this.#guest !== undefined
      ? { ...refusal, unregistered: this.#guest.why }
      : refusal;
  }

  /** The server has told its capabilities, and we ask for some: a server of ours need not be waited for. */
  authenticateEarly(): void {
    if (this.#state !== "new" || !this.#terms.isOurs || this.#terms.shouldRegisterImmediately) return;
    if (this.#terms.mechanism === SCRAM_SHA_256) this.#authenticate();
  }

  /** All capabilities are agreed on. To be called once. */
  begin(): LoginStep {
    const { registration: { credentials }, caps, isPrivate } = this.#options;
    if (this.#state !== "new") return WAIT; // early
    if (credentials === undefined) return this.#anonymous();
    if (this.#terms.shouldRegisterImmediately) return this.#register();
    if (this.#terms.mechanism !== undefined && caps.enabled.has(SASL)) return this.#authenticate();
    const offered = caps.value(SASL) !== undefined;
    if (offered && credentials.isRegisteredOnPurpose && !isPrivate) {
      this.#goAsGuest("it wants the passphrase as it is, and the connection is not encrypted");
    } else if (credentials.kind === "passphrase") this.#goAsGuest("it has no accounts");
    return this.#anonymous();
  }

  /** One line of the server; undefined: it is not about logging in. */
  receive(message: Message): LoginStep | undefined {
    const { command, params } = message;
    if (command === RPL_LOGGEDIN) {
      this.account = params[2];
      return WAIT;
    }
    switch (this.#state) {
      case "authenticating": {
        const step = this.#exchange!.receive(message);
        return step && this.#take(step);
      }
      case "registering":
        if (command !== "REGISTER" && (command !== "FAIL" || params[0] !== "REGISTER")) return undefined;
        this.#registering = false;
        if (command === "REGISTER") return this.#registered(params[0] ?? "", message);
        return this.#notRegistered(params[1] ?? "", replyText(message));
      case "ended":
        return command === RPL_SASLSUCCESS ? WAIT : undefined;
      case "new":
      case "seeking":
        return undefined;
    }
  }

  /** What the step `prove` asked for has been computed. */
  handleScramAnswer(answer: ScramProof): void {
    this.#exchange?.proved(answer);
  }

  /**
   * What the step `seek` asked for: the keys to try. They are shown to nobody but the server at `endpoint`, which is where our
   * connection goes to: a stranger's could otherwise log in with them where they belong.
   */
  handleFoundKeys(keys: readonly string[], endpoint: string): LoginStep {
    if (this.#state !== "seeking") return WAIT;
    this.#others = { keys: endpoint === "" ? [] : [...keys], endpoint };
    return this.#tryNext();
  }

  #authenticate(endpoint?: string): LoginStep {
    const { registration: { credentials }, nonce, say } = this.#options;
    this.#exchange = new SaslExchange({
      mechanism: endpoint === undefined ? this.#terms.mechanism ?? SCRAM_SHA_256 : SCRAM_SHA_256,
      account: credentials!.account,
      secret: this.#secret,
      eager: this.#terms.isOurs,
      nonce: nonce?.(),
      endpoint,
      say,
    });
    this.#state = "authenticating";
    return WAIT;
  }

  #take(step: SaslExchangeStep): LoginStep {
    switch (step.kind) {
      case "wait":
      case "prove":
        return step;
      case "done":
        return this.#end(true);
      case "failed":
        return this.#failed(step.text);
      case "broken":
        this.#goAsGuest(step.why);
        return this.#anonymous();
      case "impostor":
        return makeRefusedStep("impostor", "the server does not know what it should know");
    }
  }

  /** There is no such account, or our secret is not its own; `text` may say more. */
  #failed(text: string): LoginStep {
    const { registration: { credentials } } = this.#options;
    if (this.#terms.isOurs && RETRY_LATER_PATTERN.test(text)) return makeRefusedStep("try_later", text);
    if (this.#others !== undefined) return this.#tryNext();
    if (credentials?.isRequired) return makeRefusedStep("wrong_passphrase", text);
    if (this.#exists !== undefined) return this.#seek();
    if (this.#terms.mayRegister) {
      return this.#terms.maySendKeyInClear || credentials?.kind !== "key" ? this.#register() : this.#seek();
    }
    if (credentials?.register !== "never") this.#goAsGuest(text);
    return this.#anonymous();
  }

  /** The server may have another address, for which we have the right key. */
  #seek(): LoginStep {
    const { registration: { credentials } } = this.#options;
    if (!this.#terms.isOurs || credentials?.kind !== "key") return this.#notOurs();
    this.#state = "seeking";
    return { kind: "seek" };
  }

  #tryNext(): LoginStep {
    const { keys, endpoint } = this.#others!;
    const key = keys.shift();
    if (key === undefined) return this.#notOurs();
    this.#secret = key;
    return this.#authenticate(endpoint);
  }

  #notOurs(): LoginStep {
    if (this.#exists !== undefined) return makeRefusedStep("not_ours", this.#exists);
    return makeRefusedStep("forgotten", "it does not know the key");
  }

  /** The claim goes first: then what was said under it belongs to the account. */
  #register(): LoginStep {
    this.#claim();
    this.#retake();
    const { account, secret } = this.#options.registration.credentials!;
    this.#say("REGISTER", account, "*", secret);
    this.#state = "registering";
    this.#registering = true;
    return WAIT;
  }

  #registered(outcome: string, message: Message): LoginStep {
    if (outcome === "SUCCESS") {
      this.account ??= message.params[1];
      this.#isNew = true;
      return this.#end(true);
    }
    this.#goAsGuest(replyText(message)); // VERIFICATION_REQUIRED: the person has to do something
    return this.#end(false);
  }

  #notRegistered(code: string, text: string): LoginStep {
    switch (code) {
      case "ACCOUNT_EXISTS":
        this.#exists = text;
        if (this.#options.registration.credentials?.kind === "passphrase") return this.#notOurs();
        // Registered by another process with our key, meanwhile?
        return this.#terms.mechanism === undefined ? this.#notOurs() : this.#authenticate();
      case "NICKNAME_IN_USE":
        return makeRefusedStep("in_use", text);
      default:
        this.#goAsGuest(text, code === "TEMPORARILY_UNAVAILABLE");
        return this.#end(false);
    }
  }

  #goAsGuest(why: string, passing = false): void {
    this.#guest = { why, passing };
  }

  /** On without an account, as far as the claim carries. */
  #anonymous(): LoginStep {
    if (this.#terms.requiresAccount) return this.#notOurs();
    this.#claim();
    return this.#end(false);
  }

  #claim(): void {
    const { registration: { claimKey }, caps } = this.#options;
    if (
      claimKey === undefined || this.#claimed || !caps.enabled.has(CLAIM_CAPABILITY) ||
      !this.#terms.maySendKeyInClear
    ) return;
    this.#say("CLAIM", claimKey);
    this.#claimed = true;
    this.#canRetake = true;
  }

  #end(isMember: boolean): LoginStep {
    if (isMember || this.#options.caps.enabled.has(OBSERVER_CAPABILITY)) this.#canRetake = true;
    this.#retake();
    if (this.nameRefused !== undefined) return makeRefusedStep("name_taken", replyText(this.nameRefused));
    this.#say("CAP", "END");
    this.#state = "ended";
    return WAIT;
  }

  /** Some servers judge a name as soon as they hear it; now that they know us, it may be ours after all. */
  #retake(): void {
    if (this.nameRefused === undefined || !this.#canRetake) return;
    this.nameRefused = undefined;
    this.#canRetake = false;
    this.#say("NICK", this.#options.registration.nick);
  }

  #say(command: string, ...params: string[]): void {
    this.#options.say({ command, params });
  }
}

function makeRefusedStep(reason: RefusalReason, text: string): LoginStep {
  return { kind: "refused", reason, text };
}
