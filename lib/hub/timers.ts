/** What happens because time has gone by. */
import type { Target } from "./archive.ts";
import type { Hub } from "./hub.ts";
import { keptIdleRooms } from "./idle_rooms.ts";

/** The rooms of `idle` to be kept; of the others those who own them own less. */
function keepIdle(hub: Hub, idle: readonly (readonly [folded: string, Target])[]): ReadonlySet<string> {
  const kept = keptIdleRooms(hub, idle);
  for (const [folded, { settings }] of idle) {
    if (!kept.has(folded)) { for (const owner of settings?.operators ?? []) hub.ownedRooms.remove(owner); }
  }
  return kept;
}

/** Lets go who does not register or does not answer, asks who is silent, forgets what the ring has lost: as of `hub.now`. */
export function runTimers(hub: Hub): void {
  const { now } = hub;
  const { registerTimeoutMs, pingTimeoutMs } = hub.limits;
  for (const session of hub.state.sessions.values()) {
    if (session.closing !== undefined) continue;
    if (!session.registered) {
      if (now - session.openedAt >= registerTimeoutMs) hub.letGo(session, "Registration timed out");
    } else if (session.pingedAt > 0) {
      if (now - session.pingedAt >= pingTimeoutMs) {
        hub.letGo(session, `Ping timeout: ${Math.round((now - session.lastHeardAt) / 1000)} seconds`);
      }
    } else if (now - session.lastHeardAt >= pingTimeoutMs) {
      session.pingedAt = now;
      hub.tell(session, `PING ${hub.config.serverName}`);
    }
  }
  for (const user of hub.state.leaving) {
    if (now >= user.leaving!.at) {
      hub.commit({ kind: "quit", source: user.source, reason: user.leaving!.reason });
    }
  }
  if (hub.bans.expire(now)) hub.commit({ kind: "bans" });
  hub.archive.sweep(
    (folded) => hub.state.rooms.has(folded),
    (idle) => keepIdle(hub, idle),
    (owner, folded, { receivedAt }) => hub.markers.lose(hub, owner, folded, receivedAt),
  );
}
