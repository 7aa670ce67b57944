/**
 * Accounts: names that belong to somebody. An account is named like the nick that it owns; who proves to know its password
 * (SASL, NickServ) may have that nick, in as many sessions as he likes, and nobody else may.
 *
 *     fact account, by folded name: { name, owner, createdAt, salt, iterations, storedKey, serverKey }   (bytes in base64)
 */
import { casefold } from "../irc/casemap.ts";
import type { ScramCredentials } from "../irc/scram.ts";
import type { Errand } from "./errands.ts";
import type { OwnerId } from "./event.ts";
import { member } from "./facts.ts";
import type { Facts } from "./facts.ts";
import type { Hub } from "./hub.ts";
import { NameMap } from "./name_map.ts";
import type { Session, User } from "./state.ts";

/** Accounts of one server. */
export const MAX_ACCOUNTS = 100_000;

const NOBODY: readonly User[] = [];

export class Account {
  readonly folded: string;
  /** Who is logged in to it and has a name, whatever it is. */
  users: readonly User[] = NOBODY;
  /** Salt, stored key and server key in base64, as one string: three arrays of bytes take several times as much. */
  readonly #packed: string;
  readonly #iterations: number;

  /** `name`: as it was spelled when it was registered, at `createdAt` (milliseconds since the epoch). */
  constructor(
    readonly name: string,
    /** Under whom its direct messages are filed. */
    readonly owner: OwnerId,
    readonly createdAt: number,
    { salt, iterations, storedKey, serverKey }: ScramCredentials,
  ) {
    this.folded = casefold(name);
    this.#packed = [salt, storedKey, serverKey].map((bytes) => bytes.toBase64()).join();
    this.#iterations = iterations;
  }

  get credentials(): ScramCredentials {
    const [salt, storedKey, serverKey] = this.#packed.split(",").map((text) => Uint8Array.fromBase64(text));
    return { salt: salt!, iterations: this.#iterations, storedKey: storedKey!, serverKey: serverKey! };
  }
}

/** A name that is being registered, and what others want done once that has ended. */
interface Reservation {
  readonly name: string;
  readonly waiting: Errand[];
}

export class Accounts {
  readonly #facts: Facts;
  /** By folded name. */
  readonly #accounts = new NameMap<Account>(({ name }) => name);
  /** By owner. */
  readonly #owners = new Map<OwnerId, Account>();
  /** Names that are being registered just now, by folded name. */
  readonly #taken = new NameMap<Reservation>(({ name }) => name);

  constructor(facts: Facts) {
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
  of(owner: OwnerId): Account | undefined {
    return this.#owners.get(owner);
  }

  /** All that have a name that looks like `name` and is another. */
  lookalikes(name: string): Iterable<Account> {
    return this.#accounts.lookalikes(name);
  }

  /** Keeps `name` while it is registered; false: it has an account, or it or a look-alike is about to have one. */
  reserve(name: string): boolean {
    if (this.#accounts.has(casefold(name)) || this.#reservation(name) !== undefined) return false;
    this.#taken.set(casefold(name), { name, waiting: [] });
    return true;
  }

  /** True while `name`, or one that looks like it, is being registered: then `errand` is for when that has ended. */
  whenReleased(name: string, errand: Errand): boolean {
    const reservation = this.#reservation(name);
    reservation?.waiting.push(errand);
    return reservation !== undefined;
  }

  /** Ends what {@link reserve} has begun. Answers what is to be done now ({@link whenReleased}). */
  release(name: string): readonly Errand[] {
    const folded = casefold(name);
    const waiting = this.#taken.get(folded)?.waiting ?? [];
    this.#taken.delete(folded);
    return waiting;
  }

  #reservation(name: string): Reservation | undefined {
    const reserved = this.#taken.get(casefold(name));
    if (reserved !== undefined) return reserved;
    for (const lookalike of this.#taken.lookalikes(name)) return lookalike;
    return undefined;
  }

  add(account: Account): void {
    this.#accounts.set(account.folded, account);
    this.#owners.set(account.owner, account);
  }

  /** The fact that there is `account`. */
  fact({ name, folded, owner, createdAt, credentials }: Account) {
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
    this.#accounts.delete(account.folded);
    if (this.#owners.get(account.owner) === account) this.#owners.delete(account.owner);
    this.#facts.put("account", account.folded, undefined);
  }
}

/** True when `session` may have the nick `wanted` as far as accounts go: nobody's, or its own. */
export function mayBeCalled(hub: Hub, wanted: string, account: Account | undefined): boolean {
  if (hub.config.accounts === "off") return true;
  const owned = hub.accounts.get(wanted);
  return owned === undefined || owned === account;
}

/** What is behind the nick in RPL_LOGGEDIN. */
export function loggedInWords(source: string, { name }: Account): string {
  return `${source} ${name} :You are now logged in as ${name}`;
}

/** The account that `session` is logged in to. */
export function accountOf(session: Session): Account | undefined {
  return session.user === undefined ? session.account : session.user.account;
}

/** Takes in a saved account. */
export function restoreAccount(hub: Hub, _key: string, value: unknown): void {
  const bytes = (name: string) => Uint8Array.fromBase64(member(value, name, "string"));
  hub.accounts.add(
    new Account(
      member(value, "name", "string"),
      member(value, "owner", "string"),
      member(value, "createdAt", "number"),
      {
        salt: bytes("salt"),
        iterations: member(value, "iterations", "number"),
        storedKey: bytes("storedKey"),
        serverKey: bytes("serverKey"),
      },
    ),
  );
}
