/**
 * The first frame of a connection to the hub's relay socket, and the answer to that of a front. Both begin with the
 * version of the protocol, which every version reads. Pure.
 */
import { makeFrame } from "./frame.ts";
import { RelayFault, WireReader, WireWriter } from "./wire.ts";

/**
 * Changes with every change of a frame or of its JSON. Hubs and fronts of one version work together, whatever the
 * versions of their programs.
 */
export const RELAY_VERSION = 4;
/** "CBRL": a connection that begins otherwise is not of ChatterBox. */
const MAGIC = 0x4342524c;
/** Bound on the first frame. */
export const MAX_HELLO_BYTES = 16 * 1024;
/** Bound on the front's setup. */
export const MAX_SETUP_BYTES = 1024 * 1024;

const HELLO = { front: 1, tunnel: 2, welcome: 3, mismatch: 4, refused: 5, control: 6 } as const;
/** Name of a front: see `hub/model/line_origin.ts`. */
const FRONT_NAME = /^[a-z0-9]{1,16}$/;

/** Side of a relay: the version of its protocol, and of its program. */
export interface RelaySide {
  readonly version: number;
  readonly program: string;
}

/** What a connection to the relay socket is for. */
export type Hello =
  /** A front. `index`: its number among the fronts, from 0. */
  | {
    readonly kind: "front";
    readonly side: RelaySide;
    readonly index: number;
    readonly pid: number;
    /** Another one for each process, of 1 to 16 letters a–z and digits. */
    readonly name: string;
    /** It has sessions of an earlier hub, and presents them. */
    readonly isReturning: boolean;
    /** Node of a cluster that the front belongs to. */
    readonly node?: string;
  }
  /** A front of a cluster's node, to the node's own hub: for its listeners, and to be told where sessions are relayed to. */
  | { readonly kind: "control"; readonly side: RelaySide; readonly index: number; readonly pid: number }
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
    writer.u16(hello.index).u32(hello.pid).text(hello.name).flag(hello.isReturning).text(hello.node ?? "");
    return makeFrame(HELLO.front, writer.written);
  }
  if (hello.kind === "control") {
    return makeFrame(HELLO.control, writer.u16(hello.index).u32(hello.pid).written);
  }
  return makeFrame(HELLO.tunnel, writer.text(hello.host).text(hello.endpoint).flag(hello.secure).written);
}

/** The first frame. `mismatch`: the peer speaks another version, and nothing else of the frame is known. */
export function decodeHello(
  frame: Uint8Array,
): Hello | { readonly kind: "mismatch"; readonly side: RelaySide } {
  const reader = new WireReader(frame);
  const kind = reader.u8();
  if (kind !== HELLO.front && kind !== HELLO.tunnel && kind !== HELLO.control || reader.u32() !== MAGIC) {
    throw new RelayFault("the peer is no front of ChatterBox");
  }
  const side = { version: reader.u16(), program: reader.text() };
  if (side.version !== RELAY_VERSION) return { kind: "mismatch", side };
  const hello: Hello = kind === HELLO.front
    ? {
      kind: "front",
      side,
      index: reader.u16(),
      pid: reader.u32(),
      name: readName(reader),
      isReturning: reader.flag(),
      ...readNode(reader),
    }
    : kind === HELLO.control
    ? { kind: "control", side, index: reader.u16(), pid: reader.u32() }
    : { kind: "tunnel", side, host: reader.text(), endpoint: reader.text(), secure: reader.flag() };
  reader.end();
  return hello;
}

function readName(reader: WireReader): string {
  const name = reader.text();
  if (!FRONT_NAME.test(name)) throw new RelayFault("a front has no name");
  return name;
}

function readNode(reader: WireReader): { readonly node?: string } {
  const node = reader.text();
  return node === "" ? {} : { node };
}

/** The hub's answer to a front: its setup as JSON, that the versions differ, or why the hub does not take it. */
export type Welcome =
  | { readonly kind: "welcome"; readonly side: RelaySide; readonly setup: string }
  | { readonly kind: "refused"; readonly side: RelaySide; readonly why: string }
  | { readonly kind: "mismatch"; readonly side: RelaySide };

export function encodeWelcome(welcome: Welcome): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter().u16(welcome.side.version).text(welcome.side.program);
  if (welcome.kind === "mismatch") return makeFrame(HELLO.mismatch, writer.written);
  if (welcome.kind === "refused") return makeFrame(HELLO.refused, writer.text(welcome.why).written);
  return makeFrame(HELLO.welcome, writer.bytes(new TextEncoder().encode(welcome.setup)).written);
}

export function decodeWelcome(frame: Uint8Array): Welcome {
  const reader = new WireReader(frame);
  const kind = reader.u8();
  if (kind !== HELLO.welcome && kind !== HELLO.mismatch && kind !== HELLO.refused) {
    throw new RelayFault("the hub did not answer");
  }
  const side = { version: reader.u16(), program: reader.text() };
  if (kind === HELLO.mismatch || side.version !== RELAY_VERSION) return { kind: "mismatch", side };
  if (kind === HELLO.welcome) return { kind: "welcome", side, setup: reader.restText() };
  const why = reader.text();
  reader.end();
  return { kind: "refused", side, why };
}

/** Why a front and a hub of different versions do not work together. */
export function describeMismatch(front: RelaySide, hub: RelaySide): string {
  const words = ({ version, program }: RelaySide) =>
    `version ${version} of the relay (ChatterBox ${program})`;
  return `the front speaks ${words(front)}, the hub ${words(hub)}`;
}
