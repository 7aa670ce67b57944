/**
 * Our key to a name on a server, as long as a process knows it: what servers have made of it, and which other key may be the right
 * one. A server may have several addresses, and keys are kept by address.
 *
 * Beside the key file words are kept, separated by spaces: `ours` (a server of ours has taken the key as an account's), `asked` (the
 * name was registered on purpose), `imported` (the key was brought from elsewhere, where it may be an account's). Without any of them
 * no server is known to have the key: it only claims the name, until the name is registered with it. A process that ends between the
 * server's word and the mark leaves the key; the next one that registers with it is told that the account exists, and logs in.
 *
 * A server has a password hashed as often as the least random one needs it, and does so for keys too. What that makes of the key is
 * kept beside it from when a server has taken it, so that it takes its 20 ms once: the key's fingerprint, salt, iterations and
 * SaltedPassword (RFC 5802 section 3), separated by spaces.
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

/** Keys tried that are kept for other addresses: each that is wrong counts as a failure at the server, which bears ten or so. */
export const MAX_OTHER_ADDRESS_KEYS = 4;

const CHANGED_MEANWHILE = "another process is changing it just now; try again";

type KeyMark = "ours" | "asked" | "imported";

/** A key that has taken the place of another. */
export interface SetAsideKey {
  /** Where it is kept. */
  readonly path: string;
  /** Puts it back in its place. Throws what the disk does. */
  readonly undo: () => Promise<void>;
}

export class Keyring implements KeySource {
  readonly #dir: string;
  readonly #address: Address;
  readonly #name: string;
  /** The key that fits, so far as we know. */
  #secret: string;
  #marks: readonly KeyMark[];
  /** The key was made by this process. */
  readonly #created: boolean;
  /** It has not taken its place yet: see `next_key.ts`. */
  #isNext: boolean;
  /** A server has taken the key since this was made. */
  #taken = false;
  /** A server was asked to register the name with the key, and has not answered. */
  #inDoubt = false;
  /** As it is kept beside the key. */
  #salted = "";
  #isSaltedKept = true;

  /**
   * For the key `secret` of `name` at `address`, in the folder of our configuration; `created`: just now; `isNext`: it is one that the
   * account was being given.
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

  /** A server has once taken the key as an account's. */
  get isGuarded(): boolean {
    return this.#marks.includes("ours") || this.isRegisteredOnPurpose;
  }

  /** No server is known to have the key as an account's. */
  get isUnregistered(): boolean {
    return this.#marks.length === 0;
  }

  /** No server can have the key as an account's. */
  get isUnused(): boolean {
    return this.#created && !this.#taken && !this.#inDoubt;
  }

  /** The name was registered on purpose: the key may be shown to that server, whatever it is. */
  get isRegisteredOnPurpose(): boolean {
    return this.#marks.includes("asked");
  }

  /** `registration` with what has been learned since it was made. */
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
   * Other keys that may be the name's: first those of this address ({@link listKeysHere}); then those that servers of ours elsewhere have
   * taken, the newest first: one of them may be the same server. A caller shows them only by a proof that is bound to the server that
   * it is connected to (`login.ts`).
   * Those of other servers stay out of it: only ours look at where a login comes in, so that nobody can pass it on to them.
   */
  async listOtherKeys(): Promise<string[]> {
    return [...new Set([...await this.listKeysHere(), ...await this.#elsewhere()])];
  }

  /** Other keys of this address, which another process, or one that was cut off, has given the name (`secret_change.ts`). */
  async listKeysHere(): Promise<string[]> {
    // In this order: one that takes its place in between is seen there.
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

  /** As `saltedPassword`, which it knows from before where the key, the salt and the number are the same. */
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

  /** A server, one of `ours` or not, has taken `secret` as that of our account: it is kept for this address. */
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
    // Another process may have removed it, before the mark: see `removeUnmarkedKey`.
    if (first) await storeKey(this.#dir, this.#address, this.#name, secret, false);
    if (this.#isSaltedKept) return;
    this.#isSaltedKept = true;
    writeSaltedPassword(this.#dir, this.#address, this.#name, this.#salted);
  }

  /** The name was registered on purpose. */
  recordRegistered(): void {
    this.#mark("asked");
  }

  /** A server was asked to register the name with the key, and its answer has not come. */
  recordDoubt(): void {
    if (!this.#taken) this.#inDoubt = true;
  }

  /** The key was made by this process for nothing: it goes, unless another process has found a use for it. */
  async discard(): Promise<void> {
    if (!this.isUnused) return;
    await removeUnmarkedKey(this.#dir, this.#address, this.#name, this.#secret).catch(() => {}); // it stays, then
  }

  /** There is no such account any more. */
  recordReleased(): void {
    this.#marks = [];
    writeKeyMarks(this.#dir, this.#address, this.#name, undefined);
  }

  /** Another key takes the place of this one; a copy is kept beside it. Throws what the disk does, and where another is in its place by now. */
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
      // The server may yet register the name with it: where it cannot, the key has been discarded.
      if (made.kind === "ok" && made.key !== this.#secret) await storeNextKey(...this.#place, made.key);
      await storeKey(...this.#place, this.#secret, true);
      this.#write();
    }
    await Deno.remove(aside);
  }

  /** What can't be kept is found again the next time. */
  async #replace(secret: string): Promise<void> {
    try {
      using lock = await lockKey(...this.#place);
      const kept = await readOrCreateKey(...this.#place, false);
      const isKnown = kept.kind === "none" ||
        kept.kind === "ok" && (kept.key === this.#secret || kept.key === secret);
      if (lock === undefined || !isKnown) {
        // Another process has put a third key there, or is about to, and the server may have taken that one later than this.
        return await this.#keepAsNext(secret);
      }
      if (kept.kind === "ok" && kept.key !== secret && this.isGuarded) await copyPreviousKey(...this.#place);
      await storeKey(...this.#place, secret, true);
      await resolveNextKeys(...this.#place, secret);
    } catch {
      // such as a disk that is full
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

/** A server of ours has taken the key of `name` at `address`, which was given to its account on purpose. */
export function markRegistered(dir: string, address: Address, name: string): void {
  writeKeyMarks(dir, address, name, "ours asked\n");
}

/** The key of `name` at `address` was brought from elsewhere, where it may be an account's. */
export function markImported(dir: string, address: Address, name: string): void {
  if (parseKeyMarks(readKeyMarks(dir, address, name)).length === 0) {
    writeKeyMarks(dir, address, name, "imported\n");
  }
}

function parseKeyMarks(text: string | undefined): KeyMark[] {
  const words = text?.trim().split(" ") ?? [];
  return (["ours", "asked", "imported"] as const).filter((word) => words.includes(word));
}
