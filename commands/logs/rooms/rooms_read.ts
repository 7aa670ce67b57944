/** Reads the history of several rooms and direct conversations over one connection, in the order of time. */
import type { Io } from "../../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../../lib/cli/standard_streams.ts";
import { connect } from "../../../lib/client/connection/connect.ts";
import type { Link } from "../../../lib/client/connection/link.ts";
import { withLink } from "../../../lib/client/connection/with_link.ts";
import type { HistoryItem } from "../../../lib/client/conversation/model/chat_entry.ts";
import type { ReadPosition } from "../../../lib/client/conversation/model/read_position.ts";
import type { HistoryRange } from "../../../lib/client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../../lib/client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../../lib/client/conversation/sync/seen_messages.ts";
import { readFromServer } from "../../../lib/client/history/history_reader.ts";
import type { HistoryReadFailure } from "../../../lib/client/history/history_reader.ts";
import { casefold, isSameName } from "../../../lib/irc/names/casemap.ts";
import type { ClientLogin } from "../../support/client_login.ts";
import { makeObserverRegistration } from "../../support/client_login.ts";
import { reportConnectFailure } from "../../support/connect_failure_text.ts";
import type { CursorOutput } from "../cursor_output.ts";
import { reportNewLog, reportReadFailure } from "../server_history.ts";
import { withRequestGate } from "./request_gate.ts";
import { findRooms } from "./room_list.ts";
import { compareItems, TimeMerge } from "./time_merge.ts";
import { reportUnknownUsers, suggestTarget } from "./unknown_target.ts";

export interface RoomsRead {
  readonly access: ClientLogin;
  /** Named rooms and users. */
  readonly targets: readonly string[];
  /** All rooms that may be read, too. */
  readonly all: boolean;
  readonly range: Omit<HistoryRange, "target">;
  readonly shown: CursorOutput;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** One conversation of several. */
export interface RoomReader {
  readonly range: HistoryRange;
  readonly merge: LiveMerge;
}

export async function readRooms(read: RoomsRead): Promise<ExitCode> {
  const { access, io, range, shown, signal } = read;
  const { address, trust } = access;
  const registration = makeObserverRegistration(access);
  const used = await withLink(connect({ address, trust, registration, signal }), signal, async (link) => {
    const targets = await listTargets(link, read);
    if (typeof targets === "number") return targets;
    const seen = new SeenMessages();
    const readers = targets.map((target): RoomReader => ({
      range: { ...range, target },
      merge: new LiveMerge({ seen }),
    }));
    const targetsShown = new Set<string>();
    const failures = await readAll(
      link,
      readers,
      read,
      (items) => shown.show(items, undefined),
      targetsShown,
    );
    if (signal.aborted) return exitCodeForSignal(signal);
    const code = await reportFailures(failures, readers, read, link);
    const empty = targets.filter((target, index) => !failures.has(index) && !targetsShown.has(target));
    return await reportUnknownUsers(empty, io, link) ?? code;
  });
  return used.kind === "done" ? used.value : reportConnectFailure(io, used, access, signal);
}

/** The targets of `read` on the server of `link`, or an exit code. */
export async function listTargets(
  link: Link,
  { all, targets, io }: Pick<RoomsRead, "all" | "targets" | "io">,
): Promise<readonly string[] | ExitCode> {
  if (!all) return targets;
  const found = await findRooms(link);
  if ("text" in found) return reportFailure(io, EXIT.tryAgain, found.text);
  if (found.total > found.rooms.length) {
    io.stderr.write(`chatterbox: only the largest ${found.rooms.length} of ${found.total} rooms are read\n`);
  }
  const rooms = new Set(found.rooms.map(casefold));
  return [...found.rooms, ...targets.filter((name) => !rooms.has(casefold(name)))];
}

/** What of a conversation could not be read, by its index. */
export type RoomFailures = ReadonlyMap<number, HistoryReadFailure>;

/**
 * Reads all that `readers` want. With a limit it is the newest of all of them together. `withItems` is given the targets
 * of which there is something.
 */
export async function readAll(
  link: Link,
  readers: readonly RoomReader[],
  { range: { limit }, io, signal }: Pick<RoomsRead, "range" | "io" | "signal">,
  show: (items: readonly HistoryItem[]) => Promise<void>,
  withItems?: Set<string>,
): Promise<RoomFailures> {
  const failures = new Map<number, HistoryReadFailure>();
  const newest: HistoryItem[] = [];
  const isNewest = readers.map(({ range, merge }) =>
    range.limit !== undefined && merge.position === undefined
  );
  const merged = new TimeMerge(readers.length, show);
  const source = withRequestGate(link);
  let hasReported = false;
  const onNewLog = (from: ReadPosition) => {
    if (!hasReported) reportNewLog(from, io);
    hasReported = true;
  };
  await Promise.all(readers.map(async ({ range, merge }, index) => {
    const take = (items: readonly HistoryItem[]) => {
      if (items.length > 0) withItems?.add(range.target);
      if (!isNewest[index]) return merged.put(index, items);
      newest.push(...items);
      return Promise.resolve();
    };
    const now = io.clock.now();
    const outcome = await readFromServer({ link: source, range, merge, now, signal, show: take, onNewLog });
    if (outcome.kind !== "done") failures.set(index, outcome);
    await merged.end(index);
  }));
  if (newest.length > 0) await show(newest.sort(compareItems).slice(-limit!));
  return failures;
}

/** Told once for each named conversation; of all rooms those that may not be read are left out. */
export async function reportFailures(
  failures: RoomFailures,
  readers: readonly RoomReader[],
  { all, targets, io }: Pick<RoomsRead, "all" | "targets" | "io">,
  link: Link,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  for (const [index, failure] of failures) {
    const { range } = readers[index]!;
    if (all && failure.kind === "no_such_target" && !targets.some((name) => isSameName(name, range.target))) {
      continue;
    }
    const advice = failure.kind === "no_such_target" ? await suggestTarget(link, range.target) : "";
    const found = reportReadFailure(failure, range, io, advice);
    if (code === EXIT.ok) code = found;
    // The same of all conversations.
    if (failure.kind === "unsupported" || failure.kind === "lost") break;
  }
  return code;
}
