/** What happens because time has gone by. */
import type { Hub } from "./hub.ts";

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
    (owner, folded, { receivedAt }) => hub.markers.lose(hub, owner, folded, receivedAt),
  );
}
