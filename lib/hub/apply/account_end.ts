import type { Account } from "../model/state/entities.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import type { HubContext, Services } from "../context.ts";
import { namesAccount } from "../model/channel_mask.ts";
import { rememberOperator } from "./channel_operators.ts";

/**
 * Removes `account` from every channel's remembered operators and exemptions, and its direct conversations from the
 * archive when no session of it is left.
 */
export function applyAccountEnd(context: HubContext, services: Services, account: Account): void {
  const { owner } = account;
  const isConnected = context.state.users.values().some((user) => user.owner === owner);
  // What CHATHISTORY shows to a session that stays must not end where the log ends.
  if (isConnected) services.archiveOrders.forgetLater(owner);
  else services.archiveOrders.put({ kind: "forget", owner, seq: context.log.nextSeq });
  for (const target of services.history.channels.values()) {
    if (target.settings === undefined) continue;
    removeAccountExemptions(context, services, account, target);
    rememberOperator(context, services, target, account, false, { seq: 0, time: context.now });
  }
}

/**
 * Removes the masks of +e and +I that name the account or the nick that it owns: they would otherwise apply to the
 * next owner.
 */
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
