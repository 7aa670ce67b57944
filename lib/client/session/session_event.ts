/** What goes into a client's session at its beginning, and what comes out of it. */
import type { Message } from "../../irc/message.ts";
import type { ScramChallenge } from "../../irc/sasl/scram_client.ts";
import type { Credentials } from "./credentials.ts";
import type { RefusalReason } from "./refusal.ts";
import type { RequestResponse } from "./request_tracker.ts";

/** Who wants in. */
export interface Registration {
  readonly nick: string;
  /** Account name on the client's machine, shown to others; the nick when left out. */
  readonly username?: string | undefined;
  readonly realname?: string | undefined;
  readonly password?: string | undefined;
  /** Claim key (see `key_file.ts`); only said to a server that knows the capability. */
  readonly claimKey?: string | undefined;
  /** A server has once taken the claim key as that of an account: it is not said any more where others can listen. */
  readonly isGuarded?: boolean | undefined;
  /** With what to log in, where the server has accounts. */
  readonly credentials?: Credentials | undefined;
  /** Where the key comes from, if it is kept somewhere. */
  readonly keyring?: KeySource | undefined;
  /** Watch without taking a name, where the server can do that. */
  readonly isObserver?: boolean | undefined;
}

/** Port to the stored key of the name: gives out keys, and records how the server answered to them. */
export interface KeySource {
  /** No server can have the key as an account's. */
  readonly isUnused: boolean;
  /** `registration` with what has been learned since it was made. */
  updateRegistration(registration: Registration): Registration;
  /** Other keys that may be the name's, the likeliest first. */
  listOtherKeys(): Promise<string[]>;
  /** SaltedPassword (RFC 5802 section 3) of `key`. */
  deriveSaltedPassword(key: string, salt: Uint8Array, iterations: number): Promise<Uint8Array<ArrayBuffer>>;
  /** A server, one of `ours` or not, has taken `secret` as that of our account. */
  recordAccepted(secret: string, ours: boolean): Promise<void>;
  /** A server was asked to register the name with the key, and its answer has not come. */
  recordDoubt(): void;
}

export type SessionEvent =
  /** We are in, as `nick` (a server may have shortened it). */
  | { readonly kind: "registered"; readonly nick: string }
  /** To log in, `challenge` is to be answered (`answerChallenge` in `irc/sasl/scram_client.ts`): {@link ClientSession.proved}. */
  | { readonly kind: "prove"; readonly challenge: ScramChallenge; readonly secret: string }
  /** Our key does not fit; another one of ours may: {@link ClientSession.found}. */
  | { readonly kind: "seek" }
  /** We are not let in, or let go for good (`logged_out`). The connection is of no more use. */
  /** `unregistered`: why it has not made us the account that it wants us to have. */
  | {
    readonly kind: "refused";
    readonly reason: RefusalReason;
    readonly text: string;
    readonly unregistered?: string;
  }
  /** What talks there does not speak IRC; `text` is how it began. */
  | { readonly kind: "not_irc"; readonly text: string }
  /** All lines that answer request `id`; none: it was carried out and there is nothing to say. */
  | { readonly kind: "answer" } & RequestResponse
  /** A line that nobody asked for, or that answers what was sent without a request. */
  | { readonly kind: "line"; readonly message: Message }
  /** A batch that nobody asked for. */
  | {
    readonly kind: "batch";
    readonly type: string;
    readonly params: readonly string[];
    readonly lines: Message[];
  }
  /** The server says goodbye, or cannot be followed any longer. */
  | { readonly kind: "closing"; readonly text: string };
