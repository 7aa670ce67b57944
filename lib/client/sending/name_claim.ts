/**
 * The name under which a text is sent. A name that is not known to have an account is claimed at first, and
 * registered after the first accepted message.
 */
import { unreachable } from "../../base/assert.ts";
import { ACCOUNT_REGISTRATION } from "../../irc/capability_names.ts";
import type { Address } from "../../net/address.ts";
import type { Conn } from "../../net/conn.ts";
import { requestAccountRegistration } from "../accounts/account_registration.ts";
import { connect } from "../connection/connect.ts";
import type { ConnectOutcome, Link } from "../connection/link.ts";
import type { Registration, SessionEvent } from "../session/session_event.ts";
import type { AccountStatus } from "../session/credentials.ts";
import type { TextCarrier } from "./delivery.ts";
import type { ServerTrust } from "../trust/server_trust.ts";

export interface NameClaimOptions {
  readonly address: Address;
  readonly registration: Registration;
  readonly trust?: ServerTrust | undefined;
  readonly signal: AbortSignal;
  /** Carries what is sent after the registration; left out: the connection. */
  readonly carrier?: TextCarrier | undefined;
  /** Gets the events of each connection. */
  readonly onEvent?: ((event: SessionEvent) => void) | undefined;
}

export class NameClaim {
  readonly #options: NameClaimOptions;
  #mayRegister = true;

  constructor(options: NameClaimOptions) {
    this.#options = options;
  }

  /**
   * Connects with the name claimed. If the name has an account, which an interrupted run may have registered,
   * logs in. On a server that admits accounts only, registers the name at once.
   */
  async connect(remainingMs: () => number): Promise<ConnectOutcome> {
    const { address, registration, trust, signal, carrier, onEvent } = this.#options;
    const wrap = carrier && ((conn: Conn) => carrier.wrap(conn));
    const { keyring } = registration;
    const { credentials, ...unregistered } = keyring?.updateRegistration(registration) ?? registration;
    const connectAs = (registration: Registration) =>
      connect({ address, registration, trust, timeoutMs: Math.max(0, remainingMs()), signal, wrap, onEvent });
    if (credentials?.isUnregistered !== true) return await connectAs(registration);
    const outcome = await connectAs(unregistered);
    const reason = outcome.kind === "refused" ? outcome.reason : undefined;
    if (reason !== "name_taken" && reason !== "account_required") return outcome;
    const registers = credentials.register !== "never";
    if (!registers && (reason !== "name_taken" || keyring?.isUnused)) return outcome;
    const second = await connectAs({
      ...registration,
      credentials: { ...credentials, isUnregistered: registers },
    });
    return second.kind === "connected" || second.kind === "refused" && second.reason !== "closed"
      ? second
      : outcome;
  }

  /** Registers the name after its first accepted message. Returns the status to report if that fails. */
  async register(link: Link, remainingMs: () => number): Promise<AccountStatus | undefined> {
    const { registration } = this.#options;
    const { keyring } = registration;
    const { credentials } = keyring?.updateRegistration(registration) ?? registration;
    if (!link.session.isClaimed || credentials?.isUnregistered !== true) return undefined;
    if (credentials.register === "never" || !this.#mayRegister) return undefined;
    if (link.session.capValue(ACCOUNT_REGISTRATION) === undefined) return undefined;
    this.#mayRegister = false;
    const { account, secret } = credentials;
    const outcome = await requestAccountRegistration(link, account, secret, Math.max(0, remainingMs()));
    switch (outcome.kind) {
      case "done":
        await keyring?.recordAccepted(secret, true);
        return undefined;
      case "already": // by another process with the key, which records it
      case "silent":
        keyring?.recordDoubt();
        return undefined;
      case "pending":
        keyring?.recordDoubt();
        return { kind: "no_account", why: outcome.text, isTemporary: false };
      case "failed":
        return { kind: "no_account", why: outcome.text, isTemporary: outcome.isTemporary };
      default:
        return unreachable(outcome);
    }
  }
}
