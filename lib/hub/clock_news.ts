/** What server operators, and the server's own log, are told of a clock that was wrong: once. */
import { formatDuration } from "../cli/duration.ts";
import { utcSecond } from "../base/timestamp.ts";
import type { Hub } from "./hub.ts";
import type { Notice } from "./notice.ts";
import type { Session } from "./state.ts";

export type ClockNotice = Notice & { kind: "clock_set" | "clock_behind" };

/** The log is told, and all operators that are here; where none is, the next one that comes. */
export function tellOfClock(hub: Hub, notice: ClockNotice): void {
  hub.notices.push(notice);
  hub.clockNews = clockWords(notice);
  const sessions = [...hub.state.opers].flatMap((user) => user.sessions);
  for (const session of sessions) sayClockNews(hub, session);
  if (sessions.length > 0) hub.clockNews = undefined;
}

/** `session` is an operator's. */
export function sayClockNews(hub: Hub, session: Session): void {
  if (hub.clockNews === undefined) return;
  const nick = session.user?.nick ?? session.nick;
  hub.tell(session, `:${hub.config.serverName} NOTICE ${nick} :${hub.clockNews}`);
}

/** What has happened, and what it means, in words. */
export function clockWords(notice: ClockNotice): string {
  if (notice.kind === "clock_behind") {
    const { newest, now } = notice;
    return `The newest message in the log is of ${utcSecond(newest)}, and the clock says ${
      utcSecond(now)
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
export function newestTime({ ring, accounts }: Hub): number {
  const seq = ring.seqBefore(ring.nextSeq);
  const time = seq > 0 ? ring.timeOf(seq) : undefined;
  if (time !== undefined) return time;
  let newest = 0;
  for (const { createdAt } of accounts.all) newest = Math.max(newest, createdAt);
  return newest;
}
