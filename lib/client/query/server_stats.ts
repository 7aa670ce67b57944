/** The statistics of a server: SERVERSTATS (docs/protocol/server_stats.md). */
import type { Message } from "../../irc/message.ts";
import { RECEIPTS } from "../../irc/vendor_extensions.ts";
import { parseWireCount, parseWireSeconds } from "../../irc/wire_number.ts";
import type { Link, RequestOutcome } from "../connection/link.ts";
import { findFailureReply } from "../session/failure_reply.ts";

export interface ServerStats {
  /** Milliseconds. */
  readonly uptimeMs: number | undefined;
  readonly connections: number | undefined;
  readonly users: number | undefined;
  readonly channels: number | undefined;
  /** Bytes of history. */
  readonly buffer: number | undefined;
  /** Milliseconds between syncs; undefined: the server stores nothing on disk. */
  readonly sync: number | "always" | undefined;
  /** Sequence numbers; 0: none. */
  readonly oldest: number | undefined;
  readonly last: number | undefined;
  readonly durable: number | undefined;
  /** The messages that a crash now would lose, and the age of the oldest of them. */
  readonly unsyncedMessages: number | undefined;
  readonly unsyncedMs: number | undefined;
  /** The reason why history is not being saved; undefined: it is. */
  readonly trouble: string | undefined;
  /** Bytes of the archive, newest record in it (0: none), and time of its oldest; undefined: there is no archive. */
  readonly archiveBytes: number | undefined;
  readonly archived: number | undefined;
  readonly archiveStart: number | undefined;
  /** The reason why history is not being archived; undefined: it is, or there is no archive. */
  readonly archiveTrouble: string | undefined;
  /** The reason why part of the archive cannot be read; undefined: it can, or there is no archive. */
  readonly archiveUnreadable: string | undefined;
  /** Records since the server's start that are missing from the archive. */
  readonly archiveLost: number | undefined;
}

export type StatsOutcome =
  | { readonly kind: "ok"; readonly stats: ServerStats }
  /** The server has no such command. */
  | { readonly kind: "unsupported" }
  | Exclude<RequestOutcome, { kind: "answered" }>;

export async function queryServerStats(link: Link): Promise<StatsOutcome> {
  if (!link.session.caps.has(RECEIPTS)) return { kind: "unsupported" };
  const answer = await link.request({ command: "SERVERSTATS" });
  if (answer.kind !== "answered") return answer;
  if (findFailureReply(answer.lines) !== undefined) return { kind: "unsupported" };
  return { kind: "ok", stats: parseServerStats(answer.lines) };
}

export function parseServerStats(lines: readonly Message[]): ServerStats {
  const values = new Map<string, string>();
  for (const { command, params: [key, value] } of lines) {
    if (command === "SERVERSTATS" && key !== undefined && value !== undefined) values.set(key, value);
  }
  return readServerStats(values);
}

/** The values of SERVERSTATS by key. Unknown keys are ignored: a later server may have more. */
export function readServerStats(values: ReadonlyMap<string, string>): ServerStats {
  const number = (key: string) => parseWireCount(values.get(key));
  return {
    uptimeMs: parseWireSeconds(values.get("uptime")),
    connections: number("connections"),
    users: number("users"),
    channels: number("rooms"),
    buffer: number("buffer"),
    sync: values.get("sync") === "always" ? "always" : number("sync"),
    oldest: number("oldest"),
    last: number("last"),
    durable: number("durable"),
    unsyncedMessages: number("unsynced_messages"),
    unsyncedMs: number("unsynced_ms"),
    trouble: values.get("trouble"),
    archiveBytes: number("archive"),
    archived: number("archived"),
    archiveStart: number("archive_start"),
    archiveTrouble: values.get("archive_trouble"),
    archiveUnreadable: values.get("archive_unreadable"),
    archiveLost: number("archive_lost"),
  };
}
