/** The notice of a wrong clock, sent once to server operators and to the server's log. */
import { formatDuration } from "../../base/values/duration.ts";
import { formatUtcSecond } from "../../base/values/timestamp.ts";
import type { HubContext, Services } from "../context.ts";
import type { ServerEvent } from "../model/server_event.ts";
import { sessionNick } from "../model/state/entities.ts";
import type { Session } from "../model/state/entities.ts";

export type ClockEvent = ServerEvent & { kind: "clock_set" | "clock_behind" };

/**
 * Reports the change in the log and to all server operators online; if there are none, to the next one that
 * connects.
 */
export function notifyClockChange(context: HubContext, notice: ClockEvent): void {
  context.report(notice);
  context.pendingClockNotice = clockText(notice);
  const sessions = [...context.state.serverOperators].flatMap((user) => user.sessions);
  for (const session of sessions) sendClockNotice(context, session);
  if (sessions.length > 0) context.pendingClockNotice = undefined;
}

/** Sends a pending notice to `session`, which is a server operator's. */
export function sendClockNotice(context: HubContext, session: Session): void {
  if (context.pendingClockNotice === undefined) return;
  const nick = sessionNick(session);
  context.send(session, `:${context.config.serverName} NOTICE ${nick} :${context.pendingClockNotice}`);
}

/** Describes the change of the clock and its effects. */
export function clockText(notice: ClockEvent): string {
  if (notice.kind === "clock_behind") {
    const { newest, now } = notice;
    return `The newest message in the log is dated ${formatUtcSecond(newest)}, but the clock now reads ${
      formatUtcSecond(now)
    }: the clock was wrong then, ` +
      "or is wrong now. New messages get the clock's time and keep their order";
  }
  const span = formatDuration(Math.abs(notice.ms));
  return notice.ms > 0
    ? `The clock went forward by ${span}: it was set, or the machine was asleep. Bans and mutes end by the clock; timeouts and ` +
      "rate limits are not affected"
    : `The clock was set back by ${span}. Messages get the clock's time and keep their order; bans and mutes end by ` +
      "the clock; timeouts and rate limits are not affected";
}

/**
 * Time of the newest record; without records, of the newest account, because a log may be new while accounts are
 * old. 0: there is neither.
 */
export function newestRecordTime({ log }: HubContext, { accounts }: Services): number {
  const seq = log.lastSeqBefore(log.nextSeq);
  const time = seq > 0 ? log.timeOf(seq) : undefined;
  if (time !== undefined) return time;
  let newest = 0;
  for (const { createdAt } of accounts.all) newest = Math.max(newest, createdAt);
  return newest;
}
