/** The hub's end of a relay: what a front may send, and one that does not read. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { SocketPollBudget } from "../../lib/base/event_loop.ts";
import type { LineHandler, OutputConn } from "../../lib/net/line_conn.ts";
import { FrameConn } from "../../lib/net/frame_conn.ts";
import { pipeConns } from "../../lib/net/pipe_conn.ts";
import { SEND_QUEUE_MAX_BYTES } from "../../lib/net/send_queue.ts";
import { decodeDown } from "../../lib/relay/downward.ts";
import { MAX_FRAME_BYTES } from "../../lib/relay/frame.ts";
import { isOfTurn, TurnReader } from "../../lib/relay/turn.ts";
import { encodeUp, MAX_RELAYED_STATE_BYTES, MAX_UP_FRAME_BYTES } from "../../lib/relay/upward.ts";
import type { UpFrame } from "../../lib/relay/upward.ts";
import { FRONT_TIMEOUT_MS, FrontLink, MAX_RELAY_QUEUE_BYTES } from "../../lib/server/relay/front_link.ts";
import { MAX_PRESENTED_BYTES } from "../../lib/server/relay/presentation_reader.ts";
import type { PresentedSession } from "../../lib/hub/handover/presentation.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import type { RelayHost } from "../../lib/server/relay/relay_ports.ts";
import { comesTrue, inTime } from "../support/guard.ts";

const OPEN = { kind: "open", session: 1, host: "h", endpoint: "", secure: false, mayBeCheck: false } as const;

/** The turn that runs. */
const TURN = 3;

/** A link with a server that writes down what it is told; `front`: the other end. */
function makeLink(queueBytes = MAX_RELAY_QUEUE_BYTES, isReturning = false) {
  const [hubEnd, frontEnd] = pipeConns();
  const told: string[] = [];
  const conns: OutputConn[] = [];
  const presented: PresentedSession[] = [];
  let held: Promise<void> | undefined;
  const host: RelayHost = {
    polls: new SocketPollBudget(),
    turn: TURN,
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
    nextSessionId: () => 1,
    restore: () => Promise.resolve(),
    acceptTunnel() {},
    countRefused: (why) => void told.push(`refused: ${why}`),
    countSlowClient: () => void told.push("slow"),
    reportForwardingHeader: (header) => void told.push(header),
  };
  const link = new FrontLink({
    index: 0,
    name: "f0",
    isReturning,
    onPresented: ({ sessions }) => presented.push(...sessions),
    conn: new FrameConn(hubEnd, MAX_UP_FRAME_BYTES, queueBytes),
    host,
    onFrame: ({ kind }) => void told.push(kind),
  });
  const front = new FrameConn(frontEnd, MAX_FRAME_BYTES, MAX_RELAY_QUEUE_BYTES);
  return {
    link,
    front,
    told,
    conns,
    presented,
    hold: (until: Promise<void>) => held = until,
    ended: link.serve(),
  };
}

/** The next frame that the front gets, or the next turn: who gets what, and who ends. */
async function nextFrame(front: FrameConn): Promise<unknown> {
  const turns = new TurnReader();
  for (;;) {
    const frame = await inTime("a frame", front.read());
    assert(frame !== undefined, "the relay is open");
    if (!isOfTurn(frame)) return decodeDown(frame);
    const turn = turns.take(frame);
    if (turn === undefined) continue;
    const { states: _, deliveries, ...end } = turn;
    return { ...end, to: deliveries.map(({ sessions }) => sessions) };
  }
}

Deno.test("front link: a front is told when the lines of a read are handled", async () => {
  const { link, front, told, hold, ended } = makeLink();
  const handled = Promise.withResolvers<void>();
  hold(handled.promise);
  front.send([
    encodeUp(OPEN),
    encodeUp({ kind: "lines", session: 1, first: 1, bytes: 9, frames: 0, lines: ["A", "B"] }),
    encodeUp({ kind: "closed", session: 1, reason: "gone", isSlow: true }),
  ]);
  const answer = nextFrame(front);
  await comesTrue("told", () => told.length >= 3);
  assertEquals(told, ["A", "B", "slow"], "the end is told after the lines");
  handled.resolve();
  front.send([
    encodeUp({ ...OPEN, session: 2 }),
    encodeUp({ kind: "lines", session: 2, first: 1, bytes: 2, frames: 0, lines: [] }),
  ]);
  assertEquals(await answer, { kind: "ready", sessions: [2] });
  assertEquals(told, ["A", "B", "slow", "closed: gone"]);
  link.close();
  assertEquals(await ended, undefined);
});

Deno.test("front link: what the protocol does not allow closes the relay, and its sessions end", async () => {
  const cases: [Uint8Array[], string][] = [
    [[encodeUp(OPEN), encodeUp(OPEN)], "session 1 is opened twice"],
    [[
      encodeUp(OPEN),
      encodeUp({ kind: "lines", session: 1, first: 2, bytes: 1, frames: 0, lines: ["B"] }),
    ], "session 1 goes on with line 2 in place of 1"],
    [
      [encodeUp({ kind: "presented", deliveredSeq: 1, listeners: "[]" })],
      "the front presents its sessions twice",
    ],
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
    encodeUp({ kind: "lines", session: 1, first: 1, bytes: 1, frames: 0, lines: ["LATE"] }),
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
  link.noteAnswered(1, 4);
  link.flush(7, TURN);
  assertEquals(await nextFrame(front), {
    seq: 7,
    to: [[1, 2]],
    ended: [{ session: 2, atOnce: false }],
    answered: [[1, 4]],
    gone: [],
  });
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
  link.flush(1, TURN);
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
    link.flush(1, TURN);
  }
  assertEquals(told, ["closed: Connection reset"]);
  await ended;
});

const PRESENT = {
  kind: "present",
  session: 3,
  endReason: undefined,
  state: Uint8Array.of(1, 2),
  stateSeq: 5,
  answered: 2,
  tries: 1,
  lines: ["A", "B"],
} as const;
const PRESENTED = { kind: "presented", deliveredSeq: 9, listeners: "[]" } as const;

Deno.test("front link: the hub restores when the front has counted it, is gone, or does not answer", async () => {
  const { link, front } = makeLink(undefined, true);
  let isCounted = false;
  const counted = link.beginRestoring().then(() => isCounted = true);
  assertEquals(await nextFrame(front), { kind: "restoring" });
  assertEquals(isCounted, false);
  front.send([encodeUp({ kind: "counted" })]);
  await inTime("the answer", counted);
  link.close();
  await inTime("nothing is waited for", link.beginRestoring());

  const gone = makeLink(undefined, true);
  const restoring = gone.link.beginRestoring();
  gone.front.close();
  await inTime("the end of the front", restoring);

  const silent = makeLink(undefined, true);
  await inTime("its patience", silent.link.beginRestoring());
  silent.link.close();
});

Deno.test("front link: a front that presents sessions gets nothing before they are restored, and then the rest", async () => {
  const { link, front, told, conns, presented, ended } = makeLink(undefined, true);
  front.send([
    encodeUp(PRESENT),
    encodeUp({ ...PRESENT, session: 4, endReason: "Connection closed", lines: [] }),
    encodeUp({ ...PRESENT, session: 6 }),
    encodeUp(PRESENTED),
  ]);
  await comesTrue("all are presented", () => presented.length === 3);
  const [first, left] = presented;
  assertEquals([first!.front, first!.session, first!.deliveredSeq, first!.lines[1]], [
    "f0",
    3,
    9,
    { number: 4, line: "B" },
  ]);
  assertEquals([first!.endReason, left!.endReason], [undefined, "Connection closed"]);
  // A position now would say that its clients have all before it.
  link.flush(12, TURN);
  assertEquals(link.isBehind(12), false);
  const session = {} as Session;
  const handled: string[] = [];
  link.resume([
    { kind: "restored", presented: presented[0]!, session, lines: [{ number: 4, line: "B" }] },
    { kind: "restored", presented: presented[1]!, session, lines: [] },
    { kind: "refused", presented: presented[2]!, why: "no" },
  ], (_session, conn) => {
    conns.push(conn);
    const nth = conns.length;
    return {
      handleLines: (lines) => void handled.push(`${nth}: ${lines}`),
      handleClosed: (reason) => void handled.push(`${nth}: ${reason}`),
    };
  });
  link.noteClosed(4);
  link.flush(11, TURN - 1); // an earlier turn that had to wait until it was on disk
  link.flush(12, TURN);
  front.send([encodeUp({ kind: "lines", session: 3, first: 5, bytes: 1, frames: 0, lines: ["C"] })]);
  assertEquals(await nextFrame(front), { kind: "refuse", session: 6, text: "ERROR :Closing Link: no\r\n" });
  assertEquals(await nextFrame(front), { kind: "resumed" });
  assertEquals(await nextFrame(front), { seq: 12, to: [], ended: [], answered: [], gone: [4] });
  assertEquals(await nextFrame(front), { kind: "ready", sessions: [3, 4] });
  await comesTrue("the next line", () => handled.length === 3);
  assertEquals(handled, ["1: B", "2: Connection closed", "1: C"]);
  assertEquals(told, []);
  link.close();
  await ended;
});

Deno.test("front link: what a front may not present closes the relay", async () => {
  const bytes = new Uint8Array(MAX_UP_FRAME_BYTES / 2 + 1);
  const cases: [UpFrame[], string][] = [
    [[PRESENT, PRESENT], "session 3 is presented twice"],
    [[PRESENT, { ...PRESENT, session: 2 }], "session 2 is presented twice"],
    [[PRESENTED, PRESENT], "the front presents a session too late"],
    [[PRESENTED, PRESENTED], "the front presents its sessions twice"],
    [[{ ...PRESENT, state: bytes }], "a state is too large"],
  ];
  for (const [frames, why] of cases) {
    const { front, ended } = makeLink(undefined, true);
    front.send(frames.map((frame) => encodeUp(frame)));
    assertEquals(await inTime("the end", ended), why);
  }
});

Deno.test("front link: what a front presents is bounded", async () => {
  const { front, ended } = makeLink(undefined, true);
  const state = new Uint8Array(MAX_RELAYED_STATE_BYTES);
  const why = inTime("the end", ended);
  for (let session = 1; session <= MAX_PRESENTED_BYTES / state.length + 1; session++) {
    front.send([encodeUp({ ...PRESENT, session, state })]);
    await Promise.race([front.queue.flushed(), ended]);
  }
  assertEquals(await why, `the front presents more than ${MAX_PRESENTED_BYTES} bytes`);
});
