/** The relay between hub and fronts: a stream that is damaged or cut ends with a fault at most, and is the same however cut. */
import { assertEquals } from "@std/assert";
import { concatBytes } from "../../lib/base/bytes.ts";
import { DeliveryBatch } from "../../lib/relay/delivery_batch.ts";
import { decodeDown, encodeDown } from "../../lib/relay/downward.ts";
import { RelayFrameReader } from "../../lib/relay/frame.ts";
import { encodeStates, encodeTurnEnd, isOfTurn, TurnReader } from "../../lib/relay/turn.ts";
import { decodeUp, encodeUp } from "../../lib/relay/upward.ts";
import { RelayFault } from "../../lib/relay/wire.ts";
import type { Random } from "../irc/property.ts";
import { damaged, randomBytes, type Target } from "./target.ts";

export const RELAY_FRAMES: Target = {
  name: "relay",
  run(random, note) {
    const isUp = random.chance(2);
    const whole = concatBytes(
      Array.from({ length: 1 + random.below(6) }, () => isUp ? upFrame(random) : downFrame(random)),
    );
    const bytes = random.chance(4) ? whole : damaged(whole, random).bytes;
    note(bytes.toHex());
    const read = (size: () => number) => hear(bytes, size, isUp ? decodeUp : downDecoder());
    assertEquals(read(() => 1 + random.below(40)), read(() => bytes.length), "cut into other chunks");
  },
};

/** All frames, as they are decoded, up to the fault that closes the relay. */
function hear(bytes: Uint8Array, size: () => number, decode: (frame: Uint8Array) => unknown): unknown[] {
  const reader = new RelayFrameReader();
  const heard: unknown[] = [];
  try {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + size());
      for (let used = 0; used < piece.length;) {
        used += reader.take(piece.subarray(used));
        if (reader.frame !== undefined) heard.push(decode(reader.frame));
      }
      at += piece.length;
    }
  } catch (error) {
    if (!(error instanceof RelayFault)) throw error;
    heard.push(error.message);
  }
  return heard;
}

/** What a front does with its frames. */
function downDecoder(): (frame: Uint8Array) => unknown {
  const turns = new TurnReader();
  return (frame) => isOfTurn(frame) ? turns.take(frame) : decodeDown(frame);
}

function upFrame(random: Random): Uint8Array {
  const session = random.below(1000);
  const text = random.text("ab:\u00fc\u{1f375}", 0, 20);
  switch (random.below(6)) {
    case 3:
      return encodeUp({ kind: "presented", deliveredSeq: random.below(1000), listeners: text });
    case 4:
      return encodeUp({
        kind: "present",
        session,
        endReason: random.chance(2) ? undefined : "gone",
        state: randomBytes(random, 40),
        stateSeq: random.below(1000),
        answered: random.below(100),
        tries: random.below(256),
        lines: Array.from({ length: random.below(4) }, () => `x${text}`),
      });
    case 0:
      return encodeUp({ kind: "open", session, host: text, endpoint: text, secure: true, mayBeCheck: false });
    case 1:
      return encodeUp({ kind: "closed", session, reason: text, isSlow: random.chance(2) });
    case 2:
      return encodeUp({ kind: "forwarding", header: "PROXY", host: text });
    default:
      return encodeUp({
        kind: "lines",
        session,
        first: random.below(100),
        bytes: random.below(100),
        frames: 0,
        lines: Array.from(
          { length: random.below(4) },
          () =>
            random.chance(3)
              ? { fault: random.pick(["nul", "too_long", "not_utf8"]), head: text }
              : `x${text}`,
        ),
      });
  }
}

function downFrame(random: Random): Uint8Array {
  const session = random.below(1000);
  if (random.chance(2)) return encodeDown({ kind: "refuse", session, text: random.text("ab", 0, 20) });
  const batch = new DeliveryBatch();
  const states = Array.from({ length: random.below(3) }, () => ({ session, state: randomBytes(random, 40) }));
  const end = encodeTurnEnd({
    seq: random.below(1000),
    answered: [[session, random.below(100)]],
    gone: random.chance(2) ? [] : [session],
    ended: random.chance(2) ? [] : [{ session, atOnce: random.chance(2) }],
  });
  const buffers = [randomBytes(random, 40), randomBytes(random, 40)];
  for (let n = 0; n <= random.below(5); n++) batch.add(n, [random.pick(buffers), random.pick(buffers)]);
  return concatBytes([...encodeStates(states), ...batch.takeFrames(), end]);
}
