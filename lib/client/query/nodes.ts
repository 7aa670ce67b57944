/** The nodes of a cluster: NODES (docs/protocol/nodes.md). */
import type { Message } from "../../irc/message.ts";
import { RECEIPTS } from "../../irc/vendor_extensions.ts";
import { parseWireCount, parseWireTime } from "../../irc/wire_number.ts";
import type { Link, RequestOutcome } from "../connection/link.ts";
import { findFailureReply } from "../session/failure_reply.ts";

export interface NodeRow {
  readonly name: string;
  /** `starting`, `standby` or `leader`; a later server may have more. */
  readonly role: string;
  readonly version: string;
  /** Records that it lacks. Undefined here and below: the server does not tell. */
  readonly lag: number | undefined;
  readonly sessions: number | undefined;
  /** Start of its process, milliseconds since the epoch. */
  readonly since: number | undefined;
  /** `HOST:PORT` at which other nodes reach it; for server operators. */
  readonly relay: string | undefined;
}

export type NodesOutcome =
  | { readonly kind: "ok"; readonly rows: readonly NodeRow[] }
  /** The server is no node of a cluster. */
  | { readonly kind: "no_cluster" }
  /** The server has no such command. */
  | { readonly kind: "unsupported" }
  | Exclude<RequestOutcome, { kind: "answered" }>;

/** Stands for what is not told; alone, for the end. */
const NONE = "*";

export async function queryNodes(link: Link): Promise<NodesOutcome> {
  if (!link.session.caps.has(RECEIPTS)) return { kind: "unsupported" };
  const answer = await link.request({ command: "NODES" });
  if (answer.kind !== "answered") return answer;
  const failure = findFailureReply(answer.lines);
  if (failure?.params[1] === "NO_CLUSTER") return { kind: "no_cluster" };
  if (failure !== undefined) return { kind: "unsupported" };
  return { kind: "ok", rows: parseNodes(answer.lines) };
}

export function parseNodes(lines: readonly Message[]): NodeRow[] {
  return lines.flatMap(({ command, params }): NodeRow[] => {
    const [name, role, lag, sessions, since, relay, version] = params;
    if (command !== "NODES" || name === undefined || role === undefined || version === undefined) return [];
    return [{
      name,
      role,
      version,
      lag: parseWireCount(lag),
      sessions: parseWireCount(sessions),
      since: parseWireTime(since),
      relay: relay === NONE ? undefined : relay,
    }];
  });
}

/** A node as the JSON object of `list --nodes --json`. */
export function makeNodeRecord(
  { name, role, relay, version, lag, sessions, since }: NodeRow,
): Record<string, unknown> {
  return {
    name,
    role,
    relay: relay ?? null,
    version,
    lag: lag ?? null,
    sessions: sessions ?? null,
    since: since === undefined ? null : new Date(since).toISOString(),
  };
}
