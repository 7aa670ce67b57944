/** A client's connection at a front: one read at a time goes to the hub. */
import { assertEquals, assertThrows } from "@std/assert";
import { FrontSession } from "../../lib/front/front_session.ts";
import type { LineConn } from "../../lib/net/line_conn.ts";
import type { UpFrame } from "../../lib/relay/upward.ts";
import { Random } from "../irc/property.ts";
import { RelayFault } from "../../lib/relay/wire.ts";

const STATE = Uint8Array.of(1);
const ORIGIN = { host: "192.0.2.1", endpoint: "tcp:[::1]:6667", secure: false, mayBeCheck: false };

function makeSession(whenWritable?: Promise<void>) {
  const told: UpFrame[] = [];
  const kept: number[] = [];
  const forgotten: number[] = [];
  const host = {
    tell: (frame: UpFrame) => void told.push(frame),
    whenWritable,
    isRelayed: true,
    release() {},
    keepEnded: ({ number }: FrontSession) => void kept.push(number),
    forget: ({ number }: FrontSession) => void forgotten.push(number),
  };
  // The session does not use its connection: the front does.
  const session = new FrontSession(host, {} as LineConn, ORIGIN);
  session.number = 7;
  session.open();
  told.length = 0;
  return { session, host, told, kept, forgotten };
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

Deno.test("front session: its end is told and kept until the hub has carried it out, and presented to the next one", () => {
  const { session, host, told, kept, forgotten } = makeSession();
  session.keep(STATE, 5);
  void session.handleLines(["A", "QUIT :bye"], 12, 0);
  session.handleClosed("Connection closed");
  assertEquals([kept, forgotten], [[7], []]);
  assertEquals(told.at(-1), { kind: "closed", session: 7, reason: "Connection closed", isSlow: false });
  session.handleAnswered(1);
  host.isRelayed = false;
  for (let hub = 0; hub < 2; hub++) {
    assertEquals(session.loseHub(), "presentable");
    assertEquals(session.present(), {
      kind: "present",
      session: 7,
      endReason: "Connection closed",
      state: STATE,
      stateSeq: 5,
      answered: 1,
      tries: 1,
      lines: ["QUIT :bye"],
    });
  }
  host.isRelayed = true;
  told.length = 0;
  session.resume();
  assertEquals([told, forgotten], [[], []]);
  session.finish();
  assertEquals(forgotten, [7]);
});

Deno.test("front session: what waits for the relay is said before the end", () => {
  const { session, told } = makeSession(new Promise(() => {}));
  void session.handleLines(["A"], 3, 0);
  session.handleClosed("Connection closed");
  assertEquals(told.map(({ kind }) => kind), ["lines", "closed"]);
});

Deno.test("front session: a hub counts if it began to restore the session or was sent lines, and did not answer", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = new Random(seed);
    const { session, host, told } = makeSession();
    session.keep(STATE, 5);
    let [tries, waiting] = [0, 0];
    const say = () => {
      void session.handleLines(["A"], 3, 0);
      waiting++;
    };
    if (random.chance(2)) say();
    if (waiting > 0) tries++; // it was sent to the first hub
    for (let hub = 0; hub < 12; hub++) {
      host.isRelayed = false;
      assertEquals(session.loseHub(), "presentable");
      if (waiting === 0 && random.chance(3)) say(); // read while there is no hub
      const frame = session.present();
      assertEquals(frame?.kind === "present" && frame.tries, tries, `seed ${seed}, hub ${hub}`);
      if (random.chance(3)) continue; // it ends while it starts
      session.handleRestoring();
      if (random.chance(3)) {
        tries++;
        continue;
      }
      host.isRelayed = true;
      session.resume();
      if (waiting > 0 && random.chance(2)) {
        tries++;
        continue;
      }
      for (const each of told.splice(0)) assertEquals(each.kind, "lines");
      if (waiting > 0) session.handleAnswered(answeredOf(frame) + waiting);
      session.handleReady();
      [tries, waiting] = [0, 0];
      if (!random.chance(2)) continue;
      say();
      tries++;
    }
  }
});

/** The last line that was answered before `frame`. */
function answeredOf(frame: UpFrame | undefined): number {
  return frame?.kind === "present" ? frame.answered : 0;
}
