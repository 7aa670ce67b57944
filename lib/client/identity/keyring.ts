/**
 * What a process knows of the key to a name on a server: what servers have answered to it, and which other
 * key may be the right one. A server may have several addresses, and keys are kept by address.
 *
 * Marks are kept beside the key file, separated by spaces: `ours` (a ChatterBox server has accepted the key
 * as that of an account), `asked` (the name was registered on purpose), `imported` (the key comes from
 * another machine, where it may be that of an account). Without a mark no server is known to have the key: it
 * only claims the name, until the name is registered with it. A process that ends between the answer of the
 * server and the mark leaves the key without one; the next process that registers with it gets the answer
 * that the account exists, and logs in.
 *
 * A server requires as many hash iterations for a key as for the weakest password. The result is kept beside
 * the key as soon as a server has accepted it, so that its 20 ms are spent once: fingerprint of the key,
 * salt, iterations and SaltedPassword (RFC 5802 section 3), separated by spaces.
 */
import { computeSaltedPassword, decodeStrictBase64, SCRAM_KEY_BYTES } from "../../irc/sasl/scram_message.ts";
import type { Address } from "../../net/address.ts";
import {
  copyPreviousKey,
  fingerprint,
  listOtherAddressKeys,
  movePreviousKey,
  readKeyMarks,
  readOrCreateKey,
  readSaltedPassword,
  removeUnmarkedKey,
  storeKey,
  writeKeyMarks,
  writeSaltedPassword,
} from "./key_file.ts";
import {
  listNextKeys,
  lockKey,
  MAX_NEXT_KEYS,
  resolveNextKeys,
  setKeyAside,
  storeNextKey,
} from "./next_key.ts";
import type { KeySource, Registration } from "../session/session_event.ts";

/**
 * Keys of other addresses that are tried. Each wrong one counts as a failed login, of which a server allows
 * about ten.
 */
export const MAX_OTHER_ADDRESS_KEYS = 4;

const CHANGED_MEANWHILE = "another process is changing it; try again";

type KeyMark = "ours" | "asked" | "imported";

/** A key that another one replaces. */
export interface SetAsideKey {
  /** Its file. */
  readonly path: string;
  /** Puts it back in its place. Throws disk errors. */
  readonly undo: () => Promise<void>;
}

export class Keyring implements KeySource {
  readonly #dir: string;
  readonly #address: Address;
  readonly #name: string;
  /** The key that is valid, as far as known. */
  #secret: string;
  #marks: readonly KeyMark[];
  /** The key was made by this process. */
  readonly #created: boolean;
  /** The key is a next key: see `next_key.ts`. */
  #isNext: boolean;
  /** A server has accepted the key since this object was made. */
  #taken = false;
  /** A request to register the name with the key was not answered. */
  #inDoubt = false;
  /** The salted password, as it is kept beside the key. */
  #salted = "";
  #isSaltedKept = true;

  /**
   * For the key `secret` of `name` at `address`. `dir`: the configuration folder; `created`: by this process;
   * `isNext`: it is a next key.
   */
  constructor(
    dir: string,
    address: Address,
    name: string,
    secret: string,
    created: boolean,
    isNext = false,
  ) {
    this.#dir = dir;
    this.#address = address;
    this.#name = name;
    this.#secret = secret;
    this.#created = created;
    this.#isNext = isNext;
    this.#marks = isNext ? ["ours"] : created ? [] : parseKeyMarks(readKeyMarks(dir, address, name));
  }

  /** Whether a server has accepted the key as that of an account. */
  get isGuarded(): boolean {
    return this.#marks.includes("ours") || this.isRegisteredOnPurpose;
  }

  /** Whether no server is known to have accepted the key as that of an account. */
  get isUnregistered(): boolean {
    return this.#marks.length === 0;
  }

  /** Whether no server can have accepted the key as that of an account. */
  get isUnused(): boolean {
    return this.#created && !this.#taken && !this.#inDoubt;
  }

  /** Whether the name was registered on purpose: the key may be used with that server, of whatever kind. */
  get isRegisteredOnPurpose(): boolean {
    return this.#marks.includes("asked");
  }

  /** `registration` with what has become known since it was made. */
  updateRegistration(registration: Registration): Registration {
    const { credentials, claimKey } = registration;
    if (!this.#taken || credentials?.kind !== "key") return registration;
    return {
      ...registration,
      claimKey: claimKey === undefined ? undefined : this.#secret,
      isGuarded: true,
      credentials: { ...credentials, secret: this.#secret, isUnregistered: false },
    };
  }

  /**
   * Other keys that may be those of the name: first those of this address ({@link listKeysHere}), then those
   * that ChatterBox servers at other addresses have accepted, the newest first: one of them may be the same
   * server. A caller uses them only for a proof that is bound to the server that it is connected to
   * (`login.ts`). Keys of other kinds of servers are left out: they do not check this binding, so that a
   * proof could be passed on to them.
   */
  async listOtherKeys(): Promise<string[]> {
    return [...new Set([...await this.listKeysHere(), ...await this.#elsewhere()])];
  }

  /**
   * Other keys of this address, which another or an interrupted process has given to the name
   * (`secret_change.ts`).
   */
  async listKeysHere(): Promise<string[]> {
    // In this order: a next key that is promoted in between is found in its new place.
    const next = (await listNextKeys(...this.#place).catch(() => [])).slice(0, MAX_NEXT_KEYS);
    const kept = await readOrCreateKey(...this.#place, false);
    const keys = [...kept.kind === "ok" ? [kept.key] : [], ...next.map(({ key }) => key)];
    return [...new Set(keys)].filter((key) => key !== this.#secret);
  }

  get #place(): [dir: string, address: Address, name: string] {
    return [this.#dir, this.#address, this.#name];
  }

  async #elsewhere(): Promise<string[]> {
    const found = await listOtherAddressKeys(this.#dir, this.#address, this.#name).catch(() => []);
    const ours = found.filter(({ key, mark }) =>
      key !== this.#secret && parseKeyMarks(mark).includes("ours")
    );
    const keys = ours.sort((a, b) => b.madeAt - a.madeAt).map(({ key }) => key);
    return [...new Set(keys)].slice(0, MAX_OTHER_ADDRESS_KEYS);
  }

  /** As `computeSaltedPassword`, with the stored result if key, salt and iterations are the same. */
  async deriveSaltedPassword(
    key: string,
    salt: Uint8Array,
    iterations: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const about = `${await fingerprint(key)} ${salt.toBase64()} ${iterations} `;
    if (this.#salted === "") {
      this.#salted = readSaltedPassword(this.#dir, this.#address, this.#name)?.trim() ?? "";
    }
    const known = this.#salted.startsWith(about)
      ? decodeStrictBase64(this.#salted.slice(about.length))
      : undefined;
    if (known?.length === SCRAM_KEY_BYTES) return known;
    const salted = await computeSaltedPassword(key, salt, iterations);
    this.#salted = about + salted.toBase64();
    this.#isSaltedKept = false;
    return salted;
  }

  /**
   * A server, `ours`: a ChatterBox server, has accepted `secret` as that of the account: it is kept for this
   * address.
   */
  async recordAccepted(secret: string, ours: boolean): Promise<void> {
    const first = !this.#taken && this.isUnregistered;
    this.#taken = true;
    this.#inDoubt = false;
    if (secret !== this.#secret || this.#isNext) {
      await this.#replace(secret);
      this.#isNext = false;
      this.#marks = [];
    }
    this.#secret = secret;
    if (ours) this.#mark("ours");
    // another process may have removed it before the mark was written: see `removeUnmarkedKey`
    if (first) await storeKey(this.#dir, this.#address, this.#name, secret, false);
    if (this.#isSaltedKept) return;
    this.#isSaltedKept = true;
    writeSaltedPassword(this.#dir, this.#address, this.#name, this.#salted);
  }

  /** The name was registered on purpose. */
  recordRegistered(): void {
    this.#mark("asked");
  }

  /** A request to register the name with the key was not answered. */
  recordDoubt(): void {
    if (!this.#taken) this.#inDoubt = true;
  }

  /** Removes a key that this process has made and no server has accepted, unless another process uses it. */
  async discard(): Promise<void> {
    if (!this.isUnused) return;
    await removeUnmarkedKey(this.#dir, this.#address, this.#name, this.#secret).catch(() => {}); // it stays
  }

  /** The account is deleted. */
  recordReleased(): void {
    this.#marks = [];
    writeKeyMarks(this.#dir, this.#address, this.#name, undefined);
  }

  /**
   * Makes this key a previous key, so that another one can take its place. Throws disk errors, and if another
   * key is in its place by now.
   */
  async setAside(): Promise<SetAsideKey> {
    using lock = await lockKey(...this.#place);
    const next = this.#isNext ? await listNextKeys(...this.#place) : [];
    const own = next.find(({ key }) => key === this.#secret);
    const kept = await readOrCreateKey(...this.#place, false);
    const isInPlace = kept.kind === "ok" && kept.key === this.#secret;
    if (lock === undefined || own === undefined && !isInPlace) throw new Error(CHANGED_MEANWHILE);
    const path = own === undefined
      ? await movePreviousKey(...this.#place)
      : await setKeyAside(...this.#place, own);
    return { path, undo: () => this.#putBack(path) };
  }

  async #putBack(aside: string): Promise<void> {
    using lock = await lockKey(...this.#place);
    if (lock === undefined) {
      await storeNextKey(...this.#place, this.#secret);
    } else {
      const made = await readOrCreateKey(...this.#place, false);
      // The server may still register the name with this key; otherwise it has been discarded.
      if (made.kind === "ok" && made.key !== this.#secret) await storeNextKey(...this.#place, made.key);
      await storeKey(...this.#place, this.#secret, true);
      this.#write();
    }
    await Deno.remove(aside);
  }

  /** A key that cannot be stored is found again the next time. */
  async #replace(secret: string): Promise<void> {
    try {
      using lock = await lockKey(...this.#place);
      const kept = await readOrCreateKey(...this.#place, false);
      const isKnown = kept.kind === "none" ||
        kept.kind === "ok" && (kept.key === this.#secret || kept.key === secret);
      if (lock === undefined || !isKnown) {
        // Another process stores a third key, which the server may have accepted later than this one.
        return await this.#keepAsNext(secret);
      }
      if (kept.kind === "ok" && kept.key !== secret && this.isGuarded) await copyPreviousKey(...this.#place);
      await storeKey(...this.#place, secret, true);
      await resolveNextKeys(...this.#place, secret);
    } catch {
      // such as a full disk
    }
  }

  async #keepAsNext(secret: string): Promise<void> {
    const next = await listNextKeys(...this.#place);
    const kept = await readOrCreateKey(...this.#place, false);
    const isInPlace = kept.kind === "ok" && kept.key === secret;
    if (isInPlace || next.some(({ key }) => key === secret)) return;
    await storeNextKey(...this.#place, secret);
  }

  #mark(word: KeyMark): void {
    if (this.#marks.includes(word)) return;
    this.#marks = [...this.#marks, word];
    this.#write();
  }

  #write(): void {
    writeKeyMarks(this.#dir, this.#address, this.#name, `${this.#marks.join(" ")}\n`);
  }
}

/** Marks the key of `name` at `address`, which a ChatterBox server has accepted on purpose. */
export function markRegistered(dir: string, address: Address, name: string): void {
  writeKeyMarks(dir, address, name, "ours asked\n");
}

/**
 * Marks the key of `name` at `address`, which comes from another machine, where it may be that of an account.
 */
export function markImported(dir: string, address: Address, name: string): void {
  if (parseKeyMarks(readKeyMarks(dir, address, name)).length === 0) {
    writeKeyMarks(dir, address, name, "imported\n");
  }
}

function parseKeyMarks(text: string | undefined): KeyMark[] {
  const words = text?.trim().split(" ") ?? [];
  return (["ours", "asked", "imported"] as const).filter((word) => words.includes(word));
}
