/** Who we say that we are to a server that has accounts, and what the server makes of it. */

/** With what we log in. */
export interface Credentials {
  readonly account: string;
  /** Our key, or a passphrase of the person's own. */
  readonly kind: "key" | "passphrase";
  readonly secret: string;
  /** We don't want in where the server does not take them. */
  readonly isRequired: boolean;
  /** No server is known to have the key: it is registered at once where it may be, and otherwise only claims the name. */
  readonly isUnregistered: boolean;
  /** The account was registered on purpose: the secret may be shown to a server that is not ours. */
  readonly isRegisteredOnPurpose: boolean;
  /** Whether a name without an account may be registered: on servers of ours, which ask for nothing else, or on any. */
  readonly register: "never" | "ours" | "any";
}

/** What came of it. */
export type AccountStatus =
  /** The server has no accounts, or we have nothing to log in with. */
  | { readonly kind: "none" }
  /** Logged in. `isNew`: the name has just been registered. */
  | { readonly kind: "member"; readonly account: string; readonly isNew: boolean }
  /** The server has accounts, and we have none; `why` in the server's words or ours. `passing`: later it may be otherwise. */
  | { readonly kind: "guest"; readonly why: string; readonly passing: boolean };
