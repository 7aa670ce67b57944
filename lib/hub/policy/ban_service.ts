/** Sets, lifts and enforces bans and mutes, for operators on the wire and for the server's console. */
import { formatDuration, parseDuration } from "../../base/values/duration.ts";
import { ERR_YOUREBANNEDCREEP } from "../../irc/numerics.ts";
import { KICKLEN } from "../../irc/limits.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import { banMatcher, banSubjectOf, banTarget, banText, isOwnAddress } from "../services/bans.ts";
import {
  banSubjectOfIdentity,
  banSubjectsOf,
  findBan,
  isServerOperatorAccount,
  toBanMask,
} from "./server_bans.ts";
import type { Ban, BanKind } from "../model/ban.ts";
import { MAX_BANS } from "../model/config.ts";
import type { HubContext, Services } from "../context.ts";
import type { Session, User } from "../model/state/entities.ts";

/** A request to set a ban or mute, as it was typed. */
export interface BanRequest {
  readonly kind: BanKind;
  /** `<mask> [<duration>] [<reason>]`. */
  readonly words: readonly string[];
  /** The operator; undefined: the server's console. */
  readonly user: User | undefined;
}

export type BanOutcome =
  | { readonly kind: "done"; readonly mask: string; readonly text: string }
  | { readonly kind: "failed"; readonly code: string; readonly text: string };

const BAN_EVENT_KINDS = { ban: "banned", mute: "muted" } as const;

export function setBan(
  context: HubContext,
  services: Services,
  { kind, words, user }: BanRequest,
): BanOutcome {
  const [text = "", ...more] = words;
  const mask = toBanMask(context, services, text);
  if (mask === undefined) {
    return banFailure("INVALID_MASK", "Expected a name, name:NAME, account:NAME or address:ADDRESS[/BITS]");
  }
  const span = parseDurationAndReason(more);
  if (span === undefined) {
    return banFailure("INVALID_DURATION", `${more[0]} is not a duration such as 30m, 2h or 7d`);
  }
  const refusal = banRefusal(services, kind, mask, user);
  if (refusal !== undefined) return refusal;
  const by = user?.nick ?? context.config.serverName;
  const until = span.ms === 0 ? 0 : context.now + span.ms;
  services.bans.set({ kind, mask, reason: truncateText(span.reason, KICKLEN), by, at: context.now, until });
  context.report({ kind: BAN_EVENT_KINDS[kind], mask, by, until, reason: span.reason });
  if (kind === "mute") context.commit({ kind: "bans", masks: [mask] });
  else enforceNewBan(context, services, mask);
  const term = span.ms === 0 ? `until the ${kind} is lifted` : `for ${formatDuration(span.ms)}`;
  const target = banTarget(mask);
  return banSuccess(mask, kind === "ban" ? `${target} is banned ${term}` : `${target} is muted ${term}`);
}

/** Lifts the ban or mute of `text`: a mask as the list shows it, or the text that it was set by. */
export function liftBan(
  context: HubContext,
  services: Services,
  kind: BanKind,
  text: string,
  user: User | undefined,
): BanOutcome {
  const masks = [
    text,
    `name:${text}`,
    `account:${text}`,
    `address:${text}`,
    toBanMask(context, services, text) ?? text,
  ];
  const gone = [...new Set(masks)].filter((mask) => services.bans.delete(kind, mask));
  if (gone.length === 0) {
    const target = truncateText(banTarget(text), KICKLEN);
    return banFailure("NO_SUCH_BAN", `${target} is not ${BAN_EVENT_KINDS[kind]}`);
  }
  const by = user?.nick ?? context.config.serverName;
  for (const mask of gone) context.report({ kind: `un${BAN_EVENT_KINDS[kind]}`, mask, by });
  if (kind === "mute") context.commit({ kind: "bans", masks: gone });
  const targets = [...new Set(gone.map(banTarget))];
  const verb = targets.length === 1 ? "is" : "are";
  return banSuccess(gone[0]!, `${targets.join(" and ")} ${verb} no longer ${BAN_EVENT_KINDS[kind]}`);
}

/** Disconnects `session` if a ban applies to it; answers whether one does. */
export function enforceBan(context: HubContext, services: Services, session: Session): boolean {
  const ban = findBan(context, services, session);
  if (ban === undefined) return false;
  disconnectBanned(context, session, ban);
  return true;
}

function disconnectBanned(context: HubContext, session: Session, ban: Ban): void {
  context.numeric(session, ERR_YOUREBANNEDCREEP, bannedText(ban));
  context.disconnect(session, ban.reason === "" ? "Banned" : `Banned: ${ban.reason}`);
}

/** The text that a banned client is sent. */
export function bannedText(ban: Ban): string {
  return `You are banned from this server ${banText(ban)}`;
}

function banRefusal(
  services: Services,
  kind: BanKind,
  mask: string,
  user: User | undefined,
): BanOutcome | undefined {
  if (isOwnAddress(mask)) {
    return banFailure(
      "OWN_ADDRESS",
      "Cannot ban an address of the server's own machine: ban a name or an account",
    );
  }
  if (
    mask.startsWith("account:") &&
    isServerOperatorAccount(services, services.accounts.get(mask.slice("account:".length)))
  ) {
    return banFailure("OPERATOR", "Cannot ban or mute an operator of this server");
  }
  const isMeant = banMatcher(mask);
  if (user?.sessions.some((session) => isMeant(banSubjectOf(session)))) {
    return banFailure("OWN_MASK", "This mask also matches you");
  }
  if (services.bans.isFull && !services.bans.has(kind, mask)) {
    return banFailure(
      "TOO_MANY",
      `The server has ${MAX_BANS} bans and mutes, which is the maximum; lift one first`,
    );
  }
  return undefined;
}

/**
 * Parses `[<duration>] [<reason>]`; 0 ms: without an end. Undefined: the first word begins with a digit, but is not
 * a valid duration.
 */
function parseDurationAndReason(
  [first = "", ...rest]: readonly string[],
): { ms: number; reason: string } | undefined {
  if (!/^\d\S*$/.test(first)) return { ms: 0, reason: [first, ...rest].join(" ").trim() };
  const ms = parseDuration(first);
  return ms === undefined || ms === 0 ? undefined : { ms, reason: rest.join(" ").trim() };
}

/** Ends the sessions that `mask`, which has just been banned, applies to. */
function enforceNewBan(context: HubContext, services: Services, mask: string): void {
  const isMeant = banMatcher(mask);
  // All are found before the first is disconnected: an observer is identified by the users that it belongs to.
  const banned = [...context.state.sessions.values()].flatMap((session) => {
    if (session.closeReason !== undefined || !banSubjectsOf(context, session).some(isMeant)) return [];
    const ban = findBan(context, services, session);
    return ban === undefined ? [] : [{ session, ban }];
  });
  for (const { session, ban } of banned) disconnectBanned(context, session, ban);
  for (const user of context.state.usersInGracePeriod) {
    const person = banSubjectOfIdentity(user);
    const held = isMeant(person) && !isServerOperatorAccount(services, user.account) &&
      services.bans.find("ban", person, context.now) !== undefined;
    if (held) context.commit({ kind: "quit", source: user.source, reason: user.pendingQuit!.reason });
  }
}

function banSuccess(mask: string, text: string): BanOutcome {
  return { kind: "done", mask, text };
}

function banFailure(code: string, text: string): BanOutcome {
  return { kind: "failed", code, text };
}
