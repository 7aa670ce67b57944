/** The input of a client session at its start, and its events. */
import type { Message } from "../../irc/message.ts";
import type { ScramChallenge } from "../../irc/sasl/scram_client.ts";
import type { ConnectQuestions } from "./connect_questions.ts";
import type { Credentials } from "./credentials.ts";
import type { RefusalReason } from "./refusal.ts";
import type { RequestResponse } from "./request_tracker.ts";
import type { ServerList } from "./server_list.ts";

/** What a client sends to a server at connection registration. */
export interface Registration {
  readonly nick: string;
  /** User name, which other users see; the nick if left out. */
  readonly username?: string | undefined;
  readonly realname?: string | undefined;
  readonly password?: string | undefined;
  /** Claim key; sent only to a server with the capability. */
  readonly claimKey?: string | undefined;
  /** A server has accepted the claim key as that of an account: it is sent over private connections only. */
  readonly isGuarded?: boolean | undefined;
  /** For the login, if the server has accounts. */
  readonly credentials?: Credentials | undefined;
  /** The storage of the key, if it is kept. */
  readonly keyring?: KeySource | undefined;
  /** History is to have reactions and other events, which count where messages are counted; presence is to be told. */
  readonly wantsEvents?: boolean | undefined;
  /** Registers as an observer, without a name, if the server supports it. */
  readonly isObserver?: boolean | undefined;
  /** What a connection attempt may ask; left out: nothing. */
  readonly questions?: ConnectQuestions | undefined;
  /** All addresses of the chat; left out: there is one. */
  readonly servers?: ServerList | undefined;
}

/** Port to the stored keys of the name: it provides keys, and records how servers answered them. */
export interface KeySource {
  /** No server can have accepted the key as that of an account. */
  readonly isUnused: boolean;
  /** `registration` with what has become known since it was made. */
  updateRegistration(registration: Registration): Registration;
  /** Other keys that may be those of the name, the most likely first. */
  listOtherKeys(): Promise<string[]>;
  /** SaltedPassword (RFC 5802 section 3) of `key`. */
  deriveSaltedPassword(key: string, salt: Uint8Array, iterations: number): Promise<Uint8Array<ArrayBuffer>>;
  /** A server, `ours`: a ChatterBox server, has accepted `secret` as that of the account. */
  recordAccepted(secret: string, ours: boolean): Promise<void>;
  /** A request to register the name with the key was not answered. */
  recordDoubt(): void;
}

export type SessionEvent =
  /** The registration is complete, as `nick` (a server may have shortened it). */
  | { readonly kind: "registered"; readonly nick: string }
  /**
   * `challenge` must be answered (`computeScramProof` in `irc/sasl/scram_client.ts`): {@link
   * ClientSession.handleScramAnswer}.
   */
  | { readonly kind: "prove"; readonly challenge: ScramChallenge; readonly secret: string }
  /** The key is not that of the account; another one may be: {@link ClientSession.handleFoundKeys}. */
  | { readonly kind: "seek" }
  /**
   * The server refuses the client, or ends its session for good (`logged_out`). `unregistered`: why it did
   * not register the account that it requires.
   */
  | {
    readonly kind: "refused";
    readonly reason: RefusalReason;
    readonly text: string;
    readonly unregistered?: string;
  }
  /** The peer does not speak IRC; `text` is the beginning of what it sent. */
  | { readonly kind: "not_irc"; readonly text: string }
  /** The response to request `id`; no lines: it was carried out without a reply. */
  | { readonly kind: "answer" } & RequestResponse
  /** A line that belongs to no request. */
  | { readonly kind: "line"; readonly message: Message }
  /** A batch that belongs to no request. */
  | {
    readonly kind: "batch";
    readonly type: string;
    readonly params: readonly string[];
    readonly lines: Message[];
  }
  /** The server ends the connection, or violates the protocol. */
  | { readonly kind: "closing"; readonly text: string };
