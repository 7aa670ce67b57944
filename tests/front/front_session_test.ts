/** A client's connection at a front: one read at a time goes to the hub. */
import { assertEquals, assertThrows } from "@std/assert";
import { FrontSession } from "../../lib/front/front_session.ts";
import type { LineConn } from "../../lib/net/line_conn.ts";
import type { UpFrame } from "../../lib/relay/upward.ts";
import { RelayFault } from "../../lib/relay/wire.ts";

const ORIGIN = { host: "192.0.2.1", endpoint: "tcp:[::1]:6667", secure: false, mayBeCheck: false };

function makeSession(whenWritable?: Promise<void>) {
  const told: UpFrame[] = [];
  const forgotten: number[] = [];
  const host = {
    tell: (frame: UpFrame) => void told.push(frame),
    whenWritable,
    isRelayed: true,
    release() {},
    forget: ({ number }: FrontSession) => void forgotten.push(number),
  };
  // The session does not use its connection: the front does.
  const session = new FrontSession(host, {} as LineConn, ORIGIN);
  session.number = 7;
  session.open();
  told.length = 0;
  return { session, host, told, forgotten };
}

/** Whether `promise` has settled. */
async function hasSettled(promise: Promise<void> | undefined): Promise<boolean> {
  let settled = false;
  void promise?.then(() => settled = true);
  for (let n = 0; n < 5; n++) await Promise.resolve();
  return settled;
}

Deno.test("front session: the next read waits until the hub is ready, and lines are numbered from 1", async () => {
  const { session, told } = makeSession();
  const first = session.handleLines(["A", "B"], 6, 1);
  assertEquals(await hasSettled(first), false);
  session.handleAnswered(2);
  assertEquals(await hasSettled(first), false);
  session.handleReady();
  assertEquals(await hasSettled(first), true);
  void session.handleLines([], 3, 0);
  assertEquals(told, [
    { kind: "lines", session: 7, first: 1, bytes: 6, frames: 1, lines: ["A", "B"] },
    { kind: "lines", session: 7, first: 3, bytes: 3, frames: 0, lines: [] },
  ]);
  assertThrows(() => session.handleAnswered(3), RelayFault, "which was not sent");
  session.handleReady();
  assertThrows(() => session.handleReady(), RelayFault, "no lines that could be handled");
});

Deno.test("front session: no lines are sent while the relay takes none", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { session, told } = makeSession(promise);
  const answered = session.handleLines(["A"], 3, 0);
  assertEquals([told.length, await hasSettled(answered)], [0, false]);
  resolve();
  assertEquals(await hasSettled(promise), true);
  assertEquals(told.length, 1);
});

Deno.test("front session: its end is told once, with the first reason; a read that waits is let go", async () => {
  const { session, told, forgotten } = makeSession();
  const answered = session.handleLines(["A"], 3, 0);
  session.end("Send queue exceeded", true);
  session.handleClosed("Connection closed");
  assertEquals(told.slice(1), [{ kind: "closed", session: 7, reason: "Send queue exceeded", isSlow: true }]);
  assertEquals([forgotten, await hasSettled(answered)], [[7], true]);
  assertEquals(session.handleLines(["B"], 3, 0), undefined);
  assertEquals(told.length, 2);
});

Deno.test("front session: after the hub's last word nothing waits for an answer", async () => {
  const { session } = makeSession();
  const answered = session.handleLines(["A"], 3, 0);
  session.finish();
  assertEquals(await hasSettled(answered), true);
});
