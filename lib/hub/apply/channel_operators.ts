import type { HubContext, Services } from "../context.ts";
import { isRememberedOperator } from "../model/channel_settings.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { Account } from "../model/state/entities.ts";

/**
 * Remembers or forgets `account` as an operator of `target`. If the limit of remembered operators is reached, the
 * account's sessions are warned.
 */
export function rememberOperator(
  context: HubContext,
  services: Services,
  target: ConversationLog,
  account: Account,
  keep: boolean,
  place: RecordPlace,
): void {
  if (isRememberedOperator(target.settings, account) === keep) return;
  const { channelSettings } = services;
  if (!keep) return channelSettings.removeOperator(target, account.owner, place);
  const refusal = channelSettings.addOperator(target, account.owner, place);
  if (refusal !== undefined) sendNotRemembered(context, target, account, refusal);
}

function sendNotRemembered(
  context: HubContext,
  { name }: ConversationLog,
  { users }: Account,
  why: string,
): void {
  const text = `${why}: you are an operator of ${name} only until you leave it`;
  const line = `:${context.config.serverName} WARN * OPERATOR_NOT_REMEMBERED ${name} :${text}`;
  for (const { sessions } of users) for (const session of sessions) context.send(session, line);
}
