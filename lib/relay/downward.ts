/** Frames from the hub to a front, except for the deliveries (`delivery_batch.ts`). Pure. */
import { makeFrame } from "./frame.ts";
import { DELIVERIES_KIND } from "./delivery_batch.ts";
import { RelayFault, WireReader, WireWriter } from "./wire.ts";

export type DownFrame =
  /** Open this listener: a `ListenRequest` as JSON. */
  | { readonly kind: "listen"; readonly request: number; readonly what: string }
  /** All lines of these sessions before this number are handled: the next read of each may follow. */
  | { readonly kind: "answered"; readonly numbers: readonly (readonly [session: number, number: number])[] }
  /** The session gets no more: its connection is closed when all is written, or at once. */
  | { readonly kind: "close"; readonly session: number; readonly atOnce: boolean }
  /** The client is refused: it gets this text, and is closed. */
  | { readonly kind: "refuse"; readonly session: number; readonly text: string }
  /** Reload the certificate from its files. */
  | { readonly kind: "reload" }
  /** Close the listeners. */
  | { readonly kind: "stop" };

const KINDS = [
  "listen",
  "answered",
  "close",
  "refuse",
  "reload",
  "stop",
] as const satisfies readonly DownFrame[
  "kind"
][];

export function encodeDown(frame: DownFrame): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter();
  switch (frame.kind) {
    case "listen":
      writer.u16(frame.request).text(frame.what);
      break;
    case "answered":
      for (const [session, number] of frame.numbers) writer.u32(session).u32(number);
      break;
    case "close":
      writer.u32(frame.session).flag(frame.atOnce);
      break;
    case "refuse":
      writer.u32(frame.session).text(frame.text);
      break;
  }
  return makeFrame(KINDS.indexOf(frame.kind), writer.written);
}

/** Whether `frame` is for {@link decodeDeliveries}. */
export function hasDeliveries(frame: Uint8Array): boolean {
  return frame[0] === DELIVERIES_KIND;
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
    case "answered": {
      const numbers: [number, number][] = [];
      while (reader.left > 0) numbers.push([reader.u32(), reader.u32()]);
      return { kind, numbers };
    }
    case "close":
      return { kind, session: reader.u32(), atOnce: reader.flag() };
    case "refuse":
      return { kind, session: reader.u32(), text: reader.text() };
    case "reload":
    case "stop":
      return { kind };
  }
}
