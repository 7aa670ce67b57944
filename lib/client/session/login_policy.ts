/** What we may say to a server to become known to it: what it offers beside what we have. */
import { ACCOUNT_REGISTRATION, SASL } from "../../irc/capabilities.ts";
import { SCRAM_SHA_256 } from "../../irc/sasl/scram_message.ts";
import { CLAIM_CAPABILITY } from "../../irc/vendor_extensions.ts";
import type { CapabilityTracker } from "./capability_tracker.ts";
import type { SaslMechanism } from "./sasl_exchange.ts";
import type { Registration } from "./session_event.ts";

export interface LoginPolicyOptions {
  readonly registration: Registration;
  readonly caps: CapabilityTracker;
  /** Nobody on the way can listen: what is secret may be said as it is. */
  readonly isPrivate: boolean;
}

/** True as soon as the server has told its capabilities. */
export class LoginPolicy {
  readonly #options: LoginPolicyOptions;

  constructor(options: LoginPolicyOptions) {
    this.#options = options;
  }

  /** The server is one of ours, or says so. */
  get isOurs(): boolean {
    return this.#options.caps.value(CLAIM_CAPABILITY) !== undefined;
  }

  /** Our key may be said as it is: once a server has taken it as an account's, only where nobody can listen. */
  get maySendKeyInClear(): boolean {
    const { isPrivate, registration: { isGuarded } } = this.#options;
    return isPrivate || isGuarded !== true;
  }

  /** The name may be registered. */
  get mayRegister(): boolean {
    const { registration: { credentials }, caps } = this.#options;
    const early = caps.value(ACCOUNT_REGISTRATION)?.split(",").some((key) =>
      key.startsWith("before-connect")
    );
    const { register = "never" } = credentials ?? {};
    return early === true && (register === "any" || register === "ours" && this.isOurs);
  }

  /** No server is known to have what we have: there is no account to log in to. */
  get shouldRegisterImmediately(): boolean {
    return this.#options.registration.credentials?.isUnregistered === true && this.mayRegister;
  }

  /** The name had an account here, and is to be used only with that account. */
  get requiresAccount(): boolean {
    const { credentials } = this.#options.registration;
    const isMeant = credentials?.kind === "key" &&
      (credentials.register !== "never" || credentials.isRequired);
    return isMeant && this.isOurs && !this.maySendKeyInClear;
  }

  /** The mechanism to log in by; undefined: not at all. */
  get mechanism(): SaslMechanism | undefined {
    const { registration: { credentials }, caps, isPrivate } = this.#options;
    const offered = caps.value(SASL);
    if (credentials === undefined || offered === undefined) return undefined;
    if (!this.isOurs && !credentials.isRegisteredOnPurpose) return undefined;
    if (credentials.isUnregistered && credentials.register === "never") return undefined; // a wrong key counts as a failed login
    const mechanisms = offered === "" ? ["PLAIN"] : offered.toUpperCase().split(",");
    if (mechanisms.includes(SCRAM_SHA_256)) return SCRAM_SHA_256;
    return mechanisms.includes("PLAIN") && isPrivate ? "PLAIN" : undefined;
  }
}
