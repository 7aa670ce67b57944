/** What happens because time has gone by. */
import type { Target } from "./archive.ts";
import type { Hub } from "./hub.ts";
import { surplusIdleRooms } from "./idle_rooms.ts";
import { forgetTalk } from "./markers.ts";
import { expireBatch } from "./verbs/batch.ts";
import { playDue } from "./waiting_playback.ts";

/** The rooms of `idle` that are forgotten; the accounts that own them own less then. */
function forgetIdle(hub: Hub, idle: Iterable<readonly [folded: string, Target]>): Iterable<string> {
  const surplus = surplusIdleRooms(hub, idle);
  for (const folded of surplus) {
    for (const owner of hub.archive.rooms.get(folded)?.settings?.operators ?? []) {
      hub.ownedRooms.remove(owner);
    }
  }
  return surplus;
}

/** Lets go who does not register or does not answer, asks who is silent, forgets what the ring has lost. */
export function runTimers(hub: Hub): void {
  const { monotonic: now } = hub;
  const { registerTimeoutMs, pingTimeoutMs } = hub.limits;
  for (const session of hub.state.sessions.values()) {
    if (session.closing !== undefined) continue;
    if (session.batch !== undefined) expireBatch(hub, session);
    if (!session.registered) {
      if (now - session.openedAt >= registerTimeoutMs) hub.letGo(session, "Registration timed out");
    } else if (session.waiting !== undefined) {
      continue; // it is not heard before its errand is done
    } else if (session.pingedAt > 0) {
      if (now - session.pingedAt >= pingTimeoutMs) {
        hub.letGo(session, `Ping timeout: ${Math.round((now - session.lastHeardAt) / 1000)} seconds`);
      }
    } else if (now - session.lastHeardAt >= pingTimeoutMs) {
      session.pingedAt = now;
      hub.tell(session, `PING ${hub.config.serverName}`);
    }
  }
  playDue(hub);
  for (const user of hub.state.leaving) {
    if (now >= user.leaving!.at) {
      hub.commit({ kind: "quit", source: user.source, reason: user.leaving!.reason });
    }
  }
  for (const { invites } of hub.state.users.values()) {
    // An invitation to a room that has ended would keep all of it in memory.
    for (const room of invites?.keys() ?? []) {
      if (hub.state.rooms.get(room.folded) !== room) invites!.delete(room);
    }
  }
  const expired = hub.bans.expire(hub.now);
  if (expired.length > 0) hub.commit({ kind: "bans", masks: expired });
  hub.lists.measure(hub.archive.rooms.values());
  hub.archive.sweep(
    (folded) => hub.state.rooms.has(folded),
    (idle) => forgetIdle(hub, idle),
    (owner, folded, talk) => forgetTalk(hub, owner, folded, talk),
  );
}
