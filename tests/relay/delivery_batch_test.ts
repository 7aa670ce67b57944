/** Deliveries on the relay: each session gets its buffers in order, and what many get is there once. */
import { assertEquals, assertThrows } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { decodeDeliveries, DeliveryBatch } from "../../lib/relay/delivery_batch.ts";
import { MAX_FRAME_BYTES } from "../../lib/relay/frame.ts";
import { RelayFault } from "../../lib/relay/wire.ts";
import { forAll } from "../irc/property.ts";
import { frameOf } from "./frames_of.ts";

/** Session → its bytes, of all `frames`. */
function received(frames: readonly Uint8Array[]): Map<number, string> {
  const decoder = new TextDecoder();
  const bySession = new Map<number, string>();
  for (const frame of frames) {
    for (const { chunks, sessions } of decodeDeliveries(frameOf(frame))) {
      const text = decoder.decode(concatBytes([...chunks]));
      for (const session of sessions) bySession.set(session, (bySession.get(session) ?? "") + text);
    }
  }
  return bySession;
}

Deno.test("deliveries: each session gets what it was given, in order", () => {
  forAll(200, (random) => {
    const buffers = Array.from({ length: 1 + random.below(5) }, (_, n) => encodeUtf8(`b${n} `.repeat(1 + n)));
    const batch = new DeliveryBatch();
    const expected = new Map<number, string>();
    for (let session = 1; session <= 1 + random.below(40); session++) {
      const chunks = Array.from({ length: 1 + random.below(4) }, () => random.pick(buffers));
      batch.add(session, chunks);
      expected.set(session, chunks.map((chunk) => new TextDecoder().decode(chunk)).join(""));
    }
    assertEquals(received(batch.takeFrames()), expected);
    assertEquals(batch.takeFrames(), []);
  });
});

Deno.test("deliveries: a message to a channel costs its bytes once, and 4 bytes a session", () => {
  const message = new Uint8Array(500);
  const sizeFor = (sessions: number) => {
    const batch = new DeliveryBatch();
    for (let session = 1; session <= sessions; session++) batch.add(session, [message]);
    const frames = batch.takeFrames();
    assertEquals(frames.length, 1);
    return frames[0]!.length;
  };
  assertEquals(sizeFor(1001) - sizeFor(1), 4000);
  assert(sizeFor(1) < 540, "a frame has few bytes of its own");
});

Deno.test("deliveries: two forms of a message in turns are two lists", () => {
  const batch = new DeliveryBatch();
  const forms = [encodeUtf8("plain"), encodeUtf8("with tags")];
  for (let session = 0; session < 100; session++) batch.add(session, [forms[session % 2]!]);
  const [frame] = batch.takeFrames();
  assertEquals(decodeDeliveries(frameOf(frame!)).map(({ sessions }) => sessions.length), [50, 50]);
});

Deno.test("deliveries: many bytes are several frames, each within the bound", () => {
  const batch = new DeliveryBatch();
  for (let session = 1; session <= 8; session++) {
    batch.add(session, [new Uint8Array(4 * 1024 * 1024 - session)]);
  }
  const frames = batch.takeFrames();
  assert(frames.length > 1 && frames.every(({ length }) => length <= MAX_FRAME_BYTES), "frames are bounded");
  const got = frames.flatMap((frame) => decodeDeliveries(frameOf(frame)).flatMap(({ sessions }) => sessions));
  assertEquals(got, [1, 2, 3, 4, 5, 6, 7, 8]);
});

Deno.test("deliveries: a frame that promises more than it has is refused", () => {
  const batch = new DeliveryBatch();
  batch.add(7, [encodeUtf8("hello")]);
  const [whole] = batch.takeFrames().map(frameOf);
  for (let length = 1; length < whole!.length; length++) {
    assertThrows(() => decodeDeliveries(whole!.slice(0, length)), RelayFault);
  }
  assertThrows(() => decodeDeliveries(Uint8Array.of(...whole!, 0)), RelayFault, "too many");
  const counts = whole!.slice();
  counts.fill(0xff, 1, 5);
  assertThrows(() => decodeDeliveries(counts), RelayFault);
});
