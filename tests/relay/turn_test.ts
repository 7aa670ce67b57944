/** Turns on the relay: a front has all of a turn, or nothing of it. */
import { assertEquals, assertThrows } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { DeliveryBatch } from "../../lib/relay/delivery_batch.ts";
import { MAX_FRAME_BYTES } from "../../lib/relay/frame.ts";
import { encodeStates, encodeTurnEnd, isOfTurn, MAX_TURN_BYTES, TurnReader } from "../../lib/relay/turn.ts";
import { RelayFault } from "../../lib/relay/wire.ts";
import { frameOf } from "./frames_of.ts";

const END = {
  seq: 2 ** 40,
  answered: [[1, 4], [2, 1]] as const,
  gone: [5, 6],
  ended: [{ session: 2, atOnce: true }, { session: 3, atOnce: false }],
};

/** The frames of a turn, without its last one. */
function framesBefore(): Uint8Array[] {
  const batch = new DeliveryBatch();
  batch.add(1, [encodeUtf8("hello\r\n")]);
  const states = encodeStates([{ session: 1, state: encodeUtf8("{}") }, {
    session: 2,
    state: new Uint8Array(),
  }]);
  return [...states, ...batch.takeFrames()].map(frameOf);
}

Deno.test("turn: nothing of it comes before its last frame, and then all of it", () => {
  const reader = new TurnReader();
  for (let round = 0; round < 2; round++) {
    for (const frame of framesBefore()) {
      assert(isOfTurn(frame), "it belongs to a turn");
      assertEquals(reader.take(frame), undefined);
    }
    const turn = reader.take(frameOf(encodeTurnEnd(END)));
    assert(turn !== undefined, "it is complete");
    const { states, deliveries, ...end } = turn;
    assertEquals(end, END);
    assertEquals(states.map(({ session, state }) => [session, state.length]), [[1, 2], [2, 0]]);
    assertEquals(deliveries.map(({ sessions }) => sessions), [[1]]);
  }
});

Deno.test("turn: its frames are bounded together, and a state does not keep its frame", () => {
  const state = new Uint8Array(1024 * 1024);
  const frames = encodeStates([1, 2, 3].map((session) => ({ session, state })));
  assertEquals(frames.length, 3);
  assert(frames.every(({ length }) => length < MAX_FRAME_BYTES), "each is within its bound");
  const reader = new TurnReader(2.5 * 1024 * 1024);
  reader.take(frameOf(frames[0]!));
  reader.take(frameOf(frames[1]!));
  assertThrows(() => reader.take(frameOf(frames[2]!)), RelayFault, "a turn is larger than");
  assert(MAX_TURN_BYTES >= 8 * MAX_FRAME_BYTES, "a turn may have several frames");
  const small = frameOf(encodeStates([{ session: 1, state: Uint8Array.of(7) }])[0]!);
  const whole = new TurnReader();
  whole.take(small);
  const { states } = whole.take(frameOf(encodeTurnEnd(END)))!;
  assertEquals(states[0]!.state.buffer.byteLength, 1);
});

Deno.test("turn: a frame that is cut or too long is refused", () => {
  const whole = frameOf(encodeTurnEnd(END));
  for (let length = 1; length < whole.length; length++) {
    // Sessions that end are read to the end of the frame: without some of them it is a turn, too.
    const isWithoutEnds = length === whole.length - 5 || length === whole.length - 10;
    const take = () => new TurnReader().take(whole.slice(0, length));
    if (isWithoutEnds) take();
    else assertThrows(take, RelayFault);
  }
  const states = frameOf(encodeStates([{ session: 1, state: encodeUtf8("{}") }])[0]!);
  assertThrows(() => new TurnReader().take(states.slice(0, -1)), RelayFault);
  assertThrows(() => new TurnReader().take(Uint8Array.of(200)), RelayFault, "none of a turn");
});
