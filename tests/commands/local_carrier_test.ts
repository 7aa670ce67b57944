/** `send --local` without processes: what is written, and which record is an acknowledgement. */
import { assertEquals, assertRejects } from "@std/assert";
import { InboxConn } from "../../commands/send/inbox_conn.ts";
import { LocalCarrier, type LocalServer } from "../../commands/send/local_carrier.ts";
import { describeSubmissionFailure } from "../../commands/send/submission_text.ts";
import type { SubmissionContext } from "../../commands/send/submission_text.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import type { Conn } from "../../lib/net/conn.ts";
import type { PutOutcome } from "../../lib/shm/inbox.ts";
import type { Libc } from "../../lib/shm/libc.ts";
import { comesTrue } from "../support/guard.ts";

const TOKEN = "0a".repeat(16);

class TestConn implements Conn {
  readonly written: string[] = [];

  read(): Promise<null> {
    return Promise.resolve(null);
  }

  write(bytes: Uint8Array): Promise<number> {
    this.written.push(new TextDecoder().decode(bytes));
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}
}

/** An inbox that gives `outcomes`, and then takes what comes; without the tokens. */
function testWriter(...outcomes: PutOutcome[]): { put: string[]; tryPut(record: Uint8Array): PutOutcome } {
  const put: string[] = [];
  return {
    put,
    tryPut(record) {
      const outcome = outcomes.shift() ?? "put";
      if (outcome === "put") put.push(new TextDecoder().decode(record.subarray(16)));
      return outcome;
    },
  };
}

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("inbox connection: from its token on it writes to the inbox, and an empty line to the server", async () => {
  const conn = new TestConn();
  const writer = testWriter("busy", "full", "busy");
  const local = new InboxConn(conn);
  await local.write(encode("NICK bob\r\n"));
  local.useInbox(writer, Uint8Array.fromHex(TOKEN));
  assertEquals(await local.write(encode("PRIVMSG #tea :hi\r\n")), 18);
  const long = "x".repeat(40_000);
  assertEquals(await local.write(encode(long)), long.length);
  assertEquals(
    conn.written,
    ["NICK bob\r\n", "\n", "\n", "\n", "\n", "\n"],
    "one for each, and one where it is full",
  );
  assertEquals([writer.put[0], writer.put.slice(1).join("")], ["PRIVMSG #tea :hi\r\n", long]);
});

Deno.test("inbox connection: where the inbox is full of records of others, it wakes the server until there is room", async () => {
  const conn = new TestConn();
  const local = new InboxConn(conn);
  const put: Uint8Array[] = [];
  const tryPut = (record: Uint8Array): PutOutcome => {
    if (conn.written.length === 0) return "full";
    put.push(record);
    return "put";
  };
  local.useInbox({ tryPut }, Uint8Array.fromHex(TOKEN));
  const written = local.write(encode("x")).catch(() => 0);
  await comesTrue("the server is woken", () => conn.written.length > 0);
  assertEquals([await written, put.length], [1, 1]);
});

Deno.test("inbox connection: it waits for a full inbox until it is closed; one that is lost breaks it", async () => {
  const full = new InboxConn(new TestConn());
  full.useInbox({ tryPut: () => "full" }, Uint8Array.fromHex(TOKEN));
  const waiting = assertRejects(() => full.write(encode("x")), Deno.errors.Interrupted);
  full.close();
  await waiting;
  const lost = new InboxConn(new TestConn());
  lost.useInbox({ tryPut: () => "lost" }, Uint8Array.fromHex(TOKEN));
  await assertRejects(() => lost.write(encode("x")), Error, "takes nothing more");
  assertEquals([full.isBroken, lost.isBroken], [false, true]);
});

function say(ring: Ring, nick: string, id: string | undefined, name = "#tea"): number {
  const scratch = new Uint8Array(1024);
  const target = { kind: "channel", name } as const;
  const event = { kind: "message", verb: "PRIVMSG", source: `${nick}!b@h`, tags: "", from: "o" } as const;
  return ring.append(1000, scratch, encodeEvent({ ...event, id, target, text: "hi" }, scratch));
}

/** A link whose server gives the token, and answers nothing else; `always`: with `--sync always`. */
function testLink(always: boolean): Link {
  const lines = [{ command: "INBOX", params: [TOKEN, "log1"] }];
  const session = { capValue: () => always ? "always" : "", caps: { has: () => true }, isupport: new Map() };
  return {
    isAlive: true,
    nick: "bob",
    session,
    request: () => Promise.resolve({ kind: "answered", lines }),
  } as unknown as Link;
}

function makeCarrier(server: LocalServer, target: string): LocalCarrier {
  return new LocalCarrier({} as Libc, "/none", target, server);
}

async function carry(target: string, always = false): Promise<{ ring: Ring; carrier: LocalCarrier }> {
  const ring = Ring.create(RING_MIN_BYTES);
  say(ring, "bob", "a"); // before: not seen
  const log = { ring, logId: "log1", isRunning: () => true };
  const carrier = makeCarrier({ log, writer: testWriter() } as unknown as LocalServer, target);
  carrier.wrap(new TestConn());
  assertEquals(await carrier.begin(testLink(always), 1000), undefined);
  return { ring, carrier };
}

Deno.test("local carrier: the record of the message with its id, its sender and its room acknowledges it", async () => {
  const { ring, carrier } = await carry("#tea");
  const found = carrier.accepted("a");
  for (const [nick, id, room] of [["al", "a", "#tea"], ["bob", "b", "#tea"], ["bob", "a", "#ops"]] as const) {
    say(ring, nick, id, room);
  }
  say(ring, "bob", undefined);
  const seq = say(ring, "Bob", "a", "#Tea");
  assertEquals(await found, { id: `${seq.toString(36)}-log1`, seq, time: 1000, queued: false });
});

Deno.test("local carrier: a server without an inbox, another server, and one that does not answer are told from each other", async () => {
  const log = { ring: Ring.create(RING_MIN_BYTES), logId: "log1", isRunning: () => true };
  const carrier = makeCarrier({ log, writer: testWriter() } as unknown as LocalServer, "#tea");
  const link = testLink(false);
  const fail = { command: "FAIL", params: ["INBOX", "NO_INBOX", "none"] };
  const answer = (outcome: object) =>
    ({ ...link, request: () => Promise.resolve(outcome) }) as unknown as Link;
  const other = { command: "INBOX", params: [TOKEN, "log2"] };
  for (const line of [fail, other, { ...other, params: [TOKEN] }]) {
    const fault = await carrier.begin(answer({ kind: "answered", lines: [line] }), 1);
    assertEquals(fault?.kind === "unusable_carrier" && fault.why, "other_server");
  }
  assertEquals(await carrier.begin(answer({ kind: "timed_out" }), 1), { kind: "timed_out" });
});

Deno.test("local carrier: with --sync always it counts when it is on disk; a direct message never", async () => {
  const { ring, carrier } = await carry("#tea", true);
  let isFound = false;
  void carrier.accepted("a").then(() => isFound = true);
  say(ring, "bob", "a");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(isFound, false);
  ring.markDurable(ring.nextSeq, ring.position);
  await comesTrue("the acknowledgement", () => isFound);
  const direct = await carry("al");
  void direct.carrier.accepted("a").then(() => isFound = false);
  say(direct.ring, "bob", "a", "al");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(isFound, true);
});

Deno.test("local carrier: an inbox that takes nothing more is 74, with one advice", async () => {
  const { carrier } = await carry("#tea");
  assertEquals(carrier.fault, undefined);
  const conn = carrier.wrap(new TestConn()) as InboxConn;
  conn.useInbox(testWriter("lost"), Uint8Array.fromHex(TOKEN));
  await assertRejects(() => conn.write(encode("x")));
  const why = carrier.fault!;
  const context = { access: {} as SubmissionContext["access"], target: "#tea", id: "k", timeoutMs: 1 };
  const report = describeSubmissionFailure({ kind: "unclear", why, safe: true }, context, "");
  assertEquals(report, {
    code: 74,
    text:
      "the server's inbox cannot be used until the server is restarted; omit --local and try again with --id k",
  });
});
