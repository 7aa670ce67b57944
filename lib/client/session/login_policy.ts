/** The ways to log in or register that are allowed, by what the server offers and what the client has. */
import { ACCOUNT_REGISTRATION, SASL } from "../../irc/capability_names.ts";
import { SCRAM_SHA_256 } from "../../irc/sasl/scram_message.ts";
import { CLAIM_CAPABILITY } from "../../irc/vendor_extensions.ts";
import type { CapabilityTracker } from "./capability_tracker.ts";
import type { SaslMechanism } from "./sasl_exchange.ts";
import type { Registration } from "./session_event.ts";

export interface LoginPolicyOptions {
  readonly registration: Registration;
  readonly caps: CapabilityTracker;
  /** The connection cannot be read on its way: secrets may be sent as they are. */
  readonly isPrivate: boolean;
}

/** Valid as soon as the server has listed its capabilities. */
export class LoginPolicy {
  readonly #options: LoginPolicyOptions;

  constructor(options: LoginPolicyOptions) {
    this.#options = options;
  }

  /** Whether the server is a ChatterBox server, by its capabilities. */
  get isOurs(): boolean {
    return this.#options.caps.value(CLAIM_CAPABILITY) !== undefined;
  }

  /**
   * Whether the key may be sent as it is: once a server has accepted it as that of an account, only over a
   * private connection.
   */
  get maySendKeyInClear(): boolean {
    const { isPrivate, registration: { isGuarded } } = this.#options;
    return isPrivate || isGuarded !== true;
  }

  /** Whether the name may be registered. */
  get mayRegister(): boolean {
    const { registration: { credentials }, caps } = this.#options;
    const early = caps.value(ACCOUNT_REGISTRATION)?.split(",").some((key) =>
      key.startsWith("before-connect")
    );
    const { register = "never" } = credentials ?? {};
    return early === true && (register === "any" || register === "ours" && this.isOurs);
  }

  /** Whether to register without trying to log in: no server is known to have the secret. */
  get shouldRegisterImmediately(): boolean {
    return this.#options.registration.credentials?.isUnregistered === true && this.mayRegister;
  }

  /** Whether the name had an account here, so that it must be used with that account only. */
  get requiresAccount(): boolean {
    const { credentials } = this.#options.registration;
    const isMeant = credentials?.kind === "key" &&
      (credentials.register !== "never" || credentials.isRequired);
    return isMeant && this.isOurs && !this.maySendKeyInClear;
  }

  /** The SASL mechanism for the login; undefined: no login is possible. */
  get mechanism(): SaslMechanism | undefined {
    const { registration: { credentials }, caps, isPrivate } = this.#options;
    const offered = caps.value(SASL);
    if (credentials === undefined || offered === undefined) return undefined;
    if (!this.isOurs && !credentials.isRegisteredOnPurpose) return undefined;
    // A login with a wrong key would count as a failed one.
    if (credentials.isUnregistered && credentials.register === "never") return undefined;
    const mechanisms = offered === "" ? ["PLAIN"] : offered.toUpperCase().split(",");
    if (mechanisms.includes(SCRAM_SHA_256)) return SCRAM_SHA_256;
    return mechanisms.includes("PLAIN") && isPrivate ? "PLAIN" : undefined;
  }
}
