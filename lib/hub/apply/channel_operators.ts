import type { HubContext, Services } from "../context.ts";
import { isRememberedOperator, MAX_CHANNEL_OPERATORS } from "../model/channel_settings.ts";
import { getOrCreateSettings } from "../model/conversation_log.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { Account } from "../model/state/entities.ts";

/** Remembers `account` as an operator of `target`, or no longer. Where there is no space for it, its sessions are told. */
export function rememberOperator(
  context: HubContext,
  services: Services,
  target: ConversationLog,
  account: Account,
  keep: boolean,
  place: RecordPlace,
): void {
  if (isRememberedOperator(target.settings, account) === keep) return;
  const { operators } = target.settings ?? {};
  if (keep && (operators?.size ?? 0) >= MAX_CHANNEL_OPERATORS) {
    return sendNotRemembered(
      context,
      target,
      account,
      `${target.name} remembers ${MAX_CHANNEL_OPERATORS} operators`,
    );
  }
  if (keep && !services.operatorQuota.canAdd(account.owner)) {
    const most = services.operatorQuota.allowance;
    return sendNotRemembered(context, target, account, `${most} rooms remember you, and no more will`);
  }
  if (keep) {
    getOrCreateSettings(target).operators.add(account.owner);
    services.operatorQuota.add(account.owner);
  } else if (operators?.delete(account.owner)) services.operatorQuota.remove(account.owner);
  services.channelSettings.save(target, place);
}

export function sendNotRemembered(
  context: HubContext,
  { name }: ConversationLog,
  { users }: Account,
  why: string,
): void {
  const text = `${why}: you are operator of ${name} only as long as you are in it`;
  const line = `:${context.config.serverName} WARN * OPERATOR_NOT_REMEMBERED ${name} :${text}`;
  for (const { sessions } of users) for (const session of sessions) context.send(session, line);
}
