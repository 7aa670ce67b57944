/** Frames from the hub to a front, except for those of a turn (`turn.ts`). Pure. */
import { makeFrame } from "./frame.ts";
import { RelayFault, WireReader, WireWriter } from "./wire.ts";

export type DownFrame =
  /** Open this listener: a `ListenRequest` as JSON. */
  | { readonly kind: "listen"; readonly request: number; readonly what: string }
  /** The lines of the last read of these sessions are handled: the next read of each may follow. */
  | { readonly kind: "ready"; readonly sessions: readonly number[] }
  /** The hub begins with the sessions that the front has presented as soon as the front has answered `counted`. */
  | { readonly kind: "restoring" }
  /** The sessions that the front has presented are restored, except for those that were refused before this. */
  | { readonly kind: "resumed" }
  /** The session ends outside of a turn: its connection is closed when all is written, or at once. */
  | { readonly kind: "close"; readonly session: number; readonly atOnce: boolean }
  /** The client is refused: it gets this text, and is closed. */
  | { readonly kind: "refuse"; readonly session: number; readonly text: string }
  /** Take over this `FrontSetup`, in JSON, as far as it can change, and read the certificate again. */
  | { readonly kind: "reload"; readonly setup: string }
  /** Close the listeners. */
  | { readonly kind: "stop" }
  /** In a cluster, from the node's own hub: where the sessions are relayed to, a `RelayTarget` as JSON. */
  | { readonly kind: "target"; readonly target: string }
  /** In a cluster: whether it can store messages; until it can, nothing else comes. */
  | { readonly kind: "storing"; readonly isPossible: boolean };

const KINDS = [
  "listen",
  "ready",
  "restoring",
  "resumed",
  "close",
  "refuse",
  "reload",
  "stop",
  "target",
  "storing",
] as const satisfies readonly DownFrame[
  "kind"
][];

export function encodeDown(frame: DownFrame): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter();
  switch (frame.kind) {
    case "listen":
      writer.u16(frame.request).text(frame.what);
      break;
    case "ready":
      for (const session of frame.sessions) writer.u32(session);
      break;
    case "close":
      writer.u32(frame.session).flag(frame.atOnce);
      break;
    case "refuse":
      writer.u32(frame.session).text(frame.text);
      break;
    case "reload":
      writer.longText(frame.setup);
      break;
    case "target":
      writer.longText(frame.target);
      break;
    case "storing":
      writer.flag(frame.isPossible);
      break;
  }
  return makeFrame(KINDS.indexOf(frame.kind), writer.written);
}

/** Throws a {@link RelayFault} if `frame` is none. */
export function decodeDown(frame: Uint8Array): DownFrame {
  const reader = new WireReader(frame);
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw new RelayFault("the hub sent a frame of an unknown kind");
  const decoded = readContent(reader, kind);
  reader.end();
  return decoded;
}

function readContent(reader: WireReader, kind: DownFrame["kind"]): DownFrame {
  switch (kind) {
    case "listen":
      return { kind, request: reader.u16(), what: reader.text() };
    case "ready": {
      const sessions: number[] = [];
      while (reader.left > 0) sessions.push(reader.u32());
      return { kind, sessions };
    }
    case "close":
      return { kind, session: reader.u32(), atOnce: reader.flag() };
    case "refuse":
      return { kind, session: reader.u32(), text: reader.text() };
    case "reload":
      return { kind, setup: reader.longText() };
    case "target":
      return { kind, target: reader.longText() };
    case "storing":
      return { kind, isPossible: reader.flag() };
    case "restoring":
    case "resumed":
    case "stop":
      return { kind };
  }
}
