/**
 * Server operators are accounts, kept by owner id: a name that is given up and registered again is another account.
 *
 *     fact oper, by folded name: { owner }   of the account that was an operator by that name; "": it has ended
 *
 * `serve --oper NAME` refers to an existing account: the one that was an operator by that name before or, the first
 * time, the one that has the name then. If there is none, the name cannot be registered over the network, because a
 * stranger would become an operator. The console can make any account an operator.
 */
import type { Accounts } from "./accounts.ts";
import type { Account, User } from "../../model/state/entities.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import { readMember } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";
import type { ServerEvent } from "../../model/server_event.ts";

export class ServerOperators {
  readonly #facts: FactBuffer;
  readonly #owners = new Set<OwnerId>();
  /** Owner ids by folded name, as in the fact `oper`. */
  readonly #known = new Map<string, OwnerId>();
  /**
   * Users that became operators with the password of an account that they are not logged in to (OPER): its owner
   * id.
   */
  readonly #byPassword = new WeakMap<User, OwnerId>();

  constructor(facts: FactBuffer) {
    this.#facts = facts;
  }

  /** Number of operator accounts. */
  get size(): number {
    return this.#owners.size;
  }

  /** Owner ids of the operator accounts. */
  get owners(): Iterable<OwnerId> {
    return this.#owners;
  }

  has(account: Account | undefined): boolean {
    return account !== undefined && this.#owners.has(account.owner);
  }

  /** Makes `account` an operator until the server stops; after that only if `--oper` names it. */
  add(account: Account): void {
    this.#owners.add(account.owner);
    if (this.#known.get(account.folded) !== account.owner) this.#know(account.folded, account.owner);
  }

  /** Removes the operator rights of `account` until the server stops; false: it had none. */
  delete(account: Account): boolean {
    return this.#owners.delete(account.owner);
  }

  /** Removes the rights of an ended account; no later account with its name or owner id gets them. */
  revokeEndedAccount(account: Account): void {
    this.#owners.delete(account.owner);
    if (this.#known.get(account.folded) === account.owner) this.#know(account.folded, "");
  }

  /** Records that `user` gave the password of `account` (OPER). */
  addByPassword(account: Account, user: User): void {
    this.#byPassword.set(user, account.owner);
  }

  /** Owner id of the account of which `user` gave the password (OPER); "": none. */
  grantorOf(user: User): OwnerId {
    return this.#byPassword.get(user) ?? "";
  }

  /** Those of the operators `users` that have their rights by `account`. */
  usersOfAccount(account: Account, users: Iterable<User>): User[] {
    return [...users].filter((user) =>
      user.account === account || this.#byPassword.get(user) === account.owner
    );
  }

  /** Applies `--oper` for these folded names when the server starts; returns the outcome of each. */
  applyFlags(names: Iterable<string>, accounts: Accounts): ServerEvent[] {
    return Array.from(names, (folded): ServerEvent => {
      const account = accounts.get(folded);
      if (account === undefined) return { kind: "oper_missing", name: folded };
      const { name } = account;
      const known = this.#known.get(folded);
      if (known !== undefined && known !== account.owner) return { kind: "oper_changed", name };
      this.add(account);
      return { kind: "oper_named", name, since: account.createdAt };
    });
  }

  /** Restores the fact `oper`. */
  restore(folded: string, value: unknown): void {
    this.#known.set(folded, readMember(value, "owner", "string"));
  }

  #know(folded: string, owner: OwnerId): void {
    this.#known.set(folded, owner);
    this.#facts.put("oper", folded, { owner });
  }
}
