/** The indexes of users: by nick, by claim key, by account, and of those in their grace period. Called within apply/. */
import { assert } from "../../base/assert.ts";
import type { HubContext } from "../context.ts";
import type { Account, User } from "../model/state/entities.ts";
import type { MutableState } from "../model/state/mutable_state.ts";
import { writable } from "./writable.ts";

export function endGracePeriod(state: MutableState, user: User): void {
  const isPending = state.usersInGracePeriod.delete(user);
  state.endedGracePeriods++;
  assert(
    isPending === (user.pendingQuit !== undefined),
    "a user with a pending quit is in its grace period",
  );
}

export function deleteUser(state: MutableState, user: User): void {
  assert(state.users.get(user.folded) === user, "a user is indexed by its nick");
  state.users.delete(user.folded);
}

/** Adds `user` to the index by claim key, or removes it; a user without a key is not indexed. */
export function indexClaimKey({ state }: HubContext, user: User, holds: boolean): void {
  const { usersByClaimKey } = writable(state);
  if (user.owner.startsWith("~")) return;
  const holders = usersByClaimKey.get(user.owner) ?? [];
  const others = holders.filter((each) => each !== user);
  assert(
    holders.length - others.length === (!holds && user.account === undefined ? 1 : 0),
    "a user without an account is indexed by its claim key, once",
  );
  if (holds) usersByClaimKey.set(user.owner, [...others, user]);
  else if (others.length > 0) usersByClaimKey.set(user.owner, others);
  else usersByClaimKey.delete(user.owner);
}

export function setAccount(user: User, account: Account | undefined): void {
  const { account: before } = user;
  if (before !== undefined) {
    assert(before.users.includes(user), "an account lists its users");
    writable(before).users = before.users.filter((each) => each !== user);
  }
  writable(user).account = account;
  user.banVerdicts = undefined;
  if (account !== undefined) writable(account).users = [...account.users, user];
}
