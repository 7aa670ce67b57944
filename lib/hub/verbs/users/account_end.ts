import type { HubContext, Services } from "../../context.ts";
import { OPERATOR } from "../../model/channel_modes.ts";
import type { Account, User } from "../../model/state/entities.ts";

/**
 * What an account may do ends with it, for good: a later account gets none of it, neither by the name nor by the owner id, which a
 * claim key brings back. What an account may not do (bans, mutes, +b) stays with the name, or it could be shaken off. Call it while
 * there still is `account`. `user` is the one who stays, where one does.
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
