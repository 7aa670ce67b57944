/**
 * Users of sessions that are refused; their clients will connect again. They are as after a broken connection: one with
 * an account or a claim key is in its grace period, and comes back unseen; any other one leaves at once, so that its name
 * is free. Without this the log alone would speak for them, which knows no claim keys.
 */
import { removeUnpresentedUser, restoreUser } from "../apply/session_restore.ts";
import type { HubContext, Services } from "../context.ts";
import { isTemporaryOwner } from "../model/identifiers.ts";
import type { User } from "../model/state/entities.ts";
import type { UserState } from "./session_state.ts";
import { decodeSessionState } from "./state_codec.ts";

/** The user of a refused session; undefined: it has none, or its state cannot be read, of which hubs may have ended. */
export function readRefusedUser(state: Uint8Array): UserState | undefined {
  try {
    const outcome = decodeSessionState(state);
    if (outcome.kind === "invalid" || outcome.state.phase.kind !== "user") return undefined;
    return outcome.state.phase;
  } catch {
    return undefined;
  }
}

/** `unpresented`: the users that the log has in a room and that no front has presented. */
export function releaseRefusedUser(
  context: HubContext,
  services: Services,
  unpresented: Set<User>,
  { nick, username, host, owner, account: named }: UserState,
): void {
  const known = context.state.user(nick);
  if (known === undefined || known.source !== `${nick}!${username}@${host}`) return;
  if (!unpresented.has(known) || known.sessions.length > 0) return;
  const found = named && services.accounts.get(named.name);
  const account = found?.owner === named?.owner ? found : undefined;
  if (account === undefined && isTemporaryOwner(owner)) {
    unpresented.delete(known);
    context.commit({ kind: "quit", source: known.source, reason: known.pendingQuit!.reason });
  } else if (known.owner !== owner || known.account !== account) {
    const rooms = Array.from(known.channels, ([channel, bits]) => ({ name: channel.name, bits }));
    const user = { ...known, rooms, owner, account, modes: "", isOperatorByPassword: false };
    unpresented.delete(known);
    removeUnpresentedUser(context, services, known);
    unpresented.add(restoreUser(context, services, { ...user, idleSince: context.now }));
  }
}
