/**
 * Accounts: names that belong to somebody. An account is named like the nick that it owns; who proves to know its password
 * (SASL, NickServ) may have that nick, in as many sessions as he likes, and nobody else may.
 *
 *     fact account, by folded name: { name, owner, createdAt, salt, iterations, storedKey, serverKey }   (bytes in base64)
 */
import { casefold } from "../../../irc/names/casemap.ts";
import { MAX_SCRAM_ITERATIONS } from "../../../irc/sasl/scram_client.ts";
import { SCRAM_KEY_BYTES } from "../../../irc/sasl/scram_message.ts";
import type { ScramCredentials } from "../../../irc/sasl/scram_server.ts";
import { assert } from "../../../base/assert.ts";
import type { Account } from "../../model/state/entities.ts";
import { MutableAccount } from "../../model/state/mutable_account.ts";
import type { Job } from "../../model/state/async_job.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import { readMember, readTime } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";
import { NameMap } from "../../model/name_map.ts";

/** Accounts of one server. */
export const MAX_ACCOUNTS = 100_000;

/** A name that is being registered, and what others want done once that has ended. */
interface Reservation {
  readonly name: string;
  /** The owner id that the account is to have. */
  readonly owner: OwnerId;
  readonly queuedJobs: Job[];
}

export class Accounts {
  readonly #facts: FactBuffer;
  /** By folded name. */
  readonly #accounts = new NameMap<Account>(({ name }) => name);
  /** By owner. */
  readonly #owners = new Map<OwnerId, Account>();
  /** Names that are being registered just now, by folded name. */
  readonly #taken = new NameMap<Reservation>(({ name }) => name);
  /** Folded names whose account was saved and cannot be read: their owners cannot be told. */
  readonly #unreadable = new Set<string>();
  /** Accounts that are getting another password: of two changes at the same time the second would undo the first. */
  readonly #changing = new Set<Account>();
  #version = 0;

  constructor(facts: FactBuffer) {
    this.#facts = facts;
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** Those that are being made count too, or many at the same moment would get past the bound. */
  get isFull(): boolean {
    return this.#accounts.size + this.#taken.size >= MAX_ACCOUNTS;
  }

  get all(): Iterable<Account> {
    return this.#accounts.values();
  }

  /** The account called `name`, in whatever case. */
  get(name: string): Account | undefined {
    return this.#accounts.get(casefold(name));
  }

  /** The account whose messages are filed under `owner`. */
  byOwner(owner: OwnerId): Account | undefined {
    return this.#owners.get(owner);
  }

  /** An account that has this owner is there, or is being registered. */
  isOwnerTaken(owner: OwnerId): boolean {
    return this.#owners.has(owner) || this.#taken.values().some((each) => each.owner === owner);
  }

  /** Rises whenever there is another account, or one less. */
  get version(): number {
    return this.#version;
  }

  /** All that have a name that looks like `name` and is another. */
  lookalikes(name: string): Iterable<Account> {
    return this.#accounts.lookalikes(name);
  }

  /** Keeps `name` and `owner` while it is registered; false: it has an account, or it or a look-alike is about to have one. */
  reserve(name: string, owner: OwnerId): boolean {
    const folded = casefold(name);
    const owned = this.#accounts.has(folded) || this.#unreadable.has(folded);
    if (owned || this.#reservation(name) !== undefined) return false;
    this.#taken.set(folded, { name, owner, queuedJobs: [] });
    return true;
  }

  /** True while `name`, or one that looks like it, is being registered: then `errand` is for when that has ended. */
  queueUntilReleased(name: string, errand: Job): boolean {
    const reservation = this.#reservation(name);
    reservation?.queuedJobs.push(errand);
    return reservation !== undefined;
  }

  /** Ends what {@link reserve} has begun. Answers what is to be done now ({@link queueUntilReleased}). */
  release(name: string): readonly Job[] {
    const folded = casefold(name);
    const waiting = this.#taken.get(folded)?.queuedJobs ?? [];
    this.#taken.delete(folded);
    return waiting;
  }

  #reservation(name: string): Reservation | undefined {
    const reserved = this.#taken.get(casefold(name));
    if (reserved !== undefined) return reserved;
    for (const lookalike of this.#taken.lookalikes(name)) return lookalike;
    return undefined;
  }

  /** Folded names that cannot be logged in to, registered or used, until {@link removeUnreadable}. */
  get unreadable(): ReadonlySet<string> {
    return this.#unreadable;
  }

  /** False: no account has this owner. True also where it may be the owner of one that cannot be read. */
  isPossibleOwner(owner: OwnerId): boolean {
    return this.#owners.has(owner) || this.#unreadable.size > 0;
  }

  isUnreadable(name: string): boolean {
    return this.#unreadable.size > 0 && this.#unreadable.has(casefold(name));
  }

  addUnreadable(folded: string): void {
    this.#unreadable.add(folded);
  }

  /** Gives up an account that cannot be read, for good; false: `name` is none. */
  removeUnreadable(name: string): boolean {
    const folded = casefold(name);
    if (!this.#unreadable.delete(folded)) return false;
    this.#facts.put("account", folded, undefined);
    return true;
  }

  add(account: Account): void {
    this.#version++;
    this.#accounts.set(account.folded, account);
    this.#owners.set(account.owner, account);
  }

  /** Marks that the password of `account` is being changed; false: it is already. */
  beginPasswordChange(account: Account): boolean {
    if (this.#changing.has(account)) return false;
    this.#changing.add(account);
    return true;
  }

  endPasswordChange(account: Account): void {
    this.#changing.delete(account);
  }

  /** `account` has another password; its fact is the caller's to put ({@link putFact}). */
  setCredentials(account: Account, credentials: ScramCredentials): void {
    assert(account instanceof MutableAccount, "a view of an account has a mutable side");
    account.credentials = credentials;
  }

  /** The fact that there is `account`, with other `credentials` where they are given. */
  putFact(account: Account, credentials = account.credentials) {
    const { name, folded, owner, createdAt } = account;
    const { salt, iterations, storedKey, serverKey } = credentials;
    return this.#facts.put("account", folded, {
      name,
      owner,
      createdAt,
      salt: salt.toBase64(),
      iterations,
      storedKey: storedKey.toBase64(),
      serverKey: serverKey.toBase64(),
    });
  }

  /** There is no such account any more. */
  remove(account: Account): void {
    this.#version++;
    this.#accounts.delete(account.folded);
    if (this.#owners.get(account.owner) === account) this.#owners.delete(account.owner);
    this.#facts.put("account", account.folded, undefined);
  }

  /** Takes in a saved account. */
  restore(key: string, value: unknown): void {
    const account = readAccount(key, value);
    if (account.owner === "" || this.#owners.has(account.owner)) {
      throw new TypeError("owner is none, or another account's");
    }
    this.add(account);
  }

  /** The name of an account that cannot be read is given to no client until the console gives it up. */
  restoreUnreadable(key: string, name: unknown): string {
    const names = typeof name === "string" ? new Set([key, casefold(name)]) : [key];
    for (const each of names) if (!this.#accounts.has(each)) this.addUnreadable(each);
    return "no client can use the name until the console frees it (unregister)";
  }
}

/** `name`: as it was spelled when it was registered, at `createdAt` (milliseconds since the epoch). */
export function createAccount(
  name: string,
  owner: OwnerId,
  createdAt: number,
  credentials: ScramCredentials,
): Account {
  return new MutableAccount(name, owner, createdAt, credentials);
}

/** What was a nick when it was registered, whatever rules for new ones have come since: a parameter that is no mask and no channel. */
const ACCOUNT_NAME = /^[^\s:#*?!@,][^\s*?!@,]*$/;

/** The account that was saved under `key`; throws where that is none. */
function readAccount(key: string, value: unknown): Account {
  const name = readMember(value, "name", "string");
  if (!ACCOUNT_NAME.test(name)) throw new TypeError("its name is no nick");
  if (casefold(name) !== key) throw new TypeError("it is saved under another name than its own");
  const bytes = (name: string, count: number) => {
    const found = Uint8Array.fromBase64(readMember(value, name, "string"));
    if (found.length < count) throw new RangeError(`${name} is too short`);
    return found;
  };
  return createAccount(name, readMember(value, "owner", "string"), readTime(value, "createdAt"), {
    salt: bytes("salt", 1),
    iterations: readIterations(value),
    storedKey: bytes("storedKey", SCRAM_KEY_BYTES),
    serverKey: bytes("serverKey", SCRAM_KEY_BYTES),
  });
}

function readIterations(value: unknown): number {
  const count = readMember(value, "iterations", "number");
  if (!Number.isSafeInteger(count) || count < 1 || count > MAX_SCRAM_ITERATIONS) {
    throw new RangeError("iterations is no count that a client accepts");
  }
  return count;
}
