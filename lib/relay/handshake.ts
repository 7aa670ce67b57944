/**
 * The first frame of a connection to the hub's relay socket, and the answer to that of a front. Both begin with the
 * version of the protocol, which every version reads. Pure.
 */
import { makeFrame } from "./frame.ts";
import { RelayFault, WireReader, WireWriter } from "./wire.ts";

/** Changes with every change of a frame. */
export const RELAY_VERSION = 1;
/** "CBRL": a connection that begins otherwise is not of ChatterBox. */
const MAGIC = 0x4342524c;
/** Bound on the first frame. */
export const MAX_HELLO_BYTES = 16 * 1024;
/** Bound on the front's setup. */
export const MAX_SETUP_BYTES = 1024 * 1024;

const HELLO = { front: 1, tunnel: 2, welcome: 3, mismatch: 4 } as const;

/** Side of a relay: the version of its protocol, and of its program. */
export interface RelaySide {
  readonly version: number;
  readonly program: string;
}

/** What a connection to the relay socket is for. */
export type Hello =
  /** A front. `index`: its number among the fronts, from 0. */
  | { readonly kind: "front"; readonly side: RelaySide; readonly index: number; readonly pid: number }
  /** Bytes of a client's HTTP connection follow. */
  | {
    readonly kind: "tunnel";
    readonly side: RelaySide;
    readonly host: string;
    readonly endpoint: string;
    readonly secure: boolean;
  };

export function encodeHello(hello: Hello): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter().u32(MAGIC).u16(hello.side.version).text(hello.side.program);
  if (hello.kind === "front") {
    return makeFrame(HELLO.front, writer.u16(hello.index).u32(hello.pid).written);
  }
  return makeFrame(HELLO.tunnel, writer.text(hello.host).text(hello.endpoint).flag(hello.secure).written);
}

/** The first frame. `mismatch`: the peer speaks another version, and nothing else of the frame is known. */
export function decodeHello(
  frame: Uint8Array,
): Hello | { readonly kind: "mismatch"; readonly side: RelaySide } {
  const reader = new WireReader(frame);
  const kind = reader.u8();
  if (kind !== HELLO.front && kind !== HELLO.tunnel || reader.u32() !== MAGIC) {
    throw new RelayFault("the peer is no front of ChatterBox");
  }
  const side = { version: reader.u16(), program: reader.text() };
  if (side.version !== RELAY_VERSION) return { kind: "mismatch", side };
  const hello: Hello = kind === HELLO.front
    ? { kind: "front", side, index: reader.u16(), pid: reader.u32() }
    : { kind: "tunnel", side, host: reader.text(), endpoint: reader.text(), secure: reader.flag() };
  reader.end();
  return hello;
}

/** The hub's answer to a front: its setup as JSON, or that the versions differ. */
export type Welcome =
  | { readonly kind: "welcome"; readonly side: RelaySide; readonly setup: string }
  | { readonly kind: "mismatch"; readonly side: RelaySide };

export function encodeWelcome(welcome: Welcome): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter().u16(welcome.side.version).text(welcome.side.program);
  if (welcome.kind === "mismatch") return makeFrame(HELLO.mismatch, writer.written);
  return makeFrame(HELLO.welcome, writer.bytes(new TextEncoder().encode(welcome.setup)).written);
}

export function decodeWelcome(frame: Uint8Array): Welcome {
  const reader = new WireReader(frame);
  const kind = reader.u8();
  if (kind !== HELLO.welcome && kind !== HELLO.mismatch) throw new RelayFault("the hub did not answer");
  const side = { version: reader.u16(), program: reader.text() };
  if (kind === HELLO.mismatch || side.version !== RELAY_VERSION) return { kind: "mismatch", side };
  return { kind: "welcome", side, setup: reader.restText() };
}

/** Why a front and a hub of different versions do not work together. */
export function describeMismatch(front: RelaySide, hub: RelaySide): string {
  const words = ({ version, program }: RelaySide) =>
    `version ${version} of the relay (ChatterBox ${program})`;
  return `the front speaks ${words(front)}, the hub ${words(hub)}`;
}
