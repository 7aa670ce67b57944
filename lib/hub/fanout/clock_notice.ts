/** What server operators, and the server's own log, are told of a clock that was wrong: once. */
import { formatDuration } from "../../cli/values/duration.ts";
import { formatUtcSecond } from "../../base/timestamp.ts";
import type { HubContext, Services } from "../context.ts";
import type { ServerEvent } from "../model/server_event.ts";
import { sessionNick } from "../model/state/entities.ts";
import type { Session } from "../model/state/entities.ts";

export type ClockEvent = ServerEvent & { kind: "clock_set" | "clock_behind" };

/** The log is told, and all operators that are here; where none is, the next one that comes. */
export function notifyClockChange(context: HubContext, notice: ClockEvent): void {
  context.report(notice);
  context.pendingClockNotice = clockText(notice);
  const sessions = [...context.state.serverOperators].flatMap((user) => user.sessions);
  for (const session of sessions) sendClockNotice(context, session);
  if (sessions.length > 0) context.pendingClockNotice = undefined;
}

/** `session` is an operator's. */
export function sendClockNotice(context: HubContext, session: Session): void {
  if (context.pendingClockNotice === undefined) return;
  const nick = sessionNick(session);
  context.send(session, `:${context.config.serverName} NOTICE ${nick} :${context.pendingClockNotice}`);
}

/** What has happened, and what it means, in words. */
export function clockText(notice: ClockEvent): string {
  if (notice.kind === "clock_behind") {
    const { newest, now } = notice;
    return `The newest message in the log is of ${formatUtcSecond(newest)}, and the clock says ${
      formatUtcSecond(now)
    }: it was wrong then, ` +
      "or is wrong now. New messages bear its time, in the order in which they are said";
  }
  const span = formatDuration(Math.abs(notice.ms));
  return notice.ms > 0
    ? `The clock went forward by ${span}: it was set, or the machine was asleep. Bans and mutes end by the clock; timeouts and ` +
      "rate limits go on as they were"
    : `The clock was set back by ${span}. Messages bear its time, in the order in which they are said; bans and mutes end by ` +
      "the clock; timeouts and rate limits go on as they were";
}

/** Time of the newest record; where there is none, of the newest account: a log may be new and accounts old. 0: neither is there. */
export function newestRecordTime({ log }: HubContext, { accounts }: Services): number {
  const seq = log.lastSeqBefore(log.nextSeq);
  const time = seq > 0 ? log.timeOf(seq) : undefined;
  if (time !== undefined) return time;
  let newest = 0;
  for (const { createdAt } of accounts.all) newest = Math.max(newest, createdAt);
  return newest;
}
