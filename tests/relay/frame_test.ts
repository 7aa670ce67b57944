/** Frames of the relay: however the stream is cut the same comes out, and what is no frame is refused. */
import { assertEquals, assertThrows } from "@std/assert";
import { concatBytes } from "../../lib/base/bytes.ts";
import { makeFrame, MAX_FRAME_BYTES, RelayFrameReader } from "../../lib/relay/frame.ts";
import { RelayFault } from "../../lib/relay/wire.ts";
import { forAll } from "../irc/property.ts";
import { framesOf } from "./frames_of.ts";

Deno.test("frames: a stream cut anywhere gives the same frames", () => {
  forAll(200, (random) => {
    const frames = Array.from({ length: 1 + random.below(6) }, () => ({
      kind: random.below(256),
      content: Uint8Array.from({ length: random.below(50) }, () => random.below(256)),
    }));
    const stream = concatBytes(frames.map(({ kind, content }) => makeFrame(kind, content)));
    const read = framesOf(stream, () => 1 + random.below(20));
    assertEquals(read, frames.map(({ kind, content }) => Uint8Array.of(kind, ...content)));
  });
});

Deno.test("frames: one that is too large or empty is refused before its content is there", () => {
  const header = (length: number) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, length);
    return bytes;
  };
  assertThrows(() => new RelayFrameReader().take(header(MAX_FRAME_BYTES + 1)), RelayFault, "larger");
  assertThrows(() => new RelayFrameReader(100).take(header(101)), RelayFault, "larger");
  assertThrows(() => new RelayFrameReader().take(header(0)), RelayFault, "empty");
  const reader = new RelayFrameReader();
  assertEquals([reader.take(header(MAX_FRAME_BYTES)), reader.frame], [4, undefined]);
});

Deno.test("frames: no more than one is taken at once", () => {
  const one = makeFrame(1, Uint8Array.of(5));
  const reader = new RelayFrameReader();
  assertEquals(reader.take(concatBytes([one, one])), one.length);
  assertEquals(reader.frame, Uint8Array.of(1, 5));
  assertEquals(reader.take(new Uint8Array(0)), 0);
  assertEquals(reader.frame, undefined);
});
