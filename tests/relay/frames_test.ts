/** Frames of both directions and the handshake: decoded as they were encoded, and refused when they are not whole. */
import { assertEquals, assertThrows } from "@std/assert";
import { MAX_RELAY_TEXT_BYTES, RelayFault, WireReader, WireWriter } from "../../lib/relay/wire.ts";
import { decodeDown, encodeDown } from "../../lib/relay/downward.ts";
import type { DownFrame } from "../../lib/relay/downward.ts";
import { decodeUp, encodeUp } from "../../lib/relay/upward.ts";
import type { UpFrame } from "../../lib/relay/upward.ts";
import {
  decodeHello,
  decodeWelcome,
  describeMismatch,
  encodeHello,
  encodeWelcome,
  RELAY_VERSION,
} from "../../lib/relay/handshake.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { isOfTurn, TurnReader } from "../../lib/relay/turn.ts";
import { forAll } from "../irc/property.ts";
import { frameOf } from "./frames_of.ts";

const SIDE = { version: RELAY_VERSION, program: "1.2.3" };

const FRONT = { kind: "front", index: 2, pid: 4711, name: "k3", isReturning: true } as const;

const UP: readonly UpFrame[] = [
  { kind: "listening", request: 3, address: "{}" },
  { kind: "failed", request: 4, why: "in use", inUse: true },
  {
    kind: "open",
    session: 7,
    host: "192.0.2.1",
    endpoint: "tcp:[::1]:6667",
    secure: true,
    mayBeCheck: false,
  },
  {
    kind: "present",
    session: 7,
    endReason: undefined,
    state: encodeUtf8('{"v":1}'),
    stateSeq: 2 ** 40,
    answered: 3,
    tries: 2,
    lines: ["PING x", { fault: "nul", head: "" }],
  },
  {
    kind: "present",
    session: 8,
    endReason: "Connection closed",
    state: new Uint8Array(),
    stateSeq: 1,
    answered: 0,
    tries: 0,
    lines: [],
  },
  { kind: "presented", deliveredSeq: 2 ** 40, listeners: `["${"x".repeat(70_000)}"]` },
  { kind: "lines", session: 7, first: 0, bytes: 12, frames: 0, lines: [] },
  { kind: "lines", session: 7, first: 0, bytes: 40, frames: 2, lines: ["NICK a", "PRIVMSG #tea :ü 🍵"] },
  {
    kind: "lines",
    session: 8,
    first: 2,
    bytes: 9000,
    frames: 0,
    lines: [{ fault: "too_long", head: "PRIVMSG", tags: "label=1" }, "PING x", { fault: "nul", head: "" }],
  },
  { kind: "closed", session: 7, reason: "Connection closed", isSlow: false },
  { kind: "load", queuedBytes: 2 ** 33 },
  { kind: "refused", why: "too many connections", cause: "address" },
  { kind: "forwarding", header: "Forwarded", host: "192.0.2.9" },
  { kind: "trouble", why: "no handles" },
];

const DOWN: readonly DownFrame[] = [
  { kind: "listen", request: 1, what: '{"kind":"tcp"}' },
  { kind: "ready", sessions: [] },
  { kind: "ready", sessions: [1, 2, 3] },
  { kind: "ready", sessions: Array.from({ length: 5000 }, (_, n) => n) },
  { kind: "resumed" },
  { kind: "close", session: 9, atOnce: true },
  { kind: "refuse", session: 9, text: "ERROR :no\r\n" },
  { kind: "reload", setup: '{"maxClients":5}' },
  { kind: "stop" },
];

/** Every frame is decoded as it was, and no other length of it is a frame. */
function checkRoundTrips<F>(
  frames: readonly F[],
  encode: (frame: F) => Uint8Array,
  decode: (b: Uint8Array) => F,
) {
  for (const frame of frames) {
    const bytes = frameOf(encode(frame));
    assertEquals(decode(bytes), frame);
  }
}

Deno.test("relay: frames to the hub are decoded as they were", () => checkRoundTrips(UP, encodeUp, decodeUp));
Deno.test("relay: frames to a front are decoded as they were", () =>
  checkRoundTrips(DOWN, encodeDown, decodeDown));

Deno.test("relay: a content of any length is written whole", () => {
  const writer = new WireWriter();
  for (let n = 0; n < 3000; n++) writer.u8(n & 0xff).u16(n).u32(n).count(n).flag(true).text("ü");
  const reader = new WireReader(writer.written);
  for (let n = 0; n < 3000; n++) {
    assertEquals([reader.u8(), reader.u16(), reader.u32(), reader.count(), reader.flag(), reader.text()], [
      n & 0xff,
      n,
      n,
      n,
      true,
      "ü",
    ]);
  }
  reader.end();
});

Deno.test("relay: a frame to the hub that is cut, too long or of no kind is refused", () => {
  for (const frame of UP) {
    const bytes = frameOf(encodeUp(frame));
    if (frame.kind === "lines" || frame.kind === "present") continue; // its text ends with the frame: see the next test
    for (let length = 1; length < bytes.length; length++) {
      assertThrows(() => decodeUp(bytes.slice(0, length)), RelayFault);
    }
    assertThrows(() => decodeUp(Uint8Array.of(...bytes, 0)), RelayFault);
  }
  assertThrows(() => decodeUp(Uint8Array.of(200)), RelayFault, "unknown kind");
  assertThrows(() => decodeDown(Uint8Array.of(200)), RelayFault, "unknown kind");
});

Deno.test("relay: the number of lines is checked, and no line is empty", () => {
  const bytes = frameOf(
    encodeUp({ kind: "lines", session: 1, first: 0, bytes: 3, frames: 0, lines: ["a", "b"] }),
  );
  const broken = (change: (copy: Uint8Array) => void) => {
    const copy = bytes.slice();
    change(copy);
    return copy;
  };
  assertThrows(() => decodeUp(broken((copy) => copy[20] = 3)), RelayFault, "lines in place of");
  assertThrows(() => decodeUp(broken((copy) => copy[copy.length - 1] = 0xff)), RelayFault, "UTF-8");
  assertThrows(() => decodeUp(bytes.slice(0, -1)), RelayFault, "empty");
  assertThrows(() => decodeUp(broken((copy) => copy[24] = 9)), RelayFault, "more faults");
});

Deno.test("relay: bytes by chance are a frame or a fault, and nothing else", () => {
  forAll(2000, (random) => {
    const bytes = Uint8Array.from(
      { length: 1 + random.below(60) },
      () => random.below(random.pick([4, 256])),
    );
    const decodeTurn = (frame: Uint8Array) => isOfTurn(frame) && new TurnReader().take(frame);
    for (const decode of [decodeUp, decodeDown, decodeHello, decodeWelcome, decodeTurn]) {
      try {
        decode(bytes);
      } catch (error) {
        if (!(error instanceof RelayFault)) throw error;
      }
    }
  });
});

Deno.test("relay: the handshake says what the connection is for", () => {
  const front = { ...FRONT, side: SIDE };
  assertEquals(decodeHello(frameOf(encodeHello(front))), front);
  const tunnel = {
    kind: "tunnel",
    side: SIDE,
    host: "192.0.2.1",
    endpoint: "tcp:[::1]:80",
    secure: true,
  } as const;
  assertEquals(decodeHello(frameOf(encodeHello(tunnel))), tunnel);
  assertThrows(() => decodeHello(frameOf(encodeHello({ ...front, name: "F.0" }))), RelayFault, "no name");
  const refused = { kind: "refused", side: SIDE, why: "too late" } as const;
  assertEquals(decodeWelcome(frameOf(encodeWelcome(refused))), refused);
  const welcome = { kind: "welcome", side: SIDE, setup: '{"a":"ü"}' } as const;
  assertEquals(decodeWelcome(frameOf(encodeWelcome(welcome))), welcome);
});

Deno.test("relay: a peer of another version is known as one, and both versions are told", () => {
  const other = { version: RELAY_VERSION + 1, program: "2.0.0" };
  const hello = decodeHello(frameOf(encodeHello({ ...FRONT, side: other })));
  assertEquals(hello, { kind: "mismatch", side: other });
  const welcome = { kind: "mismatch", side: SIDE } as const;
  assertEquals(decodeWelcome(frameOf(encodeWelcome(welcome))), welcome);
  assertEquals(
    describeMismatch(other, SIDE),
    `the front speaks version ${RELAY_VERSION + 1} of the relay (ChatterBox 2.0.0), ` +
      `the hub version ${RELAY_VERSION} of the relay (ChatterBox 1.2.3)`,
  );
  assertThrows(() => decodeHello(Uint8Array.of(1, 1, 2, 3, 4, 0, 1)), RelayFault, "no front");
});

Deno.test("relay: a text that is too long loses its end, and no character is cut", () => {
  const why = "ü".repeat(MAX_RELAY_TEXT_BYTES);
  const decoded = decodeUp(frameOf(encodeUp({ kind: "trouble", why: `x${why}` })));
  assertEquals(decoded, { kind: "trouble", why: `x${why.slice(0, MAX_RELAY_TEXT_BYTES / 2 - 1)}` });
});
