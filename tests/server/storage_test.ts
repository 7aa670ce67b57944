import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { ChatServer } from "../../lib/server/server.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { resolveServeSettings, type ServeSettings } from "../../lib/server/settings/settings.ts";
import { Storage, type StorageOptions } from "../../lib/server/storage.ts";
import { adviseOnFolder } from "../../lib/server/storage_fault_text.ts";
import { readLogFile } from "../../lib/store/ring_file/open_log.ts";
import type { SyncReport } from "../../lib/store/sync/sync_messages.ts";
import { START, TEST_CONFIG } from "../support/hub.ts";
import { SocketClient } from "../support/socket_client.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { pureTest, tempDirTest } from "../support/test.ts";

async function settingsFor(dir: string): Promise<ServeSettings> {
  const args = [`--data-dir=${dir}/data`, `--buffer=${RING_MIN_BYTES}`, "--sync=10ms"];
  const parsed = parseFlags(SERVE_FLAGS, args);
  assert(parsed.kind === "ok", "flags");
  const outcome = await resolveServeSettings(parsed.flags, () => undefined);
  assert(outcome.kind === "ok", "settings");
  return outcome.settings;
}

/** What the server says, as `--log-format json` has it. */
class Said {
  readonly entries: Record<string, unknown>[] = [];
  readonly log = new ServerLog("json", { now: () => START }, (line) => this.entries.push(JSON.parse(line)));

  /** `level event` of all entries about saving. */
  get saving(): string[] {
    return this.entries.filter(({ event }) => event === "sync").map(({ level, text }) =>
      `${level}: ${String(text).split(":")[0]}`
    );
  }
}

async function open(dir: string, said: Said, options: StorageOptions = {}): Promise<Storage> {
  const outcome = await Storage.open(await settingsFor(dir), said.log, START, { lockName: dir, ...options });
  assert(outcome.kind === "ok", "opens");
  return outcome.storage;
}

/** The permissions of the suite: the server listens, and asks for the umask. */
const SERVER = { permissions: "inherit" } as const;

interface Chat {
  readonly server: ChatServer;
  readonly alice: SocketClient;
  readonly bob: SocketClient;
  /** Alice says so many messages; resolves when bob has them all. */
  say(count: number): Promise<void>;
  end(): Promise<void>;
}

async function chatOn(storage: Storage): Promise<Chat> {
  let now = START;
  const fail = (error: unknown) => {
    throw error;
  };
  const server = new ChatServer({
    config: { ...TEST_CONFIG, logId: storage.logId, storage },
    log: storage.ring,
    clock: { now: () => now++ },
    sync: () => storage.makeDurable(),
    lock: storage.lock,
    onServerEvents: () => {},
    onRecoverableError: fail,
    onFatalError: fail,
  });
  await server.start();
  const outcome = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
  assert(outcome.kind === "listening", "listening");
  const enter = async (nick: string) => {
    const client = await SocketClient.connect(outcome.address);
    await client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nJOIN #lobby`);
    await client.barrier();
    return client;
  };
  const alice = await enter("alice"), bob = await enter("bob");
  let said = 0;
  return {
    server,
    alice,
    bob,
    async say(count) {
      bob.take();
      for (let left = count; left > 0; left--) {
        await alice.send(`PRIVMSG #lobby :${"long ".repeat(40)} ${said++}`);
      }
      assert(await bob.until((line) => line.endsWith(` ${said - 1}`)), "bob is there");
      assertEquals(bob.take().filter((line) => line.includes(" PRIVMSG ")).length, count);
    },
    async end() {
      await server.stop("end of the test");
      alice.close();
      bob.close();
    },
  };
}

tempDirTest(
  "storage: on a disk that takes forever the chat goes on, and the ring goes round; then all that it holds is saved",
  SERVER,
  async (dir) => {
    await Deno.writeTextFile(`${dir}/gate`, "");
    const gate = await Deno.open(`${dir}/gate`, { read: true, write: true });
    await gate.lock(true);
    const url = new URL("./gated_sync_worker.ts", import.meta.url);
    const spawn = () => new Worker(url, { type: "module", name: `${dir}/gate` });
    const said = new Said();
    const storage = await open(dir, said, { spawn });
    const { ring } = storage;
    const chat = await chatOn(storage);
    const durable = ring.durableSeq;
    await chat.say(1000);
    assert(ring.oldestSeq > 500, "it went round");
    assertEquals([ring.durableSeq, storage.trouble], [durable, undefined]);
    await gate.unlock();
    assertEquals(await storage.makeDurable(), { durableSeq: ring.nextSeq, trouble: undefined });
    await chat.end();
    gate.close();
    const { unsafe } = await storage.close();
    assertEquals([unsafe, said.saving], [0, []]);
    const file = readLogFile(`${dir}/data/log.ring`);
    assert(file.kind === "ok", "readable");
    assertEquals([file.ring.oldestSeq, file.ring.nextSeq], [ring.oldestSeq, ring.nextSeq]);
  },
);

tempDirTest(
  "storage: on a disk that fails the chat goes on; it is said once when it begins and once when it ends",
  SERVER,
  async (dir) => {
    const said = new Said();
    const troubles: (string | undefined)[] = [];
    const storage = await open(dir, said, { onTrouble: (why) => troubles.push(why) });
    const path = `${dir}/data/log.ring`;
    const chat = await chatOn(storage);
    assertEquals((await storage.makeDurable()).trouble, undefined);
    await Deno.rename(path, `${path}.away`);
    await Deno.mkdir(path); // nothing can be written there
    for (let round = 0; round < 5; round++) {
      await chat.say(3);
      const { durableSeq, trouble } = await storage.makeDurable();
      assert(durableSeq < storage.ring.nextSeq && trouble === storage.trouble, "not saved, and why");
      assertMatch(trouble ?? "", /./);
    }
    const reasons = new Set(said.entries.flatMap(({ event, why }) => event === "sync" ? [why] : []));
    assertEquals(said.saving, Array(reasons.size).fill("error: history is not being saved"));
    assert(reasons.size <= 2, "that it was removed, and what is in its place");
    await chat.alice.send("CAP REQ :chatterbox.chat/receipts");
    await chat.alice.send("SERVERSTATS");
    await chat.alice.barrier();
    assert(chat.alice.take().some((line) => line.includes("SERVERSTATS trouble :")), "whoever asks is told");
    await Deno.remove(path);
    await chat.say(3);
    assertEquals(await storage.makeDurable(), { durableSeq: storage.ring.nextSeq, trouble: undefined });
    assertEquals(storage.trouble, undefined);
    assertEquals(said.saving.slice(reasons.size), ["info: history is being saved again"]);
    assertEquals(troubles, [[...reasons][0], undefined]);
    await chat.end();
    assertEquals((await storage.close()).unsafe, 0);
  },
);

/** A worker that dies of every message. */
function dyingWorker(): Worker {
  const worker = {
    onmessage: (_event: { data: SyncReport }) => {},
    onerror: (_event: ErrorEvent) => {},
    postMessage: () => queueMicrotask(() => worker.onerror(new ErrorEvent("error", { message: "bang" }))),
    terminate: () => {},
  };
  return worker as unknown as Worker;
}

tempDirTest(
  "storage: a sync task that can't be kept alive is the end, told to whoever runs the server",
  SERVER,
  async (dir) => {
    const said = new Said();
    const ended = Promise.withResolvers<string>();
    const storage = await open(dir, said, { spawn: dyingWorker, onEnded: ended.resolve });
    assertEquals(await ended.promise, "bang");
    assertEquals(storage.trouble, "bang");
    assertEquals((await storage.close()).unsafe, 0, "nothing was said yet");
  },
);

Deno.test({
  name: "storage: a folder that can't be written is told as such, and what to do; nothing is called damaged",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withTempDir(async (dir) => {
      const settings = await settingsFor(dir);
      await Deno.mkdir(settings.dataDir);
      await Deno.mkdir(`${settings.dataDir}/log.ring.new`); // the file can't be made
      const outcome = await Storage.open(settings, new Said().log, START, { lockName: dir });
      assert(outcome.kind === "failed", "does not open");
      assertEquals(outcome.fault, "folder");
      assertMatch(
        outcome.why,
        /data\/log\.ring: .*; make it writable, or choose another folder with --data-dir$/,
      );
    }),
});

pureTest("storage: where the disk is full, the advice is to make room or to want less", () => {
  for (const why of ["No space left on device (os error 28)", "no space left on the disk"]) {
    assertMatch(
      adviseOnFolder(why) ?? "",
      /^free space on that disk, give a smaller --buffer, or choose another folder/,
    );
  }
  assertEquals(adviseOnFolder("Permission denied (os error 13)"), undefined);
});

tempDirTest(
  "storage: at the end it is known whether facts, too, are on disk",
  SERVER,
  async (dir) => {
    const fact = { kind: "topic", key: "#tea", value: '{"text":"green"}', seq: 0 };
    const storage = await open(dir, new Said());
    storage.saveFacts([fact]);
    assertEquals(await storage.close(), { safe: 0, unsafe: 0, hasUnsavedFacts: false });
    const failing = await open(dir, new Said());
    await Deno.remove(`${dir}/data/state.sqlite`);
    await Deno.mkdir(`${dir}/data/state.sqlite`);
    failing.saveFacts([fact]);
    assertEquals(await failing.close(), { safe: 0, unsafe: 0, hasUnsavedFacts: true });
    const settings = { ...await settingsFor(`${dir}/mended`), sync: 3_600_000 }; // no second attempt but the last
    const mended = await Storage.open(settings, new Said().log, START, { lockName: `${dir}/mended` });
    assert(mended.kind === "ok", "opens");
    await Deno.mkdir(`${dir}/mended/data/state.sqlite`);
    mended.storage.saveFacts([fact]);
    assertMatch(await mended.storage.flushFacts() ?? "", /not a regular file/);
    await Deno.remove(`${dir}/mended/data/state.sqlite`);
    assertEquals((await mended.storage.close()).hasUnsavedFacts, false, "the last pass has saved it");
  },
);
