/** The hub's end of a relay: what a front may send, and one that does not read. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { SocketPollBudget } from "../../lib/base/event_loop.ts";
import type { LineHandler, OutputConn } from "../../lib/net/line_conn.ts";
import { FrameConn } from "../../lib/net/frame_conn.ts";
import { pipeConns } from "../../lib/net/pipe_conn.ts";
import { SEND_QUEUE_MAX_BYTES } from "../../lib/net/send_queue.ts";
import { decodeDeliveries } from "../../lib/relay/delivery_batch.ts";
import { decodeDown, hasDeliveries } from "../../lib/relay/downward.ts";
import { MAX_FRAME_BYTES } from "../../lib/relay/frame.ts";
import { encodeUp, MAX_UP_FRAME_BYTES } from "../../lib/relay/upward.ts";
import { FRONT_TIMEOUT_MS, FrontLink, MAX_RELAY_QUEUE_BYTES } from "../../lib/server/relay/front_link.ts";
import type { RelayHost } from "../../lib/server/relay/relay_ports.ts";
import { comesTrue, inTime } from "../support/guard.ts";

const OPEN = { kind: "open", session: 1, host: "h", endpoint: "", secure: false, mayBeCheck: false } as const;

/** A link with a server that writes down what it is told; `front`: the other end. */
function makeLink(queueBytes = MAX_RELAY_QUEUE_BYTES) {
  const [hubEnd, frontEnd] = pipeConns();
  const told: string[] = [];
  const conns: OutputConn[] = [];
  let held: Promise<void> | undefined;
  const host: RelayHost = {
    polls: new SocketPollBudget(),
    attachRelayed(conn): LineHandler {
      conns.push(conn);
      return {
        handleLines(lines) {
          told.push(...lines.map(String));
          return held;
        },
        handleClosed: (reason) => void told.push(`closed: ${reason}`),
      };
    },
    acceptTunnel() {},
    countRefused: (why) => void told.push(`refused: ${why}`),
    countSlowClient: () => void told.push("slow"),
    reportForwardingHeader: (header) => void told.push(header),
  };
  const link = new FrontLink({
    index: 0,
    conn: new FrameConn(hubEnd, MAX_UP_FRAME_BYTES, queueBytes),
    host,
    onFrame: ({ kind }) => void told.push(kind),
  });
  const front = new FrameConn(frontEnd, MAX_FRAME_BYTES, MAX_RELAY_QUEUE_BYTES);
  return { link, front, told, conns, hold: (until: Promise<void>) => held = until, ended: link.serve() };
}

/** The kind of the next frame that the front gets, and what it is for. */
async function nextFrame(front: FrameConn): Promise<unknown> {
  const frame = await inTime("a frame", front.read());
  assert(frame !== undefined, "the relay is open");
  return hasDeliveries(frame) ? decodeDeliveries(frame).map(({ sessions }) => sessions) : decodeDown(frame);
}

Deno.test("front link: the lines of a read are answered when they are handled", async () => {
  const { link, front, told, hold, ended } = makeLink();
  const handled = Promise.withResolvers<void>();
  hold(handled.promise);
  front.send([
    encodeUp(OPEN),
    encodeUp({ kind: "lines", session: 1, first: 0, bytes: 9, frames: 0, lines: ["A", "B"] }),
    encodeUp({ kind: "closed", session: 1, reason: "gone", isSlow: true }),
  ]);
  const answer = nextFrame(front);
  await comesTrue("told", () => told.length >= 3);
  assertEquals(told, ["A", "B", "slow"], "the end is told after the lines");
  handled.resolve();
  front.send([
    encodeUp({ ...OPEN, session: 2 }),
    encodeUp({ kind: "lines", session: 2, first: 5, bytes: 2, frames: 0, lines: [] }),
  ]);
  assertEquals(await answer, { kind: "answered", numbers: [[2, 5]] });
  assertEquals(told, ["A", "B", "slow", "closed: gone"]);
  link.close();
  assertEquals(await ended, undefined);
});

Deno.test("front link: what the protocol does not allow closes the relay, and its sessions end", async () => {
  const cases: [Uint8Array[], string][] = [
    [[encodeUp(OPEN), encodeUp(OPEN)], "session 1 is opened twice"],
    [[encodeUp({ kind: "closed", session: 4, reason: "", isSlow: false })], "session 4 is not open"],
    [[Uint8Array.of(0, 0, 0, 1, 99)], "a front sent a frame of an unknown kind"],
    [[Uint8Array.of(255, 0, 0, 0)], `a frame of ${0xff000000} bytes is larger than ${MAX_UP_FRAME_BYTES}`],
  ];
  for (const [frames, why] of cases) {
    const { front, told, ended } = makeLink();
    front.send([encodeUp({ ...OPEN, session: 0 + 1 }), ...frames.slice(frames.length > 1 ? 1 : 0)]);
    assertEquals(await inTime("the end", ended), why);
    assertEquals(told, ["closed: Connection reset"]);
    assertEquals(await front.read(), undefined);
  }
});

Deno.test("front link: a session that has ended here may still be heard of", async () => {
  const { link, front, told, conns, ended } = makeLink();
  front.send([encodeUp(OPEN)]);
  await comesTrue("conns", () => conns.length > 0);
  conns[0]!.destroy();
  front.send([
    encodeUp({ kind: "lines", session: 1, first: 0, bytes: 1, frames: 0, lines: ["LATE"] }),
    encodeUp({ kind: "closed", session: 1, reason: "gone", isSlow: false }),
    encodeUp({ kind: "trouble", why: "-" }),
  ]);
  assertEquals(await nextFrame(front), { kind: "close", session: 1, atOnce: true });
  await comesTrue("told", () => told.length >= 2);
  assertEquals(told, ["closed: Connection closed", "trouble"]);
  link.close();
  await ended;
});

Deno.test("front link: output and the end of a session come in order", async () => {
  const { link, front, conns, ended } = makeLink();
  front.send([encodeUp(OPEN), encodeUp({ ...OPEN, session: 2 })]);
  await comesTrue("conns", () => conns.length >= 2);
  const shared = new Uint8Array(10);
  assertEquals([conns[0]!.send([shared]), conns[1]!.send([shared])], [true, true]);
  void conns[1]!.end();
  link.flush();
  assertEquals(await nextFrame(front), [[1, 2]]);
  assertEquals(await nextFrame(front), { kind: "close", session: 2, atOnce: false });
  assertEquals(conns[0]!.send([new Uint8Array(SEND_QUEUE_MAX_BYTES + 1)]), false);
  link.close();
  await ended;
});

Deno.test("front link: a front that does not read holds up a turn for a bounded time, and is cut off", async () => {
  const { link, front, conns, told, ended } = makeLink();
  front.send([encodeUp(OPEN)]);
  await comesTrue("conns", () => conns.length > 0);
  assertEquals(link.whenDrained, undefined);
  conns[0]!.send([new Uint8Array(2 * 1024 * 1024)]);
  link.flush();
  await inTime("the patience of the hub", link.whenDrained!);
  assertEquals(link.whenDrained, undefined, "the others are not held up by it");
  link.tick(0);
  link.tick(FRONT_TIMEOUT_MS - 1);
  assertEquals(told, []);
  link.tick(FRONT_TIMEOUT_MS);
  assertEquals(told, ["closed: Connection reset"]);
  await ended;
});

Deno.test("front link: more than the bound of a front's queue cuts it off", async () => {
  const { link, front, conns, told, ended } = makeLink(3 * 1024 * 1024);
  front.send([encodeUp(OPEN)]);
  await comesTrue("conns", () => conns.length > 0);
  for (let n = 0; n < 2; n++) {
    conns[0]!.send([new Uint8Array(2 * 1024 * 1024)]);
    link.flush();
  }
  assertEquals(told, ["closed: Connection reset"]);
  await ended;
});
