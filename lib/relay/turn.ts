/**
 * What a front gets of a turn of the hub: new states of its sessions, the deliveries, and at the end one frame that
 * says that these were all. A front keeps them until that frame has come, and takes them all at once: if the relay ends
 * before, it has none of them, and the next hub sends them again.
 *
 *     states frame:  sessions with their states
 *     turn frame:    position │ answered lines │ sessions that have ended │ sessions that end
 *
 * Pure.
 */
import { decodeDeliveries, DELIVERIES_KIND } from "./delivery_batch.ts";
import type { SharedDelivery } from "./delivery_batch.ts";
import { makeFrame } from "./frame.ts";
import { RelayFault, WireReader, WireWriter } from "./wire.ts";

/** No other frames to a front have these kinds. */
const STATES_KIND = 0x53;
const TURN_KIND = 0x54;
/** A states frame ends with the state that reaches this. */
const STATES_TARGET_BYTES = 1024 * 1024;
/** Bound on the frames of one turn, which a front keeps until the last one. */
export const MAX_TURN_BYTES = 64 * 1024 * 1024;

/** The state of a session, to be kept in place of an earlier one. */
export interface StateUpdate {
  readonly session: number;
  readonly state: Uint8Array;
}

/** The end of a session: its connection is closed when all is written, or at once. */
export interface SessionEnd {
  readonly session: number;
  readonly atOnce: boolean;
}

/** The last frame of a turn. */
export interface TurnEnd {
  /** Position of the turn: the sequence number of the next record. */
  readonly seq: number;
  /** Sessions of which lines were answered, with the last one. */
  readonly answered: readonly (readonly [session: number, line: number])[];
  /** Sessions of clients that have left, which the front has told: the hub has carried out their end. */
  readonly gone: readonly number[];
  readonly ended: readonly SessionEnd[];
}

/** All of a turn. */
export interface RelayedTurn extends TurnEnd {
  readonly states: readonly StateUpdate[];
  readonly deliveries: readonly SharedDelivery[];
}

export function encodeStates(states: readonly StateUpdate[]): Uint8Array<ArrayBuffer>[] {
  const frames: Uint8Array<ArrayBuffer>[] = [];
  let writer = new WireWriter();
  for (const { session, state } of states) {
    writer.u32(session).u32(state.length).bytes(state);
    if (writer.written.length < STATES_TARGET_BYTES) continue;
    frames.push(makeFrame(STATES_KIND, writer.written));
    writer = new WireWriter();
  }
  if (writer.written.length > 0) frames.push(makeFrame(STATES_KIND, writer.written));
  return frames;
}

export function encodeTurnEnd({ seq, answered, gone, ended }: TurnEnd): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter().count(seq).u32(answered.length);
  for (const [session, line] of answered) writer.u32(session).u32(line);
  writer.u32(gone.length);
  for (const session of gone) writer.u32(session);
  for (const { session, atOnce } of ended) writer.u32(session).flag(atOnce);
  return makeFrame(TURN_KIND, writer.written);
}

/** Whether `frame` is part of a turn: one for {@link TurnReader}. */
export function isOfTurn(frame: Uint8Array): boolean {
  const kind = frame[0];
  return kind === DELIVERIES_KIND || kind === STATES_KIND || kind === TURN_KIND;
}

/** Puts the frames of turns together. */
export class TurnReader {
  readonly #maxBytes: number;
  #states: StateUpdate[] = [];
  #deliveries: SharedDelivery[] = [];
  #bytes = 0;

  constructor(maxBytes = MAX_TURN_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Takes a frame; returns the turn that it completes. Throws a {@link RelayFault} if it is none of a turn. */
  take(frame: Uint8Array): RelayedTurn | undefined {
    this.#bytes += frame.length;
    if (this.#bytes > this.#maxBytes) throw new RelayFault(`a turn is larger than ${this.#maxBytes} bytes`);
    switch (frame[0]) {
      case DELIVERIES_KIND:
        for (const delivery of decodeDeliveries(frame)) this.#deliveries.push(delivery);
        return undefined;
      case STATES_KIND:
        for (const state of decodeStates(frame)) this.#states.push(state);
        return undefined;
      case TURN_KIND: {
        const turn = { ...decodeTurnEnd(frame), states: this.#states, deliveries: this.#deliveries };
        this.#states = [];
        this.#deliveries = [];
        this.#bytes = 0;
        return turn;
      }
      default:
        throw new RelayFault("a frame is none of a turn");
    }
  }
}

function decodeStates(frame: Uint8Array): StateUpdate[] {
  const reader = new WireReader(frame.subarray(1));
  const states: StateUpdate[] = [];
  // A copy, which does not keep the frame.
  while (reader.left > 0) states.push({ session: reader.u32(), state: reader.bytes(reader.u32()).slice() });
  return states;
}

function decodeTurnEnd(frame: Uint8Array): TurnEnd {
  const reader = new WireReader(frame.subarray(1));
  const [seq, count] = [reader.count(), reader.u32()];
  if (count > reader.left / 8) throw new RelayFault("a turn has too many answers");
  const answered = Array.from({ length: count }, () => [reader.u32(), reader.u32()] as const);
  const goneCount = reader.u32();
  if (goneCount > reader.left / 4) throw new RelayFault("a turn has too many ends");
  const gone = Array.from({ length: goneCount }, () => reader.u32());
  const ended: SessionEnd[] = [];
  while (reader.left > 0) ended.push({ session: reader.u32(), atOnce: reader.flag() });
  return { seq, answered, gone, ended };
}
