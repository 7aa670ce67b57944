/**
 * `send --local`: the text goes through the inbox of a server on this machine (`serve --shm`), and for a room the
 * acknowledgement is the record of the message in the server's log, which is mapped here. Connection and login are
 * the same as without it.
 */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { callAfter } from "../../lib/base/deadlines.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { stateDir } from "../../lib/cli/files/user_dirs.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import type {
  Acknowledgement,
  CarrierFault,
  TextCarrier,
  UnusableCarrier,
} from "../../lib/client/sending/delivery.ts";
import { acknowledgesWhenDurable } from "../../lib/client/sending/receipts.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { nickOf } from "../../lib/hub/model/identifiers.ts";
import { formatMsgid } from "../../lib/hub/output/render.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import { isChannelName } from "../../lib/irc/names/name_rules.ts";
import { LogReader } from "../../lib/log/log_reader.ts";
import { RingFault } from "../../lib/log/ring_header.ts";
import type { LogRecord } from "../../lib/log/record.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { InboxWriter } from "../../lib/shm/inbox.ts";
import { Libc } from "../../lib/shm/libc.ts";
import { inboxSegmentName, openSegment, segmentPath } from "../../lib/shm/shared_segment.ts";
import { describeMissingLog, type LocalLog, openLocalLog, reportLocalFault } from "../support/local_log.ts";
import { InboxConn } from "./inbox_conn.ts";

/** Pause between two looks at the log. */
const LOOK_PAUSE_MS = 2;
const TOKEN = /^[0-9a-f]{32}$/;

/** Log and inbox of one server, mapped. */
export interface LocalServer {
  readonly log: LocalLog;
  readonly writer: InboxWriter;
}

/**
 * A carrier for messages to `target`, by the server with the data folder `dataDir`; an exit code is reported. The server
 * may be started later: whether it runs is asked when there is a connection.
 */
export function openCarrierOrReport(
  dataDir: string | undefined,
  target: string,
  io: Io,
): LocalCarrier | ExitCode {
  const dir = dataDir ?? stateDir(io.env);
  if (dir === undefined) {
    throw new UsageError("there is no home directory; name the server's data folder with --data-dir DIR");
  }
  const libc = Libc.load();
  if (libc === undefined) {
    const needs = "Linux, glibc 2.34 or newer, and the permission to call it (--allow-ffi)";
    return reportFailure(io, EXIT.badConfig, `--local needs ${needs}; omit --local`);
  }
  const found = openLocalLog(dir);
  if (found.kind === "none" || found.kind === "starting") return new LocalCarrier(libc, dir, target);
  if (found.kind !== "ok") return reportLocalFault(found, io);
  const writer = openInbox(libc, found.log);
  if (typeof writer === "string") return reportFailure(io, EXIT.ioError, toPrintable(writer));
  return new LocalCarrier(libc, dir, target, { log: found.log, writer });
}

function unusable(why: UnusableCarrier["why"], text: string): UnusableCarrier {
  return { kind: "unusable_carrier", why, text };
}

/** The inbox of the server with that log; or why it cannot be used. */
function openInbox(libc: Libc, { dataDir }: LocalLog): InboxWriter | string {
  const name = inboxSegmentName(dataDir);
  const opened = openSegment(libc, name, "write");
  if (opened.kind === "none") return `${segmentPath(name)}: there is no inbox`;
  if (opened.kind === "refused") return opened.why;
  const writer = InboxWriter.open(opened.segment.buffer);
  return typeof writer === "string" ? `${segmentPath(name)}: ${writer}` : writer;
}

export class LocalCarrier implements TextCarrier {
  readonly #libc: Libc;
  readonly #dataDir: string;
  readonly #target: string;
  #server: LocalServer | undefined;
  readonly #waiting = new Map<string, (found: Acknowledgement) => void>();
  #conn: InboxConn | undefined;
  #link: Link | undefined;
  /** Records before this one have been looked at. */
  #seq = 0;
  #isLooking = false;

  /** Without `server` it is opened by {@link begin}. */
  constructor(libc: Libc, dataDir: string, target: string, server?: LocalServer) {
    this.#libc = libc;
    this.#dataDir = dataDir;
    this.#target = target;
    this.#server = server;
  }

  wrap(conn: Conn): Conn {
    return this.#conn = new InboxConn(conn);
  }

  async begin(link: Link, timeoutMs: number): Promise<CarrierFault | undefined> {
    const server = this.#openServer();
    if ("kind" in server) return server;
    const outcome = await link.request({ command: "INBOX" }, timeoutMs);
    if (outcome.kind !== "answered") return outcome;
    const [token = "", logId] = outcome.lines.find(({ command }) => command === "INBOX")?.params ?? [];
    const { log, writer } = server;
    if (!TOKEN.test(token) || logId !== log.logId) {
      const text = `${toPrintable(log.dataDir)} is not the data folder of the server at that address`;
      return unusable("other_server", text);
    }
    try {
      this.#seq = log.ring.nextSeq;
    } catch (error) {
      if (error instanceof RingFault) {
        return unusable("broken", `the server's log cannot be read: ${error.message}`);
      }
      throw error;
    }
    this.#link = link;
    this.#conn?.useInbox(writer, Uint8Array.fromHex(token));
    return undefined;
  }

  get fault(): UnusableCarrier | undefined {
    if (this.#conn?.isBroken !== true) return undefined;
    return unusable("broken", "the server's inbox cannot be used until the server is restarted");
  }

  /** Log and inbox of the server that runs: of the next one if the last one has ended. */
  #openServer(): LocalServer | UnusableCarrier {
    if (this.#server?.log.isRunning()) return this.#server;
    const next = openLocalLog(this.#dataDir);
    if (next.kind === "not_shared" || next.kind === "starting") {
      return unusable("no_server", toPrintable(next.why));
    }
    if ("why" in next) return unusable("broken", toPrintable(next.why));
    if (next.kind === "none" || !next.log.isRunning()) {
      return unusable("no_server", describeMissingLog(toPrintable(this.#dataDir)));
    }
    const writer = openInbox(this.#libc, next.log);
    if (typeof writer === "string") return unusable("broken", writer);
    this.#server?.log.close();
    return this.#server = { log: next.log, writer };
  }

  /** A direct message is acknowledged by the server alone, which says whether it is queued. */
  accepted(id: string): Promise<Acknowledgement> {
    const { promise, resolve } = Promise.withResolvers<Acknowledgement>();
    if (isChannelName(this.#target)) {
      this.#waiting.set(id, resolve);
      this.#look();
    }
    return promise;
  }

  /** Looks at what is new in the log, again and again while the link is open and messages are waited for. */
  #look(): void {
    const log = this.#server?.log;
    if (log === undefined || this.#isLooking || this.#waiting.size === 0 || this.#link?.isAlive !== true) {
      return;
    }
    try {
      this.#readNew(log, this.#link);
    } catch (error) {
      if (error instanceof RingFault) return; // the server's answer acknowledges, too; if it has ended the link tells
      throw error;
    }
    this.#isLooking = true;
    callAfter(LOOK_PAUSE_MS, () => {
      this.#isLooking = false;
      this.#look();
    });
  }

  /** With `serve --sync always` a message counts when it is on disk. */
  #readNew({ ring, logId }: LocalLog, link: Link): void {
    const end = acknowledgesWhenDurable(link.session) ? ring.durableSeq : ring.nextSeq;
    const reader = new LogReader(ring, this.#seq);
    while (reader.cursor < end) {
      const outcome = reader.next();
      if (outcome.kind === "empty") break;
      if (outcome.kind === "ok") this.#settle(outcome, logId, link.nick);
    }
    this.#seq = reader.cursor;
  }

  #settle({ seq, time, payload }: LogRecord, logId: string, nick: string): void {
    const event = decodeEvent(payload);
    if (event?.kind !== "message" || event.id === undefined) return;
    if (!isSameName(nickOf(event.source), nick) || !isSameName(event.target.name, this.#target)) return;
    this.#waiting.get(event.id)?.({ id: formatMsgid(seq, logId), seq, time, queued: false });
    this.#waiting.delete(event.id);
  }
}
