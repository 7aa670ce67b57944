/** The login of a client: what it offers to a server with accounts, and what the server answers. */

/** What a client logs in with. */
export interface Credentials {
  readonly account: string;
  /** A key that the client made, or a passphrase that a person chose. */
  readonly kind: "key" | "passphrase";
  readonly secret: string;
  /** The client does not go on without an account if the server rejects the secret. */
  readonly isRequired: boolean;
  /**
   * No server is known to have the key: it is registered at once if that is allowed, and otherwise only
   * claims the name.
   */
  readonly isUnregistered: boolean;
  /** The account was registered on purpose: the secret may be used with servers other than ChatterBox. */
  readonly isRegisteredOnPurpose: boolean;
  /**
   * Where a name without an account may be registered: `ours`: on ChatterBox servers, which require nothing
   * else.
   */
  readonly register: "never" | "ours" | "any";
}

/** What a login came to. */
export type AccountStatus =
  /** The server has no accounts, or the client has nothing to log in with. */
  | { readonly kind: "none" }
  /** Logged in. `isNew`: the name has just been registered. */
  | { readonly kind: "logged_in"; readonly account: string; readonly isNew: boolean }
  /**
   * The server has accounts, and the client is not logged in because of `why`. `isTemporary`: a later attempt
   * may succeed.
   */
  | { readonly kind: "no_account"; readonly why: string; readonly isTemporary: boolean };
