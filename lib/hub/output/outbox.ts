/**
 * The hub's output, gathered over one turn and handed to the connections at its end.
 *
 * Lines to a whole channel are encoded once per form into the buffer of the current *run*: consecutive lines to one
 * channel. At the end of the run, every session of the audience gets the same buffer, so a batch of messages costs
 * a member one reference and, later, one write. A session that differs (it sent a line and has no echo-message, it
 * joined in the middle of the run, or it gets a reply of its own in between) is *settled* first: it gets its part
 * of the run so far. So each session sees the one order of the log, whatever is shared.
 */
import { assert } from "../../base/assert.ts";
import { FORM_COUNT, formOf } from "../../irc/capabilities.ts";
import { SlabEncoder } from "../../base/slab_encoder.ts";
import type { Channel, Session } from "../model/state/entities.ts";
import { NO_CHUNKS } from "../model/state/pending_output.ts";
import type { PendingOutput } from "../model/state/pending_output.ts";

/** Minimum size of a run's buffer; it starts at the size that the previous run reached. */
const RUN_START_BYTES = 4096;

const encoder = new TextEncoder();
/** Encodes lines for a single session. */
const slab = new SlabEncoder();

/** Bytes for one session, in order. */
export interface Delivery {
  session: Session;
  /** The receiver of the delivery owns the array and may change it. */
  chunks: Uint8Array[];
  /** The session has ended: its connection is closed once this is written. */
  isLast: boolean;
}

const NO_DELIVERIES: readonly Delivery[] = [];

export class HubOutbox {
  #listed: Session[] = [];
  #run: Channel | undefined;
  #runId = 0;
  /** The run, by form: the bytes so far, and the lines after them that are not encoded yet. */
  #buffers: (Uint8Array<ArrayBuffer> | undefined)[] = new Array(FORM_COUNT).fill(undefined);
  #lengths = new Int32Array(FORM_COUNT);
  #texts: string[] = new Array(FORM_COUNT).fill("");
  /** The session excluded from the lines in `#texts`: consecutive lines of one sender are encoded together. */
  #except: Session | undefined;
  #lastLengths = new Int32Array(FORM_COUNT);

  /** Adds one line (without CRLF) for one session. */
  line(session: Session, line: string): void {
    const owed = this.#settle(session);
    owed.text += line + "\r\n";
    owed.ownLength += line.length;
  }

  /** Adds whole, encoded lines for one session. */
  bytes(session: Session, bytes: Uint8Array): void {
    this.sharedBytes(session, bytes);
    session.pendingOutput.ownLength += bytes.length;
  }

  /**
   * Adds whole, encoded lines that other sessions get too: they are not counted as a reply to this session's
   * request.
   */
  sharedBytes(session: Session, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const owed = this.#settle(session);
    flushText(owed);
    add(owed, bytes);
  }

  /** Characters of output for `session` alone in this turn. */
  ownOutputLength(session: Session): number {
    return session.pendingOutput.isQueued ? session.pendingOutput.ownLength : 0;
  }

  /**
   * Adds one event for a channel's audience. `render` is called once per form in use and returns "" if that form
   * does not show the event. `except` is excluded.
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

  /**
   * Call before a session enters or leaves the audience of `channel`, or changes its form: the lines so far are
   * settled.
   */
  beforeAudienceChange(channel: Channel, session: Session): void {
    if (this.#run === channel) this.#settle(session);
  }

  /** Call after a session has entered the audience of `channel`: it gets only the lines from now on. */
  afterAudienceEntry(channel: Channel, session: Session): void {
    if (this.#run !== channel) return;
    this.#encode();
    this.#settledNow(session);
  }

  /** Ends the turn: returns the gathered output, per session. */
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

  /** Encodes the pending lines. The session excluded from them is marked as settled up to their end. */
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

  /**
   * Appends as much of `text` as fits after making room for `spare` bytes; returns the number of UTF-16 units
   * appended.
   */
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

  /** Gives `session` its part of the run so far, so that its further output follows it. */
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
