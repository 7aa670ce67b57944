/** What happens because time has gone by. */
import type { ConversationLog } from "./model/conversation_log.ts";
import type { Hub } from "./hub.ts";
import { findSurplusChannels } from "./services/limits/idle_channels.ts";
import { forgetDirectConversation } from "./fanout/history/read_marker_updates.ts";
import { expireBatch } from "./verbs/messaging/multiline_batch.ts";
import { replayDue } from "./fanout/history/offline_replay.ts";

/** The channels of `idle` that are forgotten; the accounts that own them own less then. */
function forgetSurplusChannels(
  hub: Hub,
  idle: Iterable<readonly [folded: string, ConversationLog]>,
): Iterable<string> {
  const surplus = findSurplusChannels(hub, idle);
  for (const folded of surplus) {
    for (const owner of hub.archive.channels.get(folded)?.settings?.operators ?? []) {
      hub.operatorQuota.remove(owner);
    }
  }
  return surplus;
}

/** Lets go who does not register or does not answer, asks who is silent, forgets what the ring has lost. */
export function runTimers(hub: Hub): void {
  const { monotonic: now } = hub;
  const { registerTimeoutMs, pingTimeoutMs } = hub.limits;
  for (const session of hub.state.sessions.values()) {
    if (session.closeReason !== undefined) continue;
    if (session.batch !== undefined) expireBatch(hub, session);
    if (!session.isRegistered) {
      if (now - session.openedAt >= registerTimeoutMs) hub.disconnect(session, "Registration timed out");
    } else if (session.suspendedLine !== undefined) {
      continue; // it is not heard before its errand is done
    } else if (session.pingedAt > 0) {
      if (now - session.pingedAt >= pingTimeoutMs) {
        hub.disconnect(session, `Ping timeout: ${Math.round((now - session.lastHeardAt) / 1000)} seconds`);
      }
    } else if (now - session.lastHeardAt >= pingTimeoutMs) {
      session.pingedAt = now;
      hub.send(session, `PING ${hub.config.serverName}`);
    }
  }
  replayDue(hub);
  for (const user of hub.state.usersInGracePeriod) {
    if (now >= user.pendingQuit!.at) {
      hub.commit({ kind: "quit", source: user.source, reason: user.pendingQuit!.reason });
    }
  }
  for (const { invites } of hub.state.users.values()) {
    // An invitation to a channel that has ended would keep all of it in memory.
    for (const channel of invites?.keys() ?? []) {
      if (hub.state.channels.get(channel.folded) !== channel) invites!.delete(channel);
    }
  }
  const expired = hub.bans.expire(hub.now);
  if (expired.length > 0) hub.commit({ kind: "bans", masks: expired });
  hub.listMemory.recount(hub.archive.channels.values());
  hub.archive.dropGone(
    (folded) => hub.state.channels.has(folded),
    (idle) => forgetSurplusChannels(hub, idle),
    (owner, folded, talk) => forgetDirectConversation(hub, owner, folded, talk),
  );
}
