/**
 * The key of a name, made and kept by the browser. It is kept as it is: to claim a name the server needs it once in
 * clear, and SCRAM needs a value from which no less follows, so a non-extractable key would protect nothing.
 */
import { casefold } from "../../irc/names/casemap.ts";
import { computeSaltedPassword } from "../../irc/sasl/scram_message.ts";
import type { Credentials } from "../../client/session/credentials.ts";
import type { KeySource, Registration } from "../../client/session/session_event.ts";
import type { Database } from "./database.ts";

/** Random bytes of a key (docs/protocol/claim.md). */
const KEY_BYTES = 32;

interface KeptKey {
  /** Folded. */
  readonly name: string;
  /** As typed. */
  readonly nick: string;
  readonly key: string;
  /** A ChatterBox server has accepted it as that of an account. */
  readonly isAccepted: boolean;
}

export class BrowserKey implements KeySource {
  readonly #database: Database;
  #kept: KeptKey;
  readonly #isNew: boolean;
  #isTaken = false;
  #isInDoubt = false;
  /** The last result of {@link deriveSaltedPassword}, and what it was computed from. */
  #salted: { readonly from: string; readonly result: Uint8Array<ArrayBuffer> } | undefined;

  private constructor(database: Database, kept: KeptKey, isNew: boolean) {
    this.#database = database;
    this.#kept = kept;
    this.#isNew = isNew;
  }

  /** The key of `nick`; makes one if there is none. */
  static async findOrCreate(database: Database, nick: string): Promise<BrowserKey> {
    const name = casefold(nick);
    const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
    const made: KeptKey = { name, nick, key, isAccepted: false };
    const kept = await database.change<KeptKey>("keys", name, (kept) => kept ?? made) ?? made;
    return new BrowserKey(database, kept, kept === made);
  }

  static async has(database: Database, nick: string): Promise<boolean> {
    return await BrowserKey.read(database, nick) !== undefined;
  }

  /** The key of `nick` as it is; undefined: there is none. */
  static async read(database: Database, nick: string): Promise<string | undefined> {
    return (await database.get<KeptKey>("keys", casefold(nick)))?.key;
  }

  /**
   * Keeps `key`, which another client has used for `nick`: it may be that of an account. False: there is another key of
   * `nick`, which stays.
   */
  static async keep(database: Database, nick: string, key: string): Promise<boolean> {
    const name = casefold(nick);
    return await replaceSame(database, { name, nick, key, isAccepted: true });
  }

  /** Removes the key of `nick`, of which there may be no copy. */
  static async forget(database: Database, nick: string): Promise<void> {
    await database.delete("keys", casefold(nick));
  }

  /** What registers with the key as `nick`, and the server's `password` where it asks for one. */
  makeRegistration(nick: string, password: string | undefined): Registration {
    const { key, isAccepted } = this.#kept;
    const credentials: Credentials = {
      account: nick,
      kind: "key",
      secret: key,
      isRequired: false,
      isUnregistered: !isAccepted,
      isRegisteredOnPurpose: false,
      register: "ours",
    };
    return { nick, password, claimKey: key, isGuarded: isAccepted, credentials, keyring: this };
  }

  /** Removes a key that no server can have accepted, unless another tab has replaced it or entered with it. */
  async discard(): Promise<void> {
    const { name, key } = this.#kept;
    if (!this.isUnused) return;
    await this.#database.change<KeptKey>("keys", name, (kept) => {
      return kept?.key === key && !kept.isAccepted ? undefined : kept;
    });
  }

  get isUnused(): boolean {
    return this.#isNew && !this.#isTaken && !this.#isInDoubt;
  }

  updateRegistration(registration: Registration): Registration {
    const { credentials } = registration;
    if (!this.#isTaken || credentials?.kind !== "key") return registration;
    return { ...registration, isGuarded: true, credentials: { ...credentials, isUnregistered: false } };
  }

  /** A browser keeps one key for a name. */
  listOtherKeys(): Promise<string[]> {
    return Promise.resolve([]);
  }

  async deriveSaltedPassword(
    key: string,
    salt: Uint8Array,
    iterations: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const from = `${key} ${salt.toBase64()} ${iterations}`;
    if (this.#salted?.from === from) return this.#salted.result;
    const result = await computeSaltedPassword(key, salt, iterations);
    this.#salted = { from, result };
    return result;
  }

  async recordAccepted(): Promise<void> {
    this.#isTaken = true;
    this.#isInDoubt = false;
    if (this.#kept.isAccepted) return;
    this.#kept = { ...this.#kept, isAccepted: true };
    await replaceSame(this.#database, this.#kept);
  }

  recordDoubt(): void {
    if (!this.#isTaken) this.#isInDoubt = true;
  }
}

/** Keeps `made` where there is no other key of the name; false: there is one. */
async function replaceSame(database: Database, made: KeptKey): Promise<boolean> {
  const kept = await database.change<KeptKey>(
    "keys",
    made.name,
    (kept) => kept !== undefined && kept.key !== made.key ? kept : made,
  );
  return kept === made;
}
