/** The messages that an account has scheduled: SCHEDULED (docs/protocol/schedule.md). */
import { ERR_UNKNOWNCOMMAND } from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import { parseWireCount, parseWireTime } from "../../irc/wire_number.ts";
import type { Link } from "../connection/link.ts";
import { explainFailure, findFailureReply } from "../session/failure_reply.ts";

export interface ListedSchedule {
  readonly id: string;
  /** When it is said next, in milliseconds since the epoch. */
  readonly dueAt: number;
  readonly target: string;
  /** IANA name of the time zone that its times are meant in. */
  readonly zone: string;
  /** Cron expression; undefined: it is said once. */
  readonly every: string | undefined;
  readonly lines: number;
  /** The first line of the text, as much of it as fits a line of IRC. */
  readonly text: string;
}

export type ScheduleListOutcome<T> =
  | { readonly kind: "done"; readonly value: T }
  /** The server has no scheduled messages. */
  | { readonly kind: "unsupported" }
  | { readonly kind: "not_found" | "refused" | "try_again"; readonly text: string }
  /** The server did not answer, or the answer is not understood: it may have done what was asked. */
  | { readonly kind: "silent" };

/** Those of the account that `link` is logged in to, the next one first. */
export async function listScheduled(link: Link): Promise<ScheduleListOutcome<readonly ListedSchedule[]>> {
  return await ask(link, ["LIST"], (lines) => {
    const rows = lines.filter(({ params }) => params[0] === "LIST");
    return rows.at(-1)?.params[1] === "*" ? rows.slice(0, -1).flatMap(readRow) : undefined;
  });
}

export async function cancelScheduled(link: Link, id: string): Promise<ScheduleListOutcome<string>> {
  return await ask(
    link,
    ["CANCEL", id],
    (lines) => lines.find(({ params }) => params[0] === "CANCEL")?.params[1],
  );
}

async function ask<T>(
  link: Link,
  params: readonly string[],
  read: (lines: readonly Message[]) => T | undefined,
): Promise<ScheduleListOutcome<T>> {
  const outcome = await link.request({ command: "SCHEDULED", params: [...params] });
  if (outcome.kind !== "answered") return { kind: "silent" };
  const failure = findFailureReply(outcome.lines);
  if (failure !== undefined) return readFailure(failure);
  const value = read(outcome.lines.filter(({ command }) => command === "SCHEDULED"));
  return value === undefined ? { kind: "silent" } : { kind: "done", value };
}

function readFailure(failure: Message): ScheduleListOutcome<never> {
  if (failure.command === ERR_UNKNOWNCOMMAND) return { kind: "unsupported" };
  const text = explainFailure(failure);
  if (failure.params[1] === "NO_SUCH_MESSAGE") return { kind: "not_found", text };
  return { kind: failure.params[1] === "TEMPORARILY_UNAVAILABLE" ? "try_again" : "refused", text };
}

/** `LIST <id> <time> <target> <zone> <expression>|* <lines> :<first line>`; the spaces of the expression are `_`. */
function readRow({ params: [, id, time, target, zone, expression, count, text] }: Message): ListedSchedule[] {
  const [dueAt, lines] = [parseWireTime(time), parseWireCount(count)];
  if (dueAt === undefined || lines === undefined || text === undefined) return [];
  const every = expression === "*" ? undefined : expression!.replaceAll("_", " ");
  return [{ id: id!, dueAt, target: target!, zone: zone!, every, lines, text }];
}
