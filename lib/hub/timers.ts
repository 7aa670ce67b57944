/** Timed work: registration and ping timeouts, grace periods, expiry. */
import type { ConversationLog } from "./model/conversation_log.ts";
import type { HubContext, Services } from "./context.ts";
import { dropGoneConversations } from "./history/gone_conversations.ts";
import { findSurplusChannels } from "./services/idle_channels.ts";
import { forgetDirectConversation } from "./fanout/history/read_marker_updates.ts";
import { sayDueMessages } from "./verbs/schedules/due_messages.ts";
import { settlePages } from "./verbs/oncall/page_ending.ts";
import { ringDuePages } from "./verbs/oncall/ringing.ts";
import { endExpiredParcels } from "./verbs/users/key_share.ts";
import { endExpiredQuestions } from "./verbs/messaging/question_answer.ts";
import { endInvalidToken } from "./verbs/users/token.ts";
import { expireBatch } from "./verbs/messaging/multiline_batch.ts";
import { replayDue } from "./fanout/history/offline_replay.ts";

/** When something of {@link runDue} is due, or earlier, in milliseconds since the epoch; Infinity: nothing is. */
export function findNextDue({ pages, scheduledMessages }: Services): number {
  return Math.min(pages.nextDue, scheduledMessages.nextDue);
}

/** What has its time, also while no client is connected: scheduled messages, and pages that ring. */
export function runDue(context: HubContext, services: Services): void {
  sayDueMessages(context, services);
  ringDuePages(context, services);
}

/** Selects the channels of `idle` to forget, and reduces the quotas of the accounts that own them. */
function forgetSurplusChannels(
  services: Services,
  idle: Iterable<readonly [folded: string, ConversationLog]>,
): Iterable<string> {
  const { archiveOrders, history, operatorQuota } = services;
  const dropped: string[] = [];
  for (const folded of findSurplusChannels(services, idle)) {
    const target = history.channels.get(folded)!;
    if (!archiveOrders.canDrop(folded, target)) continue;
    for (const owner of target.settings?.operators ?? []) operatorQuota.remove(owner);
    dropped.push(folded);
  }
  return dropped;
}

/**
 * Disconnects sessions that do not register or respond, pings silent ones, and forgets what the ring no longer
 * holds.
 */
export function runTimers(context: HubContext, services: Services): void {
  const { monotonic: now } = context;
  const { registerTimeoutMs, pingTimeoutMs } = context.limits;
  for (const session of context.state.sessions.values()) {
    if (session.closeReason !== undefined) continue;
    if (session.connection.token !== undefined && endInvalidToken(context, services, session)) continue;
    if (session.connection.batch !== undefined) expireBatch(context, services, session);
    if (session.phase.kind === "registering") {
      if (now - session.openedAt >= registerTimeoutMs) context.disconnect(session, "Registration timed out");
    } else if (session.connection.suspendedLine !== undefined) {
      continue; // its lines are not read before its job is done
    } else if (session.connection.pingedAt > 0) {
      if (now - session.connection.pingedAt >= pingTimeoutMs) {
        context.disconnect(
          session,
          `Ping timeout: ${Math.round((now - session.connection.lastHeardAt) / 1000)} seconds`,
        );
      }
    } else if (now - session.connection.lastHeardAt >= pingTimeoutMs) {
      session.connection.pingedAt = now;
      context.send(session, `PING ${context.config.serverName}`);
    }
  }
  replayDue(context, services);
  runDue(context, services);
  for (const user of context.state.usersInGracePeriod) {
    if (now >= user.pendingQuit!.at) {
      context.commit({ kind: "quit", source: user.source, reason: user.pendingQuit!.reason });
    }
  }
  context.commit({ kind: "invites_pruned" });
  services.accountTokens.expire(context.now);
  endExpiredParcels(context, services);
  endExpiredQuestions(context, services);
  settlePages(context, services);
  services.pages.expire(context.now);
  const expired = services.bans.expire(context.now);
  if (expired.length > 0) context.commit({ kind: "bans", masks: expired });
  services.listMemory.recount(services.history.channels.values());
  dropGoneConversations(services.history, {
    isChannelInUse: (folded) => context.state.channels.has(folded),
    surplusOf: (idle) => forgetSurplusChannels(services, idle),
    // The archive has what may have to be replayed; without one it is lost, which the read marker records.
    isDirectInUse: (owner, { receivedSeq }) =>
      services.archiveOrders.isUsed && services.offlineMessages.isUnconfirmed(owner, receivedSeq),
    onDirectConversationGone: (owner, folded, conversation) =>
      forgetDirectConversation(services, owner, folded, conversation),
  });
}
