/** Frames from a front to the hub. Pure. */
import { makeFrame } from "./frame.ts";
import { decodeLines, encodeLines } from "./line_batch.ts";
import type { RelayedLine } from "./line_batch.ts";
import { RelayFault, WireReader, WireWriter } from "./wire.ts";

/** Bound on the state of a session; a larger one is not relayed, and its session is not restored. */
export const MAX_RELAYED_STATE_BYTES = 1024 * 1024;
/**
 * Bound on a frame to the hub: a state, and the lines of a read. A read has 16 KiB and completes a line of at most
 * 8.7 KiB; the fault of a line in it takes a few times the bytes of the line.
 */
export const MAX_UP_FRAME_BYTES = MAX_RELAYED_STATE_BYTES + 1024 * 1024;
/** Why a front refused a connection by itself. */
export const FRONT_REFUSALS = ["address", "full", "proxy"] as const;
export type FrontRefusal = typeof FRONT_REFUSALS[number];

/** Headers of proxies that the front does not trust. */
export const FORWARDING_HEADERS = ["PROXY", "WEBIRC", "Forwarded", "X-Forwarded-For"] as const;

export type UpFrame =
  /** The listener that the hub asked for is open. `address`: JSON, with the port that the system chose. */
  | { readonly kind: "listening"; readonly request: number; readonly address: string }
  /** It cannot be opened. `inUse`: its address is in use. */
  | { readonly kind: "failed"; readonly request: number; readonly why: string; readonly inUse: boolean }
  /** A client has connected. Session numbers of a front only grow. */
  | {
    readonly kind: "open";
    readonly session: number;
    readonly host: string;
    readonly endpoint: string;
    readonly secure: boolean;
    readonly mayBeCheck: boolean;
  }
  /** To a hub that takes over: a session that an earlier hub had, with what the front keeps of it. */
  | {
    readonly kind: "present";
    readonly session: number;
    /** Why the connection has ended; undefined: it has not. */
    readonly endReason: string | undefined;
    readonly state: Uint8Array;
    /** Position of the turn that the state came with. */
    readonly stateSeq: number;
    /** The last line that was answered; the lines follow it. */
    readonly answered: number;
    /** As in `PresentedSession`. */
    readonly tries: number;
    readonly lines: readonly RelayedLine[];
  }
  /** All sessions are presented. `deliveredSeq`: position of the last turn; `listeners`: those that are open, as JSON. */
  | { readonly kind: "presented"; readonly deliveredSeq: number; readonly listeners: string }
  /** The front counts the hub as one that was given its sessions; the answer to `restoring`. */
  | { readonly kind: "counted" }
  /** What one read of a session brought: complete lines, bytes, and frames of WebSocket. `first`: number of the first line, from 1. */
  | {
    readonly kind: "lines";
    readonly session: number;
    readonly first: number;
    readonly bytes: number;
    readonly frames: number;
    readonly lines: readonly RelayedLine[];
  }
  /** The connection has ended. `isSlow`: it was closed because the client reads too slowly. */
  | {
    readonly kind: "closed";
    readonly session: number;
    readonly reason: string;
    readonly isSlow: boolean;
  }
  /** In a cluster, to the node's own hub: number of the front's clients. */
  | { readonly kind: "clients"; readonly count: number }
  /** Bytes in the send queues of the front. */
  | { readonly kind: "load"; readonly queuedBytes: number }
  /** The front has refused a connection. */
  | { readonly kind: "refused"; readonly why: string; readonly cause: FrontRefusal }
  /** A client that is not a trusted proxy has sent this header. */
  | {
    readonly kind: "forwarding";
    readonly header: typeof FORWARDING_HEADERS[number];
    readonly host: string;
  }
  /** For the server log. */
  | { readonly kind: "trouble"; readonly why: string };

const KINDS = [
  "listening",
  "failed",
  "open",
  "present",
  "presented",
  "counted",
  "lines",
  "closed",
  "load",
  "refused",
  "forwarding",
  "trouble",
  "clients",
] as const satisfies readonly UpFrame["kind"][];

export function encodeUp(frame: UpFrame): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter();
  writeContent(writer, frame);
  return makeFrame(KINDS.indexOf(frame.kind), writer.written);
}

function writeContent(writer: WireWriter, frame: UpFrame): void {
  switch (frame.kind) {
    case "listening":
      return void writer.u16(frame.request).text(frame.address);
    case "failed":
      return void writer.u16(frame.request).text(frame.why).flag(frame.inUse);
    case "trouble":
      return void writer.text(frame.why);
    case "open":
      writer.u32(frame.session).text(frame.host).text(frame.endpoint);
      return void writer.flag(frame.secure).flag(frame.mayBeCheck);
    case "present":
      writer.u32(frame.session).count(frame.stateSeq).u32(frame.answered).u8(frame.tries);
      writer.flag(frame.endReason !== undefined);
      if (frame.endReason !== undefined) writer.text(frame.endReason);
      writer.u32(frame.state.length).bytes(frame.state);
      return encodeLines(writer, frame.lines);
    case "counted":
      return;
    case "presented":
      return void writer.count(frame.deliveredSeq).longText(frame.listeners);
    case "lines":
      writer.u32(frame.session).u32(frame.first).u32(frame.bytes).u32(frame.frames);
      return encodeLines(writer, frame.lines);
    case "closed":
      return void writer.u32(frame.session).text(frame.reason).flag(frame.isSlow);
    case "clients":
      return void writer.u32(frame.count);
    case "load":
      return void writer.count(frame.queuedBytes);
    case "refused":
      return void writer.text(frame.why).u8(FRONT_REFUSALS.indexOf(frame.cause));
    case "forwarding":
      return void writer.u8(FORWARDING_HEADERS.indexOf(frame.header)).text(frame.host);
  }
}

/** Throws a {@link RelayFault} if `frame` is none. */
export function decodeUp(frame: Uint8Array): UpFrame {
  const reader = new WireReader(frame);
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw new RelayFault("a front sent a frame of an unknown kind");
  const decoded = readContent(reader, kind);
  reader.end();
  return decoded;
}

function readContent(reader: WireReader, kind: UpFrame["kind"]): UpFrame {
  switch (kind) {
    case "listening":
      return { kind, request: reader.u16(), address: reader.text() };
    case "failed":
      return { kind, request: reader.u16(), why: reader.text(), inUse: reader.flag() };
    case "trouble":
      return { kind, why: reader.text() };
    case "open":
      return {
        kind,
        session: reader.u32(),
        host: reader.text(),
        endpoint: reader.text(),
        secure: reader.flag(),
        mayBeCheck: reader.flag(),
      };
    case "present":
      return {
        kind,
        session: reader.u32(),
        stateSeq: reader.count(),
        answered: reader.u32(),
        tries: reader.u8(),
        endReason: reader.flag() ? reader.text() : undefined,
        state: readState(reader),
        lines: decodeLines(reader),
      };
    case "counted":
      return { kind };
    case "presented":
      return { kind, deliveredSeq: reader.count(), listeners: reader.longText() };
    case "lines": {
      const [session, first, bytes, frames] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
      return { kind, session, first, bytes, frames, lines: decodeLines(reader) };
    }
    case "closed":
      return { kind, session: reader.u32(), reason: reader.text(), isSlow: reader.flag() };
    case "clients":
      return { kind, count: reader.u32() };
    case "load":
      return { kind, queuedBytes: reader.count() };
    case "refused":
      return { kind, why: reader.text(), cause: reader.oneOf(FRONT_REFUSALS) };
    case "forwarding":
      return { kind, header: reader.oneOf(FORWARDING_HEADERS), host: reader.text() };
  }
}

/** A copy, which does not keep the frame. */
function readState(reader: WireReader): Uint8Array {
  const length = reader.u32();
  if (length > MAX_RELAYED_STATE_BYTES) throw new RelayFault("a state is too large");
  return reader.bytes(length).slice();
}
