/**
 * The login between capability negotiation and CAP END, without I/O. It uses SASL where the server has
 * accounts (`sasl_exchange.ts`). Where a ChatterBox server has no account of the name, the name is registered
 * (https://ircv3.net/specs/extensions/account-registration); where it has no accounts at all, the name is
 * claimed.
 *
 * A key that a server has accepted as that of an account is sent as it is over private connections only:
 * otherwise an attacker on the way could answer that there is no such account, and read the key from the
 * registration.
 */
import { SASL } from "../../irc/capability_names.ts";
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
  /** The server is to answer. */
  | { readonly kind: "wait" }
  /** `challenge` must be answered with `secret`: see {@link LoginFlow.handleScramAnswer}. */
  | { readonly kind: "prove"; readonly challenge: ScramChallenge; readonly secret: string }
  /** The key is not that of the account; another one may be: see {@link LoginFlow.handleFoundKeys}. */
  | { readonly kind: "seek" }
  | { readonly kind: "refused"; readonly reason: RefusalReason; readonly text: string };

export interface LoginOptions {
  readonly registration: Registration;
  readonly caps: CapabilityTracker;
  /** The connection cannot be read on its way: secrets may be sent as they are. */
  readonly isPrivate: boolean;
  /** For tests: replaces random nonces. */
  readonly nonce?: (() => string) | undefined;
  readonly say: (message: MessageParts) => void;
}

const WAIT: LoginStep = { kind: "wait" };

export class LoginFlow {
  /** The account of the session; undefined: it is not logged in. */
  account: string | undefined;
  /** The server has refused the nick, with this line, before the login. */
  nameRefused: Message | undefined;
  readonly #options: LoginOptions;
  readonly #policy: LoginPolicy;
  #state: "new" | "authenticating" | "registering" | "seeking" | "ended" = "new";
  #exchange: SaslExchange | undefined;
  /** The key or passphrase that is being tried. */
  #secret: string;
  /** Other keys to try, and the endpoint of the connection. */
  #others: { readonly keys: string[]; readonly endpoint: string } | undefined;
  /** The text with which the server refused the registration because the name has an account. */
  #existsText: string | undefined;
  #claimed = false;
  #registering = false;
  #isNew = false;
  #missingAccount: { readonly why: string; readonly isTemporary: boolean } | undefined;
  /** The client has identified itself since the server refused the nick. */
  #mayRequestNickAgain = false;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#policy = new LoginPolicy(options);
    this.#secret = options.registration.credentials?.secret ?? "";
  }

  /** Whether CAP END has been sent. */
  get hasEnded(): boolean {
    return this.#state === "ended";
  }

  /** Whether a nick that is refused now may be granted after the login. */
  get mayRetryName(): boolean {
    const { registration: { claimKey, credentials }, caps } = this.#options;
    return !this.hasEnded && (claimKey !== undefined || credentials !== undefined || caps.isObserver);
  }

  /** Whether REGISTER has been sent and not answered. */
  get isRegistering(): boolean {
    return this.#registering;
  }

  /** Whether messages are recorded under an account or claim key: a later connection is the same sender. */
  get isIdentified(): boolean {
    return this.account !== undefined || this.#claimed;
  }

  /** The key or passphrase of the login; undefined: not logged in. */
  get secret(): string | undefined {
    return this.account === undefined ? undefined : this.#secret;
  }

  /** Whether the server is a ChatterBox server, by its capabilities. */
  get isOurs(): boolean {
    return this.#policy.isOurs;
  }

  get accountStatus(): AccountStatus {
    if (this.account !== undefined) return { kind: "logged_in", account: this.account, isNew: this.#isNew };
    return this.#missingAccount === undefined
      ? { kind: "none" }
      : { kind: "no_account", ...this.#missingAccount };
  }

  /** The refusal `message`, with the reason why the name has no account if the server requires one. */
  makeRefusal(reason: RefusalReason, message: Message): SessionEvent & { kind: "refused" } {
    const refusal = { kind: "refused", reason, text: replyText(message) } as const;
    return reason === "account_required" && this.account === undefined && this.#missingAccount !== undefined
      ? { ...refusal, unregistered: this.#missingAccount.why }
      : refusal;
  }

  /** Begins the login behind CAP REQ, without waiting for CAP ACK: a ChatterBox server grants it. */
  authenticateEarly(): void {
    if (this.#state !== "new" || !this.#policy.isOurs || this.#policy.shouldRegisterImmediately) return;
    if (this.#policy.mechanism === SCRAM_SHA_256) this.#authenticate();
  }

  /** Begins the login when capability negotiation is complete. To be called once. */
  begin(): LoginStep {
    const { registration: { credentials }, caps, isPrivate } = this.#options;
    if (this.#state !== "new") return WAIT; // begun early
    if (credentials === undefined) return this.#endWithoutAccount();
    if (this.#policy.shouldRegisterImmediately) return this.#register();
    if (this.#policy.mechanism !== undefined && caps.enabled.has(SASL)) return this.#authenticate();
    const offered = caps.value(SASL) !== undefined;
    if (offered && credentials.isRegisteredOnPurpose && !isPrivate) {
      this.#noteMissingAccount(
        "it requires the passphrase as plain text, and the connection is not encrypted",
      );
    } else if (credentials.kind === "passphrase") this.#noteMissingAccount("it has no accounts");
    return this.#endWithoutAccount();
  }

  /** Handles one line of the server. Undefined: it is not part of the login. */
  receive(message: Message): LoginStep | undefined {
    const { command, params } = message;
    if (command === RPL_LOGGEDIN) {
      this.account = params[2];
      return WAIT;
    }
    switch (this.#state) {
      case "authenticating": {
        const step = this.#exchange!.receive(message);
        return step && this.#handleStep(step);
      }
      case "registering":
        if (command !== "REGISTER" && (command !== "FAIL" || params[0] !== "REGISTER")) return undefined;
        this.#registering = false;
        if (command === "REGISTER") return this.#handleRegistration(params[0] ?? "", message);
        return this.#handleRegistrationFailure(params[1] ?? "", replyText(message));
      case "ended":
        return command === RPL_SASLSUCCESS ? WAIT : undefined;
      case "new":
      case "seeking":
        return undefined;
    }
  }

  /** The answer to the step `prove`. */
  handleScramAnswer(answer: ScramProof): void {
    this.#exchange?.handleScramAnswer(answer);
  }

  /**
   * The answer to the step `seek`: the keys to try. Their proofs are bound to `endpoint`, the server's end of
   * the connection: otherwise a stranger's server could pass the proofs on to the server that the keys belong
   * to.
   */
  handleFoundKeys(keys: readonly string[], endpoint: string): LoginStep {
    if (this.#state !== "seeking") return WAIT;
    this.#others = { keys: endpoint === "" ? [] : [...keys], endpoint };
    return this.#tryNextKey();
  }

  #authenticate(endpoint?: string): LoginStep {
    const { registration: { credentials }, nonce, say } = this.#options;
    this.#exchange = new SaslExchange({
      mechanism: endpoint === undefined ? this.#policy.mechanism ?? SCRAM_SHA_256 : SCRAM_SHA_256,
      account: credentials!.account,
      secret: this.#secret,
      eager: this.#policy.isOurs,
      nonce: nonce?.(),
      endpoint,
      say,
    });
    this.#state = "authenticating";
    return WAIT;
  }

  #handleStep(step: SaslExchangeStep): LoginStep {
    switch (step.kind) {
      case "wait":
      case "prove":
        return step;
      case "done":
        return this.#end(true);
      case "failed":
        return this.#handleFailedLogin(step.text);
      case "broken":
        this.#noteMissingAccount(step.why);
        return this.#endWithoutAccount();
      case "impostor":
        return makeRefusedStep("impostor", "the server did not prove that it knows the account");
    }
  }

  /** There is no such account, or it has another secret; `text` are the server's words. */
  #handleFailedLogin(text: string): LoginStep {
    const { registration: { credentials } } = this.#options;
    if (this.#policy.isOurs && RETRY_LATER_PATTERN.test(text)) return makeRefusedStep("try_later", text);
    if (this.#others !== undefined) return this.#tryNextKey();
    if (credentials?.isRequired) return makeRefusedStep("wrong_passphrase", text);
    if (this.#existsText !== undefined) return this.#seekOtherKeys();
    if (this.#policy.mayRegister) {
      return this.#policy.maySendKeyInClear || credentials?.kind !== "key"
        ? this.#register()
        : this.#seekOtherKeys();
    }
    if (credentials?.register !== "never") this.#noteMissingAccount(text);
    return this.#endWithoutAccount();
  }

  /** Looks for the right key among those of other addresses: the server may have several. */
  #seekOtherKeys(): LoginStep {
    const { registration: { credentials } } = this.#options;
    if (!this.#policy.isOurs || credentials?.kind !== "key") return this.#refuseForeignName();
    this.#state = "seeking";
    return { kind: "seek" };
  }

  #tryNextKey(): LoginStep {
    const { keys, endpoint } = this.#others!;
    const key = keys.shift();
    if (key === undefined) return this.#refuseForeignName();
    this.#secret = key;
    return this.#authenticate(endpoint);
  }

  #refuseForeignName(): LoginStep {
    if (this.#existsText !== undefined) return makeRefusedStep("not_ours", this.#existsText);
    return makeRefusedStep("forgotten", "it does not know the key");
  }

  /** The claim goes first, so that messages recorded under the claim key belong to the account. */
  #register(): LoginStep {
    this.#claim();
    this.#requestNickAgain();
    const { account, secret } = this.#options.registration.credentials!;
    this.#say("REGISTER", account, "*", secret);
    this.#state = "registering";
    this.#registering = true;
    return WAIT;
  }

  #handleRegistration(outcome: string, message: Message): LoginStep {
    if (outcome === "SUCCESS") {
      this.account ??= message.params[1];
      this.#isNew = true;
      return this.#end(true);
    }
    this.#noteMissingAccount(replyText(message)); // VERIFICATION_REQUIRED: a step outside of IRC
    return this.#end(false);
  }

  #handleRegistrationFailure(code: string, text: string): LoginStep {
    switch (code) {
      case "ACCOUNT_EXISTS":
        this.#existsText = text;
        if (this.#options.registration.credentials?.kind === "passphrase") return this.#refuseForeignName();
        // another process may have registered it meanwhile with the same key
        return this.#policy.mechanism === undefined ? this.#refuseForeignName() : this.#authenticate();
      case "NICKNAME_IN_USE":
        return makeRefusedStep("in_use", text);
      default:
        this.#noteMissingAccount(text, code === "TEMPORARILY_UNAVAILABLE");
        return this.#end(false);
    }
  }

  #noteMissingAccount(why: string, isTemporary = false): void {
    this.#missingAccount = { why, isTemporary };
  }

  /** Goes on without an account, with the claim only. */
  #endWithoutAccount(): LoginStep {
    if (this.#policy.requiresAccount) return this.#refuseForeignName();
    this.#claim();
    return this.#end(false);
  }

  #claim(): void {
    const { registration: { claimKey }, caps } = this.#options;
    if (
      claimKey === undefined || this.#claimed || !caps.enabled.has(CLAIM_CAPABILITY) ||
      !this.#policy.maySendKeyInClear
    ) return;
    this.#say("CLAIM", claimKey);
    this.#claimed = true;
    this.#mayRequestNickAgain = true;
  }

  #end(isLoggedIn: boolean): LoginStep {
    if (isLoggedIn || this.#options.caps.enabled.has(OBSERVER_CAPABILITY)) this.#mayRequestNickAgain = true;
    this.#requestNickAgain();
    if (this.nameRefused !== undefined) return makeRefusedStep("name_taken", replyText(this.nameRefused));
    this.#say("CAP", "END");
    this.#state = "ended";
    return WAIT;
  }

  /** Sends the nick again: some servers judge it as soon as it comes, and grant it after the login. */
  #requestNickAgain(): void {
    if (this.nameRefused === undefined || !this.#mayRequestNickAgain) return;
    this.nameRefused = undefined;
    this.#mayRequestNickAgain = false;
    this.#say("NICK", this.#options.registration.nick);
  }

  #say(command: string, ...params: string[]): void {
    this.#options.say({ command, params });
  }
}

function makeRefusedStep(reason: RefusalReason, text: string): LoginStep {
  return { kind: "refused", reason, text };
}
