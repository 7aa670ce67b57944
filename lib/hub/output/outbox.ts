/**
 * What the hub has to say, gathered over one turn and handed to the connections at its end.
 *
 * Lines that go to a whole channel are encoded once per form into the buffer of the current *run*: consecutive lines to
 * one channel. At the end of the run every session of the audience gets the same buffer, so a batch of messages costs a
 * member one reference and, later, one write. A session that differs (it sent a line and wants no echo, it joined
 * in the middle, it gets an answer of its own in between) is *settled* first: it is handed its part of the run up to here.
 * So each session sees the one order of the log, whatever is shared.
 */
import { assert } from "../../base/assert.ts";
import { FORM_COUNT, formOf } from "../../irc/capabilities.ts";
import { SlabEncoder } from "../../base/slab_encoder.ts";
import type { Channel, Session } from "../model/state/entities.ts";
import { NO_CHUNKS } from "../model/state/pending_output.ts";
import type { PendingOutput } from "../model/state/pending_output.ts";

/** Least size of a run's buffer; it starts as large as the last run came to be. */
const RUN_START_BYTES = 4096;

const encoder = new TextEncoder();
/** Where lines for one session alone are encoded. */
const slab = new SlabEncoder();

/** Bytes for one session, in order. */
export interface Delivery {
  session: Session;
  /** Whoever takes the delivery may keep and change it. */
  chunks: Uint8Array[];
  /** The session has left: its connection is to be closed once this is written. */
  isLast: boolean;
}

const NO_DELIVERIES: readonly Delivery[] = [];

export class HubOutbox {
  #listed: Session[] = [];
  #run: Channel | undefined;
  #runId = 0;
  /** Of the run, by form: the bytes so far, and the lines behind them that are not encoded yet. */
  #buffers: (Uint8Array<ArrayBuffer> | undefined)[] = new Array(FORM_COUNT).fill(undefined);
  #lengths = new Int32Array(FORM_COUNT);
  #texts: string[] = new Array(FORM_COUNT).fill("");
  /** Who is left out of the lines in `#texts`: what one sender says in a row is encoded at once. */
  #except: Session | undefined;
  #lastLengths = new Int32Array(FORM_COUNT);

  /** One line (without CRLF) to one session. */
  line(session: Session, line: string): void {
    const owed = this.#settle(session);
    owed.text += line + "\r\n";
    owed.ownLength += line.length;
  }

  /** Whole lines, encoded, to one session. */
  bytes(session: Session, bytes: Uint8Array): void {
    this.sharedBytes(session, bytes);
    session.pendingOutput.ownLength += bytes.length;
  }

  /** Whole lines, encoded, that others get too: no answer to what this session has asked. */
  sharedBytes(session: Session, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const owed = this.#settle(session);
    flushText(owed);
    add(owed, bytes);
  }

  /** Characters that were said to `session` alone in this turn. */
  ownOutputLength(session: Session): number {
    return session.pendingOutput.isQueued ? session.pendingOutput.ownLength : 0;
  }

  /**
   * One event to a room's audience; `render` is called once per form in use and answers "" where that form sees nothing.
   * `except` is left out.
   */
  channel(channel: Channel, render: (form: number) => string, except?: Session): void {
    if (this.#run !== channel) {
      this.#endRun();
      this.#run = channel;
    }
    const excepted = except !== undefined && except.channels.has(channel) ? except : undefined;
    if (excepted !== this.#except) {
      if (excepted === undefined) this.#encode();
      else this.#settle(excepted);
      this.#except = excepted;
    }
    for (let form = 0; form < FORM_COUNT; form++) {
      if (channel.formCounts[form] === 0) continue;
      const line = render(form);
      if (line !== "") this.#texts[form] += line + "\r\n";
    }
  }

  /** Call before a session enters or leaves the audience of `channel`, or changes its form: what was said before is settled. */
  beforeAudienceChange(channel: Channel, session: Session): void {
    if (this.#run === channel) this.#settle(session);
  }

  /** Call after a session has entered the audience of `channel`: it is owed only what comes from now on. */
  afterAudienceEntry(channel: Channel, session: Session): void {
    if (this.#run !== channel) return;
    this.#encode();
    this.#settledNow(session);
  }

  /** Ends the turn: everything gathered, per session. */
  takeDeliveries(): readonly Delivery[] {
    this.#endRun();
    if (this.#listed.length === 0) return NO_DELIVERIES;
    const deliveries: Delivery[] = [];
    for (const session of this.#listed) {
      const { pendingOutput } = session;
      flushText(pendingOutput);
      pendingOutput.isQueued = false;
      pendingOutput.ownLength = 0;
      if (pendingOutput.chunks.length === 0) continue;
      deliveries.push({ session, chunks: pendingOutput.chunks, isLast: session.closeReason !== undefined });
      pendingOutput.chunks = NO_CHUNKS;
    }
    this.#listed = [];
    return deliveries;
  }

  /** Encodes the lines that wait for it. Whoever is left out of them has nothing due from them. */
  #encode(): void {
    for (let form = 0; form < FORM_COUNT; form++) {
      const text = this.#texts[form]!;
      if (text === "") continue;
      this.#texts[form] = "";
      const read = this.#append(form, text, text.length); // ASCII: a byte for each unit
      if (read < text.length) this.#append(form, text.slice(read), 3 * (text.length - read));
    }
    if (this.#except !== undefined) this.#settledNow(this.#except);
  }

  /** Appends what fits of `text` once there are `spare` bytes for it; answers how many UTF-16 units that was. */
  #append(form: number, text: string, spare: number): number {
    let buffer = this.#buffers[form];
    const length = this.#lengths[form]!;
    if (buffer === undefined || buffer.length < length + spare) {
      const grown = new Uint8Array(Math.max(RUN_START_BYTES, this.#lastLengths[form]!, 2 * length + spare));
      if (buffer !== undefined) grown.set(buffer.subarray(0, length));
      buffer = this.#buffers[form] = grown;
    }
    const { read, written } = encoder.encodeInto(text, buffer.subarray(length));
    this.#lengths[form] = length + written;
    return read;
  }

  #endRun(): void {
    const channel = this.#run;
    if (channel === undefined) return;
    this.#encode();
    const whole = this.#buffers.map((buffer, form) => buffer?.subarray(0, this.#lengths[form]!));
    for (const session of channel.audience) {
      const shared = whole[formOf(session.caps)];
      if (shared === undefined) continue;
      const owed = this.#owedTo(session);
      const from = owed.runId === this.#runId ? owed.runOffset : 0;
      assert(from <= shared.length, "what a session has of a run is within it");
      if (from === shared.length) continue;
      flushText(owed);
      add(owed, from === 0 ? shared : shared.subarray(from));
    }
    this.#run = undefined;
    this.#except = undefined;
    this.#runId++;
    this.#buffers.fill(undefined);
    this.#lastLengths.set(this.#lengths);
    this.#lengths.fill(0);
  }

  /** Hands `session` its part of the run so far, so that what follows comes after it. */
  #settle(session: Session): PendingOutput {
    const owed = this.#owedTo(session);
    const channel = this.#run;
    if (channel === undefined || !session.channels.has(channel)) return owed;
    this.#encode();
    const form = formOf(session.caps);
    const from = owed.runId === this.#runId ? owed.runOffset : 0;
    assert(from <= this.#lengths[form]!, "what a session has of a run is within it");
    if (from < this.#lengths[form]!) {
      flushText(owed);
      add(owed, this.#buffers[form]!.subarray(from, this.#lengths[form]!));
    }
    this.#settledNow(session);
    return owed;
  }

  #settledNow(session: Session): void {
    const owed = this.#owedTo(session);
    owed.runId = this.#runId;
    owed.runOffset = this.#lengths[formOf(session.caps)]!;
  }

  #owedTo(session: Session): PendingOutput {
    const { pendingOutput } = session;
    if (!pendingOutput.isQueued) {
      pendingOutput.isQueued = true;
      this.#listed.push(session);
    }
    return pendingOutput;
  }
}

function flushText(owed: PendingOutput): void {
  if (owed.text === "") return;
  add(owed, slab.encode(owed.text));
  owed.text = "";
}

function add(owed: PendingOutput, chunk: Uint8Array): void {
  if (owed.chunks === NO_CHUNKS) owed.chunks = [chunk];
  else owed.chunks.push(chunk);
}
