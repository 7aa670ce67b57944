import { assertEquals } from "@std/assert";
import type { Credentials } from "../../lib/client/session/credentials.ts";
import type { Rejection } from "../../lib/client/sending/delivery.ts";
import type { OutboxStore } from "../../lib/client/sending/outbox_store.ts";
import type { UnsentMessage } from "../../lib/client/conversation/unsent_message.ts";
import { openOutbox } from "../../lib/client/sending/outbox_store.ts";
import { Submission } from "../../lib/client/sending/submission.ts";
import type { SubmissionOptions } from "../../lib/client/sending/submission.ts";
import type { SubmissionOutcome } from "../../lib/client/sending/submission_outcome.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { fakeServerTest, OUR_CAPS } from "./fake_server.ts";
import type { FakeServer, Peer, Script } from "./fake_server.ts";

const RECEIPT_CAPS = [...OUR_CAPS, "chatterbox.chat/receipts=200"];
const CLAIM = "k".repeat(43);
const permissions = { net: true, read: true, write: true } as const;

/** A log as our server keeps it: a message of each id is there once. */
class Log {
  readonly texts: string[] = [];
  readonly awaited: string[] = [];
  readonly #ids = new Map<string, number>();
  oldest = 1;

  /** Answers one line as our server does; false: the client has gone. */
  async serve(peer: Peer): Promise<boolean> {
    const line = await peer.next();
    if (line === undefined || line.startsWith("QUIT")) return false;
    const [, tags = "", rest = ""] = /^@(\S+) (.*)$/.exec(line) ?? [];
    const label = /label=([^;]+)/.exec(tags)?.[1];
    const [command, first, second] = rest.split(" ");
    switch (command) {
      case "PRIVMSG": {
        const seq = this.take(rest, /chatterbox\.chat\/id=([^;]+)/.exec(tags)?.[1]);
        await peer.send(`@label=${label};msgid=m${seq};chatterbox.chat/seq=${seq} :alice!a@h ${rest}`);
        return true;
      }
      case "AWAIT":
        this.awaited.push(`${first} ${second}`);
        await peer.send(`@label=${label} ${this.judge(first!, Number(second!.slice(1)))}`);
        return true;
      case "SERVERSTATS":
        await peer.send(
          `@label=${label} :fake BATCH +x labeled-response`,
          `@batch=x :fake SERVERSTATS oldest :${this.oldest}`,
          "@batch=x :fake SERVERSTATS *",
          ":fake BATCH -x",
        );
        return true;
      default:
        throw new Error(`unexpected: ${line}`);
    }
  }

  async serveAll(peer: Peer): Promise<void> {
    while (await this.serve(peer));
  }

  /** The sequence number of what is stored. */
  take(line: string, id: string | undefined): number {
    const there = id === undefined ? undefined : this.#ids.get(id);
    if (there !== undefined) return there;
    const seq = this.texts.push(line);
    if (id !== undefined) this.#ids.set(id, seq);
    return seq;
  }

  /** A crash: what came after the first `count` is lost. */
  lose(count: number): void {
    for (const [id, seq] of this.#ids) if (seq > count) this.#ids.delete(id);
    for (let seq = count; seq < this.texts.length; seq++) this.texts[seq] = "(lost)";
  }

  judge(what: string, seq: number): string {
    return this.texts[seq - 1] === "(lost)"
      ? `:fake FAIL AWAIT NO_SUCH_MESSAGE m${seq} :The log does not hold this message`
      : `:fake AWAIT ${what} m${seq}`;
  }
}

interface Told {
  readonly submission: Submission;
  readonly outcome: SubmissionOutcome;
  readonly events: unknown[];
  readonly slept: number[];
}

/** A submission with a clock that only moves while it sleeps. */
async function submit(server: FakeServer, options: Partial<SubmissionOptions> = {}): Promise<Told> {
  let now = 1_000_000;
  const slept: number[] = [];
  const events: unknown[] = [];
  const submission = new Submission({
    address: server.address,
    registration: { nick: "alice", claimKey: CLAIM },
    target: "bob",
    text: "one\ntwo\nthree",
    id: "k",
    wait: undefined,
    timeoutMs: 5000,
    retryMs: 60_000,
    outbox: undefined,
    clock: { now: () => now },
    signal: new AbortController().signal,
    on: {
      onRetry: (why) => events.push(["retry", why.kind]),
      onAway: (text) => events.push(["away", text]),
      onFlushed: (count) => events.push(["flushed", count]),
      onRejected: ({ id }: UnsentMessage, { kind }: Rejection) => events.push(["rejected", id, kind]),
      onUnclear: ({ id }: UnsentMessage) => events.push(["unclear", id]),
      onOutboxFailed: () => events.push(["outbox failed"]),
    },
    sleep: (ms) => {
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
    random: () => 0,
    ...options,
  });
  return { submission, outcome: await server.run(submission.run()), events, slept };
}

function submissionTest(name: string, script: Script, fn: (server: FakeServer) => Promise<void>): void {
  fakeServerTest(name, script, fn, { permissions });
}

/** Serves `log` to the end, to whoever comes. */
function serve(log: Log, caps: readonly string[] = RECEIPT_CAPS): Script {
  return async (peer) => {
    await peer.welcome(caps);
    await log.serveAll(peer);
  };
}

const ALL = ["PRIVMSG bob one", "PRIVMSG bob two", "PRIVMSG bob three"];

{
  const log = new Log();
  submissionTest("the first piece has the id, the others the id and their number", async (peer) => {
    await peer.welcome(RECEIPT_CAPS);
    await log.serveAll(peer);
    assertEquals(
      peer.heard.flatMap((line) => /chatterbox\.chat\/id=(\S+) PRIVMSG/.exec(line)?.[1] ?? []),
      ["k~BYBT2HyB", "k~BYBT2HyB.1", "k~BYBT2HyB.2"],
    );
  }, async (server) => {
    const { outcome, submission, events } = await submit(server);
    assertEquals([outcome, submission.wait, events], [{ kind: "done" }, "accepted", []]);
    assertEquals(submission.accepted[2], {
      id: "m3",
      seq: 3,
      time: undefined,
      queued: false,
      durable: null,
      delivered: null,
      read: null,
    });
    assertEquals([log.texts, log.awaited], [ALL, []]);
  });
}

{
  const log = new Log();
  submissionTest(
    "durable, read: the last piece is asked for; delivered: each",
    serve(log),
    async (server) => {
      const durable = await submit(server, { wait: "durable" });
      assertEquals(durable.outcome, { kind: "done" });
      assertEquals(log.awaited.splice(0), ["durable m3"]);
      assertEquals(durable.submission.accepted.map(({ durable }) => durable), [true, true, true]);
      const delivered = await submit(server, { wait: "delivered" });
      assertEquals(delivered.outcome, { kind: "done" });
      assertEquals(log.awaited.splice(0), ["delivered m1", "delivered m2", "delivered m3"]);
      assertEquals(delivered.submission.accepted.map(({ delivered }) => delivered), [true, true, true]);
      const read = await submit(server, { wait: "read" });
      assertEquals([read.outcome, log.awaited], [{ kind: "done" }, ["read m3"]]);
      assertEquals(read.submission.accepted.map(({ read }) => read), [true, true, true]);
      assertEquals(log.texts, ALL);
    },
  );
}

{
  const log = new Log();
  const caps = [...OUR_CAPS, "chatterbox.chat/receipts=always"];
  submissionTest("a server that saves first is asked whether it has", serve(log, caps), async (server) => {
    assertEquals((await submit(server)).submission.wait, "durable");
    assertEquals(log.awaited.splice(0), ["durable m3"]);
    assertEquals((await submit(server, { wait: "accepted" })).submission.wait, "accepted");
    assertEquals(log.awaited, []);
  });
}

submissionTest("where nothing can be awaited nothing is sent", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.gone();
  assertEquals(peer.heard.filter((line) => line.includes("PRIVMSG")), []);
}, async (server) => {
  const { outcome, submission } = await submit(server, { wait: "durable" });
  assertEquals([outcome, submission.remainingPieces.length], [{ kind: "no_receipts", wait: "durable" }, 3]);
});

{
  const log = new Log();
  submissionTest(
    "what was lost on its way is sent again under the same ids, what was acknowledged is not",
    async (peer, nth) => {
      await peer.welcome(RECEIPT_CAPS);
      if (nth > 0) {
        await log.serveAll(peer);
        assertEquals(peer.heard.filter((line) => line.includes("PRIVMSG")), [
          "@label=1;chatterbox.chat/id=k~BYBT2HyB.1 PRIVMSG bob two",
          "@label=2;chatterbox.chat/id=k~BYBT2HyB.2 PRIVMSG bob three",
        ]);
        return;
      }
      await log.serve(peer);
      await peer.next();
      log.take("PRIVMSG bob two", "k~BYBT2HyB.1"); // stored, but the answer is lost
    },
    async (server) => {
      const { outcome, events, slept } = await submit(server, { wait: "durable" });
      assertEquals(outcome, { kind: "done" });
      assertEquals(log.texts, ALL);
      assertEquals(log.awaited, ["durable m1", "durable m3"]); // between the two the server may have crashed
      assertEquals([events, slept], [[["retry", "lost"]], [500]]);
    },
  );
}

{
  const log = new Log();
  submissionTest("what the server acknowledged and then lost in a crash is sent again", async (peer, nth) => {
    await peer.welcome(RECEIPT_CAPS);
    if (nth > 0) return await log.serveAll(peer);
    for (let line = 0; line < 3; line++) await log.serve(peer);
    await peer.until(/AWAIT/);
    log.lose(1);
    log.oldest = 2 ** 32 + 4; // nothing from before the crash is left
  }, async (server) => {
    const { outcome, submission } = await submit(server, { wait: "durable" });
    assertEquals(outcome, { kind: "done" });
    assertEquals(log.texts, ["PRIVMSG bob one", "(lost)", "(lost)", "PRIVMSG bob two", "PRIVMSG bob three"]);
    assertEquals(submission.accepted.map(({ id }) => id), ["m1", "m4", "m5"]);
  });
}

{
  const log = new Log();
  submissionTest("what newer messages have overwritten is not sent again", async (peer, nth) => {
    await peer.welcome(RECEIPT_CAPS);
    if (nth > 0) return await log.serveAll(peer);
    for (let line = 0; line < 3; line++) await log.serve(peer);
    await peer.until(/AWAIT/);
    log.lose(0);
    log.oldest = 100;
  }, async (server) => {
    const { outcome } = await submit(server, { wait: "durable" });
    assertEquals(outcome, {
      kind: "not_durable",
      id: "m3",
      why: { kind: "reply", text: "The log does not hold this message" },
    });
    assertEquals(log.texts, ["(lost)", "(lost)", "(lost)"]);
  });
}

for (
  const [caps, claim, what] of [
    [OUR_CAPS, CLAIM, "does not know ids"],
    [RECEIPT_CAPS, undefined, "does not know us again"],
  ] as const
) {
  submissionTest(`where the server ${what}, nothing is sent twice that may have arrived`, async (peer) => {
    await peer.welcome(caps);
    await peer.until(/PRIVMSG/);
  }, async (server) => {
    const { outcome, slept } = await submit(server, { registration: { nick: "alice", claimKey: claim } });
    assertEquals([outcome.kind, outcome.kind === "unclear" && outcome.safe, slept], ["unclear", false, []]);
  });
}

submissionTest(
  "a server that comes back without knowing ids is sent nothing that may have arrived",
  async (peer, nth) => {
    await peer.welcome(nth === 0 ? RECEIPT_CAPS : OUR_CAPS);
    if (nth === 0) return void await peer.until(/PRIVMSG/);
    await peer.gone();
    assertEquals(peer.heard.filter((line) => line.includes("PRIVMSG")), []);
  },
  async (server) => {
    const { outcome, slept } = await submit(server);
    assertEquals([outcome.kind === "unclear" && outcome.safe, slept], [false, [500]]);
  },
);

submissionTest("what has not been sent is tried again on any server", async (peer, nth) => {
  if (nth < 2) return;
  await peer.welcome();
  for (let line = 0; line < 3; line++) {
    const [, token] = await peer.until(/^PING (\S+)$/);
    await peer.send(`:fake PONG fake :${token}`);
  }
  await peer.gone();
}, async (server) => {
  const { outcome, slept } = await submit(server);
  assertEquals([outcome, slept], [{ kind: "done" }, [500, 1000]]);
});

submissionTest(
  "the pauses grow, and the last attempt is at the end of the time",
  async () => {},
  async (server) => {
    const { outcome, slept } = await submit(server, { retryMs: 4000 });
    assertEquals(outcome.kind === "unsent" && [outcome.why.kind, outcome.isTemporary], ["unreachable", true]);
    assertEquals(slept, [500, 1000, 2000, 500]);
    assertEquals((await submit(server, { retryMs: 0 })).slept, []);
  },
);

submissionTest(
  "an interruption ends the pause, and there is no further attempt",
  async () => {},
  async (server) => {
    const controller = new AbortController();
    const sleep = (_: number, signal: AbortSignal) => {
      controller.abort();
      assertEquals(signal.aborted, true);
      return Promise.resolve();
    };
    const { outcome, events } = await submit(server, { signal: controller.signal, sleep });
    assertEquals([outcome, events.length], [{ kind: "aborted" }, 1]);
  },
);

submissionTest("at the end of the time it is known what may have arrived", async (peer, nth) => {
  if (nth > 0) return;
  await peer.welcome(RECEIPT_CAPS);
  await peer.until(/PRIVMSG/);
}, async (server) => {
  const { outcome, submission } = await submit(server, { retryMs: 1000 });
  assertEquals(outcome.kind === "unclear" && [outcome.why.kind, outcome.safe], ["unreachable", true]);
  assertEquals(submission.remainingPieces.map(({ id }) => id), [
    "k~BYBT2HyB",
    "k~BYBT2HyB.1",
    "k~BYBT2HyB.2",
  ]);
});

const FINAL: [string, Script, string][] = [
  ["a name that is somebody else's", async (peer) => {
    await peer.until(/^USER/);
    await peer.send(":fake 433 * alice :Nickname is already in use", "ERROR :bye");
  }, "unsent"],
  ["what is not IRC", async (peer) => {
    await peer.until(/^USER/);
    await peer.send("HTTP/1.1 400 Bad Request", "");
  }, "unsent"],
  ["nobody of that name", async (peer) => {
    await peer.welcome(RECEIPT_CAPS);
    await peer.until(/^@label=1/);
    await peer.send("@label=1 :fake 401 alice bob :No such nick");
    await peer.gone();
  }, "no_such_target"],
  ["an id that was used for something else", async (peer) => {
    await peer.welcome(RECEIPT_CAPS);
    await peer.until(/^@label=1/);
    await peer.send("@label=1 :fake FAIL PRIVMSG ID_IN_USE k m9 :Used");
    await peer.gone();
  }, "id_in_use"],
];
for (const [what, script, kind] of FINAL) {
  submissionTest(`${what} is not tried again`, script, async (server) => {
    const { outcome, slept } = await submit(server);
    assertEquals([outcome.kind, slept], [kind, []]);
  });
}

{
  const log = new Log();
  const credentials: Credentials = {
    account: "alice",
    kind: "key",
    secret: CLAIM,
    isRequired: false,
    isUnregistered: true,
    isRegisteredOnPurpose: false,
    register: "ours",
  };
  submissionTest(
    "a name that a guest uses just now, or too many attempts, are tried again",
    async (peer, nth) => {
      if (nth === 4) {
        await peer.welcome(RECEIPT_CAPS);
        return await log.serveAll(peer);
      }
      await peer.until(/^USER/);
      const account = "sasl=SCRAM-SHA-256 draft/account-registration=before-connect";
      await peer.send(`:fake CAP * LS :chatterbox.chat/claim ${account}`);
      const [, wanted] = await peer.until(/^CAP REQ :(.*)$/);
      await peer.send(`:fake CAP * ACK :${wanted}`);
      if (nth % 2 === 0) { // the name is only claimed
        await peer.until(/^CAP END$/);
        return await peer.send(":fake 433 * alice :Nickname is already in use");
      }
      await peer.until(/^REGISTER/);
      if (nth === 1) {
        return await peer.send(":fake FAIL REGISTER NICKNAME_IN_USE alice :Another user has this name now");
      }
      await peer.send(
        ":fake FAIL REGISTER ACCOUNT_EXISTS alice :This name belongs to somebody",
        ":fake 904 alice :SASL authentication failed: too many attempts; try again in 1 s",
      );
      await peer.gone();
    },
    async (server) => {
      const registration = { nick: "alice", claimKey: CLAIM, credentials };
      assertEquals((await submit(server, { text: "one", registration })).outcome, { kind: "done" });
      assertEquals(log.texts, ["PRIVMSG bob one"]);
    },
  );
}

{
  const log = new Log();
  submissionTest(
    "after an outage the receiver may take a moment to come back, and our own name to be free",
    async (peer, nth) => {
      if (nth === 1) {
        await peer.until(/^USER/);
        await peer.send(":fake 433 * alice :Nickname is already in use", "ERROR :bye");
        return;
      }
      await peer.welcome(RECEIPT_CAPS);
      if (nth === 0) return;
      if (nth === 3) return await log.serveAll(peer);
      await peer.until(/^@label=1/);
      await peer.send("@label=1 :fake 401 alice bob :No such nick");
      await peer.gone();
    },
    async (server) => {
      assertEquals((await submit(server, { text: "one" })).outcome, { kind: "done" });
      assertEquals(log.texts, ["PRIVMSG bob one"]);
    },
  );
}

submissionTest("a wait that is not answered ends with what is not known", async (peer) => {
  await peer.welcome(RECEIPT_CAPS);
  const log = new Log();
  for (let line = 0; line < 3; line++) await log.serve(peer);
  await peer.until(/AWAIT delivered m3/);
  await peer.send("@label=4 :fake AWAIT delivered m1");
  await peer.send("@label=5 :fake FAIL AWAIT NOT_DELIVERED m2 :Nobody is left");
  await peer.send("@label=6 :fake AWAIT delivered m3");
  await peer.gone();
}, async (server) => {
  const { outcome, submission } = await submit(server, { wait: "delivered" });
  assertEquals(outcome, { kind: "not_delivered", id: "m2", why: { kind: "reply", text: "Nobody is left" } });
  assertEquals(submission.accepted.map(({ delivered }) => delivered), [true, false, null]);
});

/** An outbox with `messages` for alice on `server`. */
async function withOutbox(
  server: FakeServer,
  messages: Partial<UnsentMessage>[],
  body: (store: OutboxStore) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const opened = openOutbox(dir, server.address, "alice");
    if (opened.kind !== "ok") throw new Error(opened.why);
    for (const [nth, message] of messages.entries()) {
      opened.store.add({
        id: `w${nth}`,
        target: "bob",
        text: `kept ${nth}`,
        manner: "said",
        at: 1000,
        ...message,
      });
    }
    await body(opened.store);
  });
}

{
  const log = new Log();
  submissionTest(
    "what waits in the outbox goes first, once, and is gone",
    serve(log),
    (server) =>
      withOutbox(server, [{}, { target: "#room", manner: "did" }], async (outbox) => {
        log.take("PRIVMSG bob :kept 0", "w0"); // it had arrived
        const { outcome, events } = await submit(server, { outbox, text: "new" });
        assertEquals([outcome, events], [{ kind: "done" }, [["flushed", 2]]]);
        assertEquals(log.texts, [
          "PRIVMSG bob :kept 0",
          "PRIVMSG #room :\x01ACTION kept 1\x01",
          "PRIVMSG bob new",
        ]);
        assertEquals(outbox.list(), []);
      }),
  );
}

submissionTest(
  "what the server refuses leaves the outbox and is told; what it does not answer stays",
  async (peer, nth) => {
    await peer.welcome(RECEIPT_CAPS);
    await peer.until(/^@label=2/);
    if (nth > 0) return;
    await peer.send("@label=1 :fake 401 alice bob :No such nick");
  },
  (server) =>
    withOutbox(server, [{}, {}], async (outbox) => {
      const { outcome, events } = await submit(server, { outbox, retryMs: 0 });
      assertEquals(outcome.kind === "unsent" && outcome.why.kind, "lost");
      assertEquals(events, [["rejected", "w0", "no_such_target"]]);
      assertEquals(outbox.list().map(({ id }) => id), ["w1"]);
    }),
);

submissionTest(
  "what may have arrived at a server that does not know ids leaves the outbox, and is told",
  async (peer) => {
    await peer.welcome(OUR_CAPS);
    await peer.until(/PRIVMSG/);
  },
  (server) =>
    withOutbox(server, [{}], async (outbox) => {
      const { events } = await submit(server, { outbox, retryMs: 0 });
      assertEquals(events, [["unclear", "w0"]]);
      assertEquals(outbox.list(), []);
    }),
);

submissionTest(
  "behind a message without an answer, what was answered leaves the outbox, too: it is not said twice",
  async (peer) => {
    await peer.welcome(OUR_CAPS);
    await peer.until(/^@label=5/);
    await peer.send(
      "@label=2 :alice!a@h PRIVMSG bob :x",
      "@label=3 :fake 401 alice bob :No such nick",
      "@label=4 :alice!a@h PRIVMSG bob :x",
    );
  },
  (server) =>
    withOutbox(server, [{}, {}, {}, {}, {}], async (outbox) => {
      const { events } = await submit(server, { outbox, retryMs: 0 });
      const left = [["unclear", "w0"], ["rejected", "w2", "no_such_target"], ["unclear", "w4"]];
      assertEquals(events, [...left, ["flushed", 2]]);
      assertEquals(outbox.list(), []);
    }),
);

{
  const log = new Log();
  submissionTest(
    "an outbox that cannot be read does not stop what is new",
    serve(log),
    (server) =>
      withOutbox(server, [{}], async (outbox) => {
        Deno.renameSync(outbox.path, `${outbox.path}.old`);
        Deno.writeTextFileSync(outbox.path, "a file in its place");
        const { outcome, events } = await submit(server, { outbox, text: "new" });
        assertEquals([outcome, events], [{ kind: "done" }, [["outbox failed"]]]);
        assertEquals(log.texts, ["PRIVMSG bob new"]);
      }),
  );
}

{
  const log = new Log();
  submissionTest(
    "that the outbox cannot be read is said once, however many attempts there are",
    async (peer, nth) => {
      await peer.welcome(RECEIPT_CAPS);
      if (nth > 0) return await log.serveAll(peer);
      await peer.until(/PRIVMSG bob new/);
    },
    (server) =>
      withOutbox(server, [{}], async (outbox) => {
        Deno.renameSync(outbox.path, `${outbox.path}.old`);
        Deno.writeTextFileSync(outbox.path, "a file in its place");
        const { outcome, events } = await submit(server, { outbox, text: "new" });
        assertEquals([outcome, events], [{ kind: "done" }, [["outbox failed"], ["retry", "lost"]]]);
        assertEquals(log.texts, ["PRIVMSG bob new"]);
      }),
  );
}

{
  const log = new Log();
  submissionTest(
    "the time that a person takes for the server's password does not count",
    async (peer, nth) => {
      if (nth === 0) {
        await peer.until(/^USER/);
        return await peer.send(":fake 464 * :Password incorrect");
      }
      await peer.welcome(RECEIPT_CAPS);
      assertEquals(peer.heard.includes("PASS sesame"), true);
      await log.serveAll(peer);
    },
    async (server) => {
      let now = 1_000_000;
      const questions = {
        password: undefined as string | undefined,
        waitedMs: 0,
        askPassword() {
          now += 60_000;
          this.waitedMs += 60_000;
          this.password = "sesame";
          return Promise.resolve({ kind: "answer", text: "sesame" } as const);
        },
        askTrust: () => Promise.resolve({ kind: "declined" } as const),
        close: () => {},
      };
      const registration = { nick: "alice", claimKey: CLAIM, questions };
      const { outcome } = await submit(server, { registration, clock: { now: () => now } });
      assertEquals([outcome, log.texts], [{ kind: "done" }, ALL]);
    },
  );
}
