/**
 * Accounts: registered names with a password. An account has the name of the nick that it owns; a client that
 * proves to know the password (SASL, NickServ) may use that nick, in any number of sessions, and no other client
 * may.
 *
 *     fact account, by folded name: { name, owner, createdAt, salt, iterations, storedKey, serverKey }
 *                                   bytes in base64
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

/** Most accounts of one server. */
export const MAX_ACCOUNTS = 100_000;

/** A name that is being registered, and the jobs that wait until the registration has ended. */
interface Reservation {
  readonly name: string;
  /** Owner id that the account will have. */
  readonly owner: OwnerId;
  readonly queuedJobs: Job[];
}

export class Accounts {
  readonly #facts: FactBuffer;
  /** By folded name. */
  readonly #accounts = new NameMap<Account>(({ name }) => name);
  /** By owner. */
  readonly #owners = new Map<OwnerId, Account>();
  /** Names that are being registered, by folded name. */
  readonly #taken = new NameMap<Reservation>(({ name }) => name);
  /** Folded names of saved accounts that cannot be read: no client can log in as their owner. */
  readonly #unreadable = new Set<string>();
  /** Accounts of which the password is being changed: of two concurrent changes the second would undo the first. */
  readonly #changing = new Set<Account>();
  #version = 0;
  #nextTemporary = 1;

  constructor(facts: FactBuffer) {
    this.#facts = facts;
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** Accounts that are being registered count too; otherwise many concurrent registrations would exceed the bound. */
  get isFull(): boolean {
    return this.#accounts.size + this.#taken.size >= MAX_ACCOUNTS;
  }

  get all(): Iterable<Account> {
    return this.#accounts.values();
  }

  /** The account called `name`, compared by folded names. */
  get(name: string): Account | undefined {
    return this.#accounts.get(casefold(name));
  }

  /** The account with this owner id. */
  byOwner(owner: OwnerId): Account | undefined {
    return this.#owners.get(owner);
  }

  /** Whether an account with this owner id exists or is being registered. */
  isOwnerTaken(owner: OwnerId): boolean {
    return this.#owners.has(owner) || this.#taken.values().some((each) => each.owner === owner);
  }

  /** An owner id for a user without a claim key, which no later user gets; `nextSeq`: of the log's next record. */
  createTemporaryOwner(nextSeq: number): OwnerId {
    for (;;) {
      const owner = `~${nextSeq.toString(36)}.${(this.#nextTemporary++).toString(36)}`;
      // In a new log sequence numbers start again, while accounts persist.
      if (!this.#owners.has(owner)) return owner;
    }
  }

  /**
   * Users that an earlier hub has given ids may still come, and it may have given them at the same place of the log. So
   * the ids of this hub begin by chance: with `random`, 32 bits.
   */
  beginTemporaryOwners(random: number): void {
    this.#nextTemporary = random;
  }

  /** Rises whenever an account is added or removed. */
  get version(): number {
    return this.#version;
  }

  /** Accounts with a name that looks like `name` and is not the same. */
  lookalikes(name: string): Iterable<Account> {
    return this.#accounts.lookalikes(name);
  }

  /**
   * Reserves `name` and `owner` during a registration. False: an account has the name, or the name or a look-alike
   * is being registered.
   */
  reserve(name: string, owner: OwnerId): boolean {
    const folded = casefold(name);
    const owned = this.#accounts.has(folded) || this.#unreadable.has(folded);
    if (owned || this.#reservation(name) !== undefined) return false;
    this.#taken.set(folded, { name, owner, queuedJobs: [] });
    return true;
  }

  /** While `name` or a look-alike is being registered, queues the job until that has ended and returns true. */
  queueUntilReleased(name: string, job: Job): boolean {
    const reservation = this.#reservation(name);
    reservation?.queuedJobs.push(job);
    return reservation !== undefined;
  }

  /** Ends the reservation made by {@link reserve} and returns the jobs queued by {@link queueUntilReleased}. */
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

  /** Folded names that no client can log in as, register or use, until {@link removeUnreadable}. */
  get unreadable(): ReadonlySet<string> {
    return this.#unreadable;
  }

  /**
   * False: no account has this owner id. Also true while any account cannot be read, because its owner id is
   * unknown.
   */
  isPossibleOwner(owner: OwnerId): boolean {
    return this.#owners.has(owner) || this.#unreadable.size > 0;
  }

  isUnreadable(name: string): boolean {
    return this.#unreadable.size > 0 && this.#unreadable.has(casefold(name));
  }

  addUnreadable(folded: string): void {
    this.#unreadable.add(folded);
  }

  /** Deletes an account that cannot be read; false: there is no such account of that name. */
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

  /** Marks that the password of `account` is being changed; false: another change is in progress. */
  beginPasswordChange(account: Account): boolean {
    if (this.#changing.has(account)) return false;
    this.#changing.add(account);
    return true;
  }

  endPasswordChange(account: Account): void {
    this.#changing.delete(account);
  }

  /** Replaces the credentials. The caller records the fact ({@link putFact}). */
  setCredentials(account: Account, credentials: ScramCredentials): void {
    assert(account instanceof MutableAccount, "a view of an account has a mutable side");
    account.credentials = credentials;
  }

  /** Records the fact of `account`, with other `credentials` where they are given. */
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

  /** Removes an ended account and its fact. */
  remove(account: Account): void {
    this.#version++;
    this.#accounts.delete(account.folded);
    if (this.#owners.get(account.owner) === account) this.#owners.delete(account.owner);
    this.#facts.put("account", account.folded, undefined);
  }

  /** Restores a saved account. */
  restore(key: string, value: unknown): void {
    const account = readAccount(key, value);
    if (account.owner === "" || this.#owners.has(account.owner)) {
      throw new TypeError("its owner id is empty or belongs to another account");
    }
    this.add(account);
  }

  /**
   * Blocks the name of an account that cannot be read until the console frees it. Returns what holds instead, for
   * the server's log.
   */
  restoreUnreadable(key: string, name: unknown): string {
    const names = typeof name === "string" ? new Set([key, casefold(name)]) : [key];
    for (const each of names) if (!this.#accounts.has(each)) this.addUnreadable(each);
    return `the name is blocked until it is freed with the console command "unregister ${key}"`;
  }
}

/** `name`: as spelled at the registration; `createdAt`: its time, milliseconds since the epoch. */
export function createAccount(
  name: string,
  owner: OwnerId,
  createdAt: number,
  credentials: ScramCredentials,
): Account {
  return new MutableAccount(name, owner, createdAt, credentials);
}

/**
 * Accepts every name that was a valid nick at its registration, also under earlier rules: a parameter that is
 * neither a mask nor a channel name.
 */
const ACCOUNT_NAME = /^[^\s:#*?!@,][^\s*?!@,]*$/;

/** Reads the account saved under `key`; throws where the value is not one. */
function readAccount(key: string, value: unknown): Account {
  const name = readMember(value, "name", "string");
  if (!ACCOUNT_NAME.test(name)) throw new TypeError("its name is not a valid nick");
  if (casefold(name) !== key) throw new TypeError("its name does not match its key");
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
    throw new RangeError("iterations is outside the range that clients accept");
  }
  return count;
}
