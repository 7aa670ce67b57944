/**
 * What an account may do ends with it, for good: a later account gets none of it, neither by the name nor by the owner id, which a
 * claim key brings back. What an account may not do (bans, mutes, +b) stays with the name, or it could be shaken off.
 */
import type { Account, User } from "../model/state/entities.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import type { HubContext, Services } from "../context.ts";
import { namesAccount } from "../model/channel_mask.ts";
import { rememberOperator } from "./channel_operators.ts";
import { OPERATOR } from "../model/channel_modes.ts";

/** Call it while there still is `account`. `user` is the one who stays, where one does. */
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
  for (const target of services.archive.channels.values()) {
    if (target.settings === undefined) continue;
    removeAccountExemptions(context, services, account, target);
    rememberOperator(context, services, target, account, false, { seq: 0, time: context.now });
  }
}

/** Masks of +e and +I that name the account, or the nick that it owns, are taken out: they would be for the next owner. */
function removeAccountExemptions(
  context: HubContext,
  services: Services,
  { folded }: Account,
  target: ConversationLog,
): void {
  const { settings } = target;
  if (settings === undefined) return;
  const changes = (["e", "I"] as const).flatMap((letter) =>
    settings.lists[letter].filter(({ mask }) => namesAccount(mask, folded)).map(({ mask }) =>
      ({ sign: "-", letter, arg: mask }) as const
    )
  );
  if (changes.length === 0) return;
  services.channelSettings.change(target, changes, context.config.serverName, { seq: 0, time: context.now });
}
