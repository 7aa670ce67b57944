import type { HubContext, Services } from "../../context.ts";
import { OPERATOR } from "../../model/channel_modes.ts";
import type { Account, User } from "../../model/state/entities.ts";

/**
 * Revokes the rights of an account that ends, for good: a later account gets none of them, neither by the name nor
 * by the owner id, which a claim key brings back. Restrictions (bans, mutes, +b) stay with the name, or ending the
 * account would be a way to evade them. Must be called while `account` still exists. `user` is the user that stays
 * connected, if any.
 */
export function revokeAccountRights(
  context: HubContext,
  services: Services,
  account: Account,
  user: User | undefined,
): void {
  for (const each of services.serverOperators.usersOfAccount(account, context.state.serverOperators)) {
    context.commit({ kind: "oper", user: each, oper: false });
  }
  services.serverOperators.revokeEndedAccount(account);
  for (const [channel, bits] of user?.channels ?? []) {
    if (!(bits & OPERATOR)) continue;
    const [source, args] = [context.config.serverName, user!.nick];
    context.commit({ kind: "mode", source, channel: channel.name, change: "-o", args });
  }
  context.commit({ kind: "account_end", account });
}
