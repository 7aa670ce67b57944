/** Bans and mutes as they are set and taken back, over the wire or at the server's prompt, and what comes of them. */
import { formatDuration, parseDuration } from "../../cli/values/duration.ts";
import { ERR_YOUREBANNEDCREEP } from "../../irc/numerics.ts";
import { KICKLEN } from "../../irc/limits.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import { banMatcher, banSubjectOf, banText, isOwnAddress } from "../services/bans.ts";
import {
  banSubjectOfIdentity,
  banSubjectsOf,
  findBan,
  isServerOperatorAccount,
  toBanMask,
} from "./server_bans.ts";
import type { Ban, BanKind } from "../model/ban.ts";
import { MAX_BANS } from "../model/config.ts";
import type { Hub } from "../hub.ts";
import type { Session, User } from "../model/state/entities.ts";

/** Whom to ban or mute, as it was typed. */
export interface BanRequest {
  readonly kind: BanKind;
  /** `<mask> [<duration>] [<reason>]`. */
  readonly words: readonly string[];
  /** Who asks; undefined: the server's prompt. */
  readonly user: User | undefined;
}

export type BanOutcome =
  | { readonly kind: "done"; readonly mask: string; readonly text: string }
  | { readonly kind: "failed"; readonly code: string; readonly text: string };

const BAN_EVENT_KINDS = { ban: "banned", mute: "muted" } as const;

export function setBan(hub: Hub, { kind, words, user }: BanRequest): BanOutcome {
  const [text = "", ...more] = words;
  const mask = toBanMask(hub, text);
  if (mask === undefined) {
    return banFailure("INVALID_MASK", "That is no nick, name:NICK, account:NAME, or address:ADDRESS[/BITS]");
  }
  const span = parseDurationAndReason(more);
  if (span === undefined) {
    return banFailure("INVALID_DURATION", `${more[0]} is no duration such as 30m, 2h or 7d`);
  }
  const refusal = banRefusal(hub, kind, mask, user);
  if (refusal !== undefined) return refusal;
  const by = user?.nick ?? hub.config.serverName;
  const until = span.ms === 0 ? 0 : hub.now + span.ms;
  hub.bans.set({ kind, mask, reason: truncateText(span.reason, KICKLEN), by, at: hub.now, until });
  hub.serverEvents.push({ kind: BAN_EVENT_KINDS[kind], mask, by, until, reason: span.reason });
  if (kind === "mute") hub.commit({ kind: "bans", masks: [mask] });
  else enforceNewBan(hub, mask);
  return banSuccess(
    mask,
    `${mask} is ${BAN_EVENT_KINDS[kind]} ${span.ms === 0 ? "for good" : `for ${formatDuration(span.ms)}`}`,
  );
}

/** `text` is a mask as the list shows it, or what stood for it when it was set. */
export function liftBan(hub: Hub, kind: BanKind, text: string, user: User | undefined): BanOutcome {
  const masks = [text, `name:${text}`, `account:${text}`, `address:${text}`, toBanMask(hub, text) ?? text];
  const gone = [...new Set(masks)].filter((mask) => hub.bans.delete(kind, mask));
  if (gone.length === 0) return banFailure("NO_SUCH_BAN", `Nothing of that name is ${BAN_EVENT_KINDS[kind]}`);
  const by = user?.nick ?? hub.config.serverName;
  for (const mask of gone) hub.serverEvents.push({ kind: `un${BAN_EVENT_KINDS[kind]}`, mask, by });
  if (kind === "mute") hub.commit({ kind: "bans", masks: gone });
  return banSuccess(gone[0]!, `${gone.join(" and ")} is no longer ${BAN_EVENT_KINDS[kind]}`);
}

/** Lets `session` go if a ban is meant for it; false: none is. */
export function enforceBan(hub: Hub, session: Session): boolean {
  const ban = findBan(hub, session);
  if (ban === undefined) return false;
  disconnectBanned(hub, session, ban);
  return true;
}

function disconnectBanned(hub: Hub, session: Session, ban: Ban): void {
  hub.numeric(session, ERR_YOUREBANNEDCREEP, `:${bannedText(ban)}`);
  hub.disconnect(session, ban.reason === "" ? "Banned" : `Banned: ${ban.reason}`);
}

/** What somebody is told who is held out. */
export function bannedText(ban: Ban): string {
  return `You are banned from this server ${banText(ban)}`;
}

function banRefusal(hub: Hub, kind: BanKind, mask: string, user: User | undefined): BanOutcome | undefined {
  if (isOwnAddress(mask)) {
    return banFailure("OWN_ADDRESS", "This machine has no ban by address: ban a name or an account");
  }
  if (
    mask.startsWith("account:") &&
    isServerOperatorAccount(hub, hub.accounts.get(mask.slice("account:".length)))
  ) {
    return banFailure("OPERATOR", "That is an operator of this server");
  }
  const isMeant = banMatcher(mask);
  if (user?.sessions.some((session) => isMeant(banSubjectOf(session)))) {
    return banFailure("OWN_MASK", "That would be you, too");
  }
  if (hub.bans.isFull && !hub.bans.has(kind, mask)) {
    return banFailure("TOO_MANY", `This server has its ${MAX_BANS} bans and mutes; take one back first`);
  }
  return undefined;
}

/** `[<duration>] [<reason>]`; 0 ms: for good. Undefined: what looks like a duration is none. */
function parseDurationAndReason(
  [first = "", ...rest]: readonly string[],
): { ms: number; reason: string } | undefined {
  if (!/^\d\S*$/.test(first)) return { ms: 0, reason: [first, ...rest].join(" ").trim() };
  const ms = parseDuration(first);
  return ms === undefined || ms === 0 ? undefined : { ms, reason: rest.join(" ").trim() };
}

/** Ends the sessions that `mask`, which has just been banned, is meant for. */
function enforceNewBan(hub: Hub, mask: string): void {
  const isMeant = banMatcher(mask);
  // All are found before the first one goes: an observer is known by the users that it belongs to.
  const banned = [...hub.state.sessions.values()].flatMap((session) => {
    if (session.closeReason !== undefined || !banSubjectsOf(hub, session).some(isMeant)) return [];
    const ban = findBan(hub, session);
    return ban === undefined ? [] : [{ session, ban }];
  });
  for (const { session, ban } of banned) disconnectBanned(hub, session, ban);
  for (const user of hub.state.usersInGracePeriod) {
    const person = banSubjectOfIdentity(user);
    const held = isMeant(person) && !isServerOperatorAccount(hub, user.account) &&
      hub.bans.find("ban", person, hub.now) !== undefined;
    if (held) hub.commit({ kind: "quit", source: user.source, reason: user.pendingQuit!.reason });
  }
}

function banSuccess(mask: string, text: string): BanOutcome {
  return { kind: "done", mask, text };
}

function banFailure(code: string, text: string): BanOutcome {
  return { kind: "failed", code, text };
}
