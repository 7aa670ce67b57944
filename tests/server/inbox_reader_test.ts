import { assertEquals } from "@std/assert";
import { TokenBucket } from "../../lib/base/token_bucket.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import type { LineHandler } from "../../lib/net/line_conn.ts";
import { RateLimitedConnection } from "../../lib/server/client_connection.ts";
import type { ConnectionHost } from "../../lib/server/client_connection.ts";
import { InboxReader, UNREAD_MAX_BYTES } from "../../lib/server/inbox_reader.ts";
import type { TakeOutcome } from "../../lib/shm/inbox.ts";

/** A reader over a list of records, and what the handlers of its sessions got. */
class TestInbox {
  readonly outcomes: TakeOutcome[] = [];
  readonly got: string[] = [];
  readonly reader: InboxReader;
  /** Runs whenever one is taken. */
  onTake: () => void = () => {};
  #tokens = 0;
  #taken = 0;

  constructor() {
    this.reader = new InboxReader({
      inbox: this,
      random: (bytes) => new Uint8Array(bytes).fill(++this.#tokens),
      onDamage: (bytes) => this.got.push(`damage ${bytes}`),
    });
  }

  get end(): number {
    return this.#taken + this.outcomes.length;
  }

  take(end: number): TakeOutcome {
    if (this.#taken === end) return { kind: "empty" };
    this.onTake();
    this.#taken++;
    return this.outcomes.shift()!;
  }

  session(id: number): LineHandler {
    return this.reader.attach(id, {
      handleLines: (lines, bytes) => {
        this.got.push(
          `${id}: ${lines.map((line) => typeof line === "string" ? line : line.fault).join("|")} ${bytes}`,
        );
        return undefined;
      },
      handleClosed: (reason) => void this.got.push(`${id} ended: ${reason}`),
    });
  }

  put(token: string, text: string | Uint8Array): void {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    this.outcomes.push({ kind: "ok", payload: new Uint8Array([...Uint8Array.fromHex(token), ...bytes]) });
  }

  taken(): string[] {
    return this.got.splice(0);
  }
}

function inboxTest(name: string, fn: (inbox: TestInbox) => void): void {
  Deno.test({ name: `inbox reader: ${name}`, permissions: "none", fn: () => fn(new TestInbox()) });
}

inboxTest(
  "what a session has put comes with the next read of its connection, before the lines of that",
  (inbox) => {
    const alice = inbox.session(1);
    const token = inbox.reader.grant(1);
    assertEquals(inbox.reader.grant(1), token);
    inbox.put(token, "A 1\r\nA 2\r\nA");
    inbox.put(token, " 3\n");
    alice.handleLines(["A 4"], 5, 0);
    alice.handleLines([], 1, 0);
    assertEquals(inbox.taken(), ["1: A 1|A 2|A 3|A 4 19", "1:  1"]);
  },
);

inboxTest("each session gets its own, whichever connection is read first", (inbox) => {
  const [alice, bob] = [inbox.session(1), inbox.session(2)];
  const [tokenA, tokenB] = [inbox.reader.grant(1), inbox.reader.grant(2)];
  inbox.put(tokenA, "A 1\n");
  inbox.put(tokenB, "B 1\n");
  inbox.put(tokenA, "A 2\n");
  bob.handleLines([], 1, 0);
  assertEquals(inbox.taken(), ["2: B 1 5"]);
  alice.handleLines([], 1, 0);
  assertEquals(inbox.taken(), ["1: A 1|A 2 9"]);
});

inboxTest("a session without a token takes nothing, and has the read of its connection alone", (inbox) => {
  const eve = inbox.session(3);
  inbox.put("00".repeat(16), "E\n");
  eve.handleLines(["x"], 2, 0);
  assertEquals([inbox.taken(), inbox.outcomes.length], [["3: x 2"], 1]);
});

inboxTest("records of no session, of one that has ended, and without a whole token are dropped", (inbox) => {
  const [alice, bob] = [inbox.session(1), inbox.session(2)];
  const [tokenA] = [inbox.reader.grant(1), inbox.reader.grant(2)];
  inbox.put(tokenA, "late\n");
  alice.handleClosed("Connection closed");
  inbox.put(tokenA, "later\n");
  inbox.put("ff".repeat(16), "forged\n");
  inbox.put("02", "short\n");
  inbox.put("", "");
  bob.handleLines([], 1, 0);
  assertEquals(inbox.taken(), ["1 ended: Connection closed", "2:  1"]);
  assertEquals(inbox.outcomes.length, 0);
});

inboxTest("lines that are too long or not UTF-8 are faults, as on a connection", (inbox) => {
  const alice = inbox.session(1);
  const token = inbox.reader.grant(1);
  inbox.put(token, "x".repeat(600) + "\n");
  inbox.put(token, Uint8Array.of(0xff, 0x0a));
  inbox.put(token, "A\0B\nok\n");
  alice.handleLines([], 1, 0);
  assertEquals(inbox.taken(), ["1: too_long|not_utf8|nul|ok 611"]);
});

inboxTest("a session that puts without a read of its connection loses its token, and its memory", (inbox) => {
  const [alice, bob] = [inbox.session(1), inbox.session(2)];
  const tokenA = inbox.reader.grant(1);
  inbox.reader.grant(2);
  const line = `${"a".repeat(99)}\n`;
  for (let bytes = 0; bytes <= UNREAD_MAX_BYTES; bytes += line.length) inbox.put(tokenA, line);
  bob.handleLines([], 1, 0);
  alice.handleLines(["A"], 2, 0);
  assertEquals(inbox.taken(), ["2:  1", "1: A 2"]);
});

inboxTest("damage is reported, and what comes behind it is read", (inbox) => {
  const alice = inbox.session(1);
  const token = inbox.reader.grant(1);
  inbox.outcomes.push({ kind: "damaged", bytes: 77 });
  inbox.put(token, "A\n");
  alice.handleLines([], 1, 0);
  assertEquals(inbox.taken(), ["damage 77", "1: A 3"]);
});

inboxTest("what is put while the server takes waits for the next read", (inbox) => {
  const alice = inbox.session(1);
  const token = inbox.reader.grant(1);
  let more = 5;
  inbox.onTake = () => more-- > 0 && inbox.put(token, "B\n");
  inbox.put(token, "A 1\n");
  inbox.put(token, "A 2\n");
  alice.handleLines([], 1, 0);
  alice.handleLines([], 1, 0);
  assertEquals(inbox.taken(), ["1: A 1|A 2 9", "1: B|B 5"]);
});

Deno.test({
  name: "inbox reader: lines of the inbox cost the same tokens as lines of the connection",
  permissions: "none",
  async fn() {
    const inbox = new TestInbox();
    const handled: string[] = [];
    const enqueueLines = (_: Session, lines: readonly string[]) =>
      Promise.resolve(void handled.push(...lines));
    const host = { turnQueue: { enqueueLines }, handleClosed() {} } as unknown as ConnectionHost;
    const session = { phase: { kind: "registered" } } as unknown as { closeReason?: string } & Session;
    const rate = { count: 5, ms: 1000 };
    const clock = { now: () => 0 };
    const limits = { rate, clock, address: new TokenBucket({ count: 1000, ms: 1000 }, 0), onClosed() {} };
    const alice = inbox.reader.attach(1, new RateLimitedConnection(host, session, limits));
    inbox.put(inbox.reader.grant(1), Array.from({ length: 9 }, (_, nth) => `L ${nth}\n`).join(""));
    const rest = alice.handleLines(["over the connection"], 20, 0);
    assertEquals(handled, ["L 0", "L 1", "L 2", "L 3", "L 4"]);
    Object.assign(session, { closeReason: "gone" });
    await rest;
    assertEquals(handled.length, 5);
  },
});
