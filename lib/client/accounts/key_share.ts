/** Keys on their way to another client of the same person: KEYSHARE (docs/protocol/keyshare.md). */
import { encodeUtf8 } from "../../base/bytes.ts";
import { callAfter } from "../../base/deadlines.ts";
import type { KeyParcelParts } from "../../irc/key_share.ts";
import { LineSplitter } from "../../irc/line_splitter.ts";
import { MAX_LINE_BYTES, MAX_SERVER_TAGS_BYTES } from "../../irc/limits.ts";
import { parseMessage } from "../../irc/message.ts";
import type { Message } from "../../irc/message.ts";
import { ERR_NOTREGISTERED, ERR_UNKNOWNCOMMAND } from "../../irc/numerics.ts";
import { parseWireTime } from "../../irc/wire_number.ts";
import type { Address } from "../../net/address.ts";
import { formatAddress, isLoopback } from "../../net/address.ts";
import { closeQuietly } from "../../net/conn.ts";
import type { Conn } from "../../net/conn.ts";
import { ABORTED, makeNotIrcFailure } from "../connection/connect_failure.ts";
import type { ConnectFailure } from "../connection/connect_failure.ts";
import { dial } from "../connection/dial.ts";
import { decodeLenientLine } from "../connection/lenient_line.ts";
import type { Link } from "../connection/link.ts";
import { explainFailure, findFailureReply } from "../session/failure_reply.ts";
import type { SessionEvent } from "../session/session_event.ts";
import type { ServerTrust } from "../trust/server_trust.ts";

/** Time for the server to answer a client that has not registered. */
const FETCH_TIMEOUT_MS = 10_000;
/** Time for the server to say that a parcel is withdrawn. */
const WITHDRAW_TIMEOUT_MS = 2000;

export type LeaveOutcome =
  /** `until`: milliseconds since the epoch. `page`: the server's page; undefined: none, or none to give a code to. */
  | { readonly kind: "left"; readonly until: number | undefined; readonly page: ServerPage | undefined }
  | { readonly kind: "unsupported" }
  | { readonly kind: "not_yours" | "refused" | "try_again"; readonly text: string };

/** Leaves a parcel with the key of `name` at the server of `link`. */
export async function leaveParcel(
  link: Link,
  name: string,
  { id, parcel }: KeyParcelParts,
): Promise<LeaveOutcome> {
  const outcome = await link.request({ command: "KEYSHARE", params: ["PUT", name, id, parcel] });
  if (outcome.kind === "lost") return { kind: "try_again", text: outcome.text };
  if (outcome.kind === "timed_out") return { kind: "try_again", text: "no answer" };
  const failure = findFailureReply(outcome.lines);
  if (failure !== undefined) return readFailure(failure);
  const { params } = outcome.lines.find(({ command }) => command === "KEYSHARE") ?? { params: [] };
  const [, , until, page = "*"] = params;
  return { kind: "left", until: parseWireTime(until), page: resolvePage(page, link.address) };
}

function readFailure(failure: Message): LeaveOutcome {
  if (failure.command === ERR_UNKNOWNCOMMAND) return { kind: "unsupported" };
  const text = explainFailure(failure);
  switch (failure.params[1]) {
    case "NAME_NOT_YOURS":
      return { kind: "not_yours", text };
    case "TEMPORARILY_UNAVAILABLE":
      return { kind: "try_again", text };
    default:
      return { kind: "refused", text };
  }
}

/** The page of a server, for its users. */
export interface ServerPage {
  /** An origin: the address without a path. */
  readonly url: string;
  /** The host of `url`, where it is another one than that of the server. */
  readonly otherHost?: string;
  /** Only this machine can open it. */
  readonly isLocal?: boolean;
}

/** A scheme, a host that may be `*`, and a port: no user, path, query or fragment, and nothing that passes for them. */
const PAGE = /^(https?:\/\/)(\*|\[[\da-f:.]+\]|[^\s/\\#?@:[\]*]+)(:\d+)?$/i;

/**
 * The page that `server` says it has, as `page`. A browser that opens it with a code gives the code to it. So it is at
 * the host at which the server was reached; at another one only where the server is certain (TLS). Undefined: it is
 * neither, or no page, or a browser here would come to another server.
 */
export function resolvePage(page: string, server: Address): ServerPage | undefined {
  const isHere = server.kind === "unix" || isLoopback(server.host);
  const own = server.kind === "unix" ? "127.0.0.1" : server.host;
  const bracketed = own.includes(":") ? `[${own}]` : own;
  const [, scheme, named, port = ""] = PAGE.exec(page) ?? [];
  if (named === undefined) return undefined;
  const text = `${scheme}${named === "*" ? bracketed : named}${port}`;
  if (!URL.canParse(text)) return undefined;
  const { origin: url, hostname } = new URL(text);
  if (isLoopback(hostname.replace(/^\[|\]$/g, ""))) {
    return isHere ? { url, isLocal: true } : undefined;
  }
  if (URL.parse(`http://${bracketed}`)?.hostname === hostname) return { url };
  return server.kind === "tls" ? { url, otherHost: hostname } : undefined;
}

/** How a parcel that waits at the server ends. */
export type ParcelEnd = { readonly kind: "fetched"; readonly from: string } | { readonly kind: "expired" };

/** The end of the parcel `id`, if `event` tells of it. */
export function readParcelEnd(event: SessionEvent, id: string): ParcelEnd | undefined {
  if (event.kind !== "line" || event.message.command !== "KEYSHARE") return undefined;
  const [word, about, from = ""] = event.message.params;
  if (about !== id) return undefined;
  return word === "FETCHED"
    ? { kind: "fetched", from }
    : word === "EXPIRED"
    ? { kind: "expired" }
    : undefined;
}

/** Removes a parcel from the server. False: the server did not say so; the parcel ends with the connection. */
export async function withdrawParcel(link: Link, id: string): Promise<boolean> {
  const outcome = await link.request({ command: "KEYSHARE", params: ["WITHDRAW", id] }, WITHDRAW_TIMEOUT_MS);
  return outcome.kind === "answered" && findFailureReply(outcome.lines) === undefined;
}

export type FetchOutcome =
  | { readonly kind: "fetched"; readonly parcel: string }
  /** `code` as in docs/protocol/keyshare.md. */
  | { readonly kind: "failed"; readonly code: string; readonly text: string }
  | { readonly kind: "unsupported" }
  | Exclude<ConnectFailure, { kind: "refused" }>;

/** Fetches the parcel `id`, without a name and a login. Failures of servers and networks are outcomes. */
export async function fetchParcel(
  address: Address,
  trust: ServerTrust | undefined,
  id: string,
  signal: AbortSignal,
): Promise<FetchOutcome> {
  const { address: to } = trust?.applyStsPolicy(address) ?? { address };
  const deadline = new AbortController();
  const ended = AbortSignal.any([signal, deadline.signal]);
  const callOff = callAfter(FETCH_TIMEOUT_MS, () => deadline.abort());
  const text = `${formatAddress(to)} did not answer within ${FETCH_TIMEOUT_MS / 1000} s`;
  try {
    const dialed = await dial(to, ended, trust);
    const outcome = dialed.kind === "connected" ? await askForParcel(dialed.conn, to, id, ended) : dialed;
    if (outcome.kind !== "aborted") return outcome;
    return signal.aborted ? ABORTED : { kind: "timed_out", text };
  } finally {
    callOff();
  }
}

async function askForParcel(
  conn: Conn,
  address: Address,
  id: string,
  ended: AbortSignal,
): Promise<FetchOutcome | { kind: "aborted" }> {
  const onEnd = () => closeQuietly(conn);
  ended.addEventListener("abort", onEnd);
  const splitter = new LineSplitter({
    tagsBytes: MAX_SERVER_TAGS_BYTES,
    restBytes: MAX_LINE_BYTES,
    repairLine: decodeLenientLine,
  });
  const buffer = new Uint8Array(4096);
  try {
    await conn.write(encodeUtf8(`KEYSHARE GET ${id}\r\nQUIT\r\n`));
    for (;;) {
      const length = await conn.read(buffer);
      if (length === null) return makeNotIrcFailure(address);
      const lines: unknown[] = [];
      splitter.push(buffer.subarray(0, length), lines as string[]);
      for (const line of lines) {
        const outcome = typeof line === "string" ? readFetchReply(parseMessage(line), id) : undefined;
        if (outcome !== undefined) return outcome;
      }
    }
  } catch (error) {
    if (ended.aborted) return { kind: "aborted" };
    return { kind: "unreachable", text: `${formatAddress(address)}: ${(error as Error).message}` };
  } finally {
    ended.removeEventListener("abort", onEnd);
    closeQuietly(conn);
  }
}

/** Undefined: `message` is no answer to GET, such as a notice that greets. */
function readFetchReply(message: Message | undefined, id: string): FetchOutcome | undefined {
  if (message === undefined) return undefined;
  const { command, params } = message;
  switch (command) {
    case "KEYSHARE":
      return params[0] === "GET" && params[1] === id && params[2] !== undefined
        ? { kind: "fetched", parcel: params[2] }
        : undefined;
    case "FAIL":
      return { kind: "failed", code: params[1] ?? "", text: params.at(-1) ?? "" };
    case "ERROR":
      return { kind: "failed", code: "", text: params.at(-1) ?? "" };
    case ERR_NOTREGISTERED:
    case ERR_UNKNOWNCOMMAND:
      return { kind: "unsupported" };
    default:
      return undefined;
  }
}
