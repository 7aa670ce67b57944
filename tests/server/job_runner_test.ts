import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { AddressSet } from "../../lib/base/ip.ts";
import type { HashJob } from "../../lib/hub/model/state/async_job.ts";
import { JobRunner } from "../../lib/server/job_runner.ts";
import { MAX_WAITING_PER_ADDRESS } from "../../lib/server/job_runner.ts";
import { runServer } from "../support/chat_server.ts";
import { TestHub } from "../support/hub.ts";
import { SocketClient } from "../support/socket_client.ts";
import { pureTest } from "../support/test.ts";

Deno.test("errands: twenty who register at the same moment all get their names, and nobody else waits for them", async () => {
  const running = await runServer({});
  const clients = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const client = await SocketClient.connect(running.address);
      for (const line of [`NICK user${n}`, `USER u 0 * :u`, `REGISTER * * ${"k".repeat(42)}${n % 10}`]) {
        await client.send(line);
      }
      return client;
    }),
  );
  const other = await SocketClient.connect(running.address);
  await other.barrier();
  for (const [n, client] of clients.entries()) {
    await client.barrier();
    const lines = client.take();
    assert(lines.some((line) => line.includes(`REGISTER SUCCESS user${n} `)), lines.join("\n"));
    client.close();
  }
  other.close();
  assertEquals(running.server.hub.services.accounts.size, 20);
  await running.stop();
});

/** Jobs whose hashing ends when the test says so. */
function gated(): {
  /** `waitMs`: what the job answers when it is its turn. */
  run: (host: string, name: string, waitMs?: number) => Promise<void>;
  /** Waits until something is being hashed, and ends the oldest of it. */
  hashed: () => Promise<void>;
  /** What became of each, in order. */
  log: string[];
} {
  const test = new TestHub();
  const log: string[] = [];
  const hashing: PromiseWithResolvers<void>[] = [];
  const runner = new JobRunner(
    {
      run(task) {
        task(test.hub, test.now);
        return Promise.resolve();
      },
    },
    () => Promise.resolve(undefined),
    new AddressSet(["127.0.0.0/8"]),
    undefined,
    async (name, salt, iterations) => {
      log.push(`${name} begins`);
      const gate = Promise.withResolvers<void>();
      hashing.push(gate);
      await gate.promise;
      return { salt, iterations, storedKey: new Uint8Array(), serverKey: new Uint8Array() };
    },
  );
  const run = (host: string, name: string, waitMs = 0) => {
    const job: HashJob = {
      kind: "derive",
      session: test.open(host),
      password: name,
      salt: new Uint8Array(),
      iterations: 1,
      countAttempt: () => waitMs,
      done: () => log.push(`${name} done`),
      onRefused: ({ kind }) => log.push(`${name} refused: ${kind}`),
    };
    return runner.run(job);
  };
  const hashed = async () => {
    for (let task = 0; task < 1000 && hashing.length === 0; task++) await Promise.resolve();
    const next = hashing.shift();
    assert(next !== undefined, "one is being hashed");
    next.resolve();
  };
  return { run, hashed, log };
}

pureTest(
  "errands: a password from another address is hashed before all others of an address that floods",
  async () => {
    const { run, hashed, log } = gated();
    const all = ["a", "b", "c", "d", "e", "f"].map((name) => run("192.0.2.1", name));
    all.push(run("192.0.2.2", "other"), run("2001:db8::1", "x"), run("2001:db8::2", "y"));
    for (let count = 0; count < all.length; count++) await hashed();
    await Promise.all(all);
    const order = log.filter((line) => line.endsWith("begins")).map((line) => line.split(" ")[0]);
    assertEquals(order.join(" "), "a b c other x d y e f");
  },
);

pureTest(
  "errands: an attempt that may not be made is hashed by nobody, and gives way to the next",
  async () => {
    const { run, hashed, log } = gated();
    const all = [run("192.0.2.1", "a"), run("192.0.2.1", "b", 1000), run("192.0.2.1", "c")];
    for (let count = 0; count < 2; count++) await hashed();
    await Promise.all(all);
    assertEquals(log.filter((line) => !line.endsWith("begins")).sort(), [
      "a done",
      "b refused: attempts",
      "c done",
    ]);
    assertEquals(log.includes("b begins"), false);
  },
);

pureTest("errands: beyond what may wait of one address a password is refused at once", async () => {
  const { run, hashed, log } = gated();
  const all = Array.from({ length: 2 + MAX_WAITING_PER_ADDRESS }, (_, n) => run("192.0.2.1", `${n}`));
  await run("192.0.2.1", "late");
  assertEquals(log.at(-1), "late refused: busy");
  for (let n = 0; n < 2 * MAX_WAITING_PER_ADDRESS; n++) all.push(run("127.0.0.1", `exempt ${n}`));
  for (let count = 0; count < all.length; count++) await hashed();
  await Promise.all(all);
  assertEquals(log.filter((line) => line.endsWith("done")).length, all.length);
});

pureTest(
  "archive: queries of clients without an account are those of their address, where that has limits",
  async () => {
    const test = new TestHub();
    const requesters: string[] = [];
    const runner = new JobRunner(
      { run: () => Promise.resolve() },
      () => Promise.resolve(undefined),
      new AddressSet(["127.0.0.0/8"]),
      (_query, requester) => {
        requesters.push(requester);
        return Promise.resolve(undefined);
      },
    );
    const ask = async (host: string, owner: string) => {
      const session = test.open(host);
      Object.assign(session, { phase: { kind: "registered", user: { owner } } });
      await runner.run({ kind: "archive", session, query: { kind: "record", seq: 1 }, done: () => {} });
    };
    await ask("192.0.2.1", "~1.1");
    await ask("192.0.2.1", "~1.2");
    await ask("192.0.2.1", "anAccountsOwner_");
    await ask("127.0.0.1", "~1.3");
    assertEquals(requesters, ["192.0.2.1", "192.0.2.1", "anAccountsOwner_", "~1.3"]);
  },
);
