/**
 * Server operators are accounts, by their owner ids: a name that is given up and registered anew is another account's.
 *
 *     fact oper, by folded name: { owner }   the account that has been an operator by that name; "": it has ended
 *
 * `serve --oper NAME` is for an account that there is: for the one that was an operator by that name before, or, the first time, for
 * the one that has the name then. Where there is none, the name can't be registered over the network, or a stranger would become an
 * operator. At the server's prompt any account can be made an operator.
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
  /** By folded name: see the fact `oper`. */
  readonly #known = new Map<string, OwnerId>();
  /** Users who are operators by the password of an account that they are not logged in to (OPER): its owner. */
  readonly #byPassword = new WeakMap<User, OwnerId>();

  constructor(facts: FactBuffer) {
    this.#facts = facts;
  }

  /** Accounts that are operators. */
  get size(): number {
    return this.#owners.size;
  }

  /** Their owner ids. */
  get owners(): Iterable<OwnerId> {
    return this.#owners;
  }

  has(account: Account | undefined): boolean {
    return account !== undefined && this.#owners.has(account.owner);
  }

  /** `account` is an operator until the server stops; after that if `--oper` names it. */
  add(account: Account): void {
    this.#owners.add(account.owner);
    if (this.#known.get(account.folded) !== account.owner) this.#know(account.folded, account.owner);
  }

  /** `account` is no operator until the server stops; false: it was none. */
  delete(account: Account): boolean {
    return this.#owners.delete(account.owner);
  }

  /** There is no such account any more, and no later one with its name, or with its owner id, gets its right. */
  revokeEndedAccount(account: Account): void {
    this.#owners.delete(account.owner);
    if (this.#known.get(account.folded) === account.owner) this.#know(account.folded, "");
  }

  /** `user` has said the password of `account`. */
  addByPassword(account: Account, user: User): void {
    this.#byPassword.set(user, account.owner);
  }

  /** Of `users`, who are operators, those who are it by `account`. */
  usersOfAccount(account: Account, users: Iterable<User>): User[] {
    return [...users].filter((user) =>
      user.account === account || this.#byPassword.get(user) === account.owner
    );
  }

  /** What `--oper` with these folded names means at a start; says what became of each. */
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

  /** Takes in the fact `oper`. */
  restore(folded: string, value: unknown): void {
    this.#known.set(folded, readMember(value, "owner", "string"));
  }

  #know(folded: string, owner: OwnerId): void {
    this.#known.set(folded, owner);
    this.#facts.put("oper", folded, { owner });
  }
}
