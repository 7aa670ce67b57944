/** WebSocket frames and HTTP heads: however they are cut, the same comes out, in bounds, and nothing throws. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { FrameReader, MAX_MESSAGE_BYTES, MIN_RAW_BYTES } from "../../lib/net/web/websocket_frames.ts";
import { parseHead } from "../../lib/net/web/http_request.ts";
import type { Random } from "../irc/property.ts";
import { clientFrame, handshake } from "../support/web_client.ts";
import { damaged, randomBytes, type Target } from "./target.ts";

export const FRAMES: Target = {
  name: "frames",
  run(random, note) {
    const bytes = random.chance(3) ? randomBytes(random, 400) : someFrames(random);
    note(bytes.toHex());
    const whole = hear(bytes, () => bytes.length, 1 << 16);
    const cut = hear(bytes, () => 1 + random.below(60), 2 + random.below(400));
    assertEquals(cut.events, whole.events, "cut into other chunks");
    // A message that is against the protocol ends the connection; how much of it has been handed on by then is open.
    if (whole.events.some((event) => event.startsWith("fault"))) {
      assert(isPrefix(whole.lines, cut.lines), "other lines");
    } else assertEquals(cut.lines, whole.lines, "cut into other chunks");
    for (const line of whole.lines.split("\r\n")) {
      assert(line.length <= MAX_MESSAGE_BYTES, `${line.length} bytes in a line`);
    }
  },
};

function isPrefix(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

function someFrames(random: Random): Uint8Array<ArrayBuffer> {
  const frames = Array.from({ length: 1 + random.below(6) }, () => {
    const payload = random.chance(3)
      ? randomBytes(random, 200)
      : encodeUtf8(random.text("ab ü🍵\r\n:", 0, 200));
    const opcode = random.pick([0, 1, 1, 2, 8, 9, 10, 3]);
    return clientFrame(payload, { opcode, final: !random.chance(3), masked: !random.chance(20) });
  });
  const bytes = concatBytes(frames);
  return random.chance(2) ? bytes : damaged(bytes, random).bytes;
}

/** What comes out until the first event that ends the connection. */
function hear(bytes: Uint8Array, size: () => number, channel: number): { lines: string; events: string[] } {
  const reader = new FrameReader();
  const out = new Uint8Array(channel);
  const parts: Uint8Array[] = [];
  const events: string[] = [];
  let raw: Uint8Array = new Uint8Array(0);
  for (let at = 0; at < bytes.length;) {
    const end = at + size();
    raw = concatBytes([raw, bytes.subarray(at, end)]);
    at = end;
    for (let more = true; more;) {
      const event = reader.read(raw, out);
      assert(reader.used <= raw.length && reader.filled <= channel, "more than there is");
      more = event?.kind === "ping" || event === undefined && (reader.filled > 0 || reader.used > 0);
      raw = raw.slice(reader.used);
      if (reader.filled > 0) parts.push(out.slice(0, reader.filled));
      if (event !== undefined) {
        events.push(event.kind === "ping" ? `ping ${event.payload.toHex()}` : `${event.kind} ${event.code}`);
      }
      if (event !== undefined && event.kind !== "ping") at = Infinity;
    }
    assert(raw.length < MIN_RAW_BYTES || at === Infinity, `${raw.length} bytes are held`);
  }
  const lines = new TextDecoder("latin1").decode(concatBytes(parts));
  // What a connection ends in the middle of is no line, however much of it has come.
  return { lines: /^(?:.*\r\n)?/s.exec(lines)![0], events };
}

export const HEADS: Target = {
  name: "heads",
  run(random, note) {
    const good = encodeUtf8(handshake({ Cookie: random.text("ab=; ", 0, 200) }));
    const bytes = random.chance(4) ? randomBytes(random, 300) : damaged(good, random).bytes;
    note(JSON.stringify(new TextDecoder("latin1").decode(bytes)));
    const whole = parseHead(bytes);
    const cut = parseHead(bytes.slice(0, random.below(bytes.length + 1)));
    if (cut.kind === "ok") assertEquals(whole, cut, "what follows a head changes it");
    if (cut.kind === "bad") assertEquals(whole.kind, "bad", "what follows mends a head");
    if (whole.kind === "ok") assert(whole.length <= bytes.length, "longer than it is");
  },
};
