/** `serve` beside a state database that is not the one that its log knows: no name is given away, and it is said why. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { programTest } from "../commands/program.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { POSIX } from "../support/test.ts";
import { Serve } from "./serve_process.ts";

const FLAGS = ["--buffer", "64KiB", "--sync", "10ms"];
const FILES = ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"];

/** What a new client is told that wants `nick` and an account of that name. */
async function register(serve: Serve, nick: string): Promise<string> {
  const client: SocketClient = await serve.connect();
  await client.send(
    `CAP REQ :draft/account-registration\r\nNICK ${nick}\r\nUSER u 0 * :u\r\nCAP END\r\nREGISTER * * passphrase99y`,
  );
  await client.barrier();
  const lines = client.take();
  client.close();
  return lines.find((line) => / (REGISTER SUCCESS|433) /.test(line)) ?? lines.join("\n");
}

/** A folder in which alice is registered; the server has been killed, or has ended. */
async function withAlice(home: string, ending: "kill" | "end"): Promise<void> {
  const serve = await Serve.start(home, FLAGS);
  assertMatch(await register(serve, "alice"), /REGISTER SUCCESS alice/);
  await serve[ending]();
}

function remove(home: string, names: readonly string[] = FILES): void {
  for (const name of names) {
    try {
      Deno.removeSync(`${home}/data/${name}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

for (const ending of ["kill", "end"] as const) {
  programTest(
    `serve, database: missing after ${ending}: no start, exit code 74, and what to do; the log is left as it was`,
    POSIX,
    async (home) => {
      await withAlice(home, ending);
      remove(home);
      const before = Deno.readFileSync(`${home}/data/log.ring`);
      const { code, words } = await Serve.refused(home, FLAGS);
      assertEquals(code, 74);
      assertMatch(words, /state\.sqlite is missing or empty: .*log\.ring refers to accounts/);
      assertMatch(
        words,
        /Restore a backup of both files, taken together; or start once with --accept-database/,
      );
      assertEquals(Deno.readFileSync(`${home}/data/log.ring`), before);
      assertEquals(
        [...Deno.readDirSync(`${home}/data`)].map(({ name }) => name).filter((name) => FILES.includes(name)),
        [],
      );
    },
  );
}

programTest("serve, database: empty, without tables, or another server's: no start", POSIX, async (home) => {
  await withAlice(home, "end");
  const path = `${home}/data/state.sqlite`;
  Deno.writeFileSync(path, new Uint8Array());
  assertMatch((await Serve.refused(home, FLAGS)).words, /is missing or empty/);
  const blank = new DatabaseSync(path);
  blank.exec("CREATE TABLE x (y); DROP TABLE x");
  blank.close();
  assertMatch((await Serve.refused(home, FLAGS)).words, /is missing or empty/);
  const other = await Deno.makeTempDir();
  try {
    await withAlice(other, "end");
    Deno.copyFileSync(`${other}/data/state.sqlite`, path);
  } finally {
    await Deno.remove(other, { recursive: true });
  }
  const { code, words } = await Serve.refused(home, FLAGS);
  assertEquals(code, 74);
  assertMatch(words, /is not the database of this log/);
});

programTest(
  "serve, database: an older copy, and a WAL that was lost in a crash: no start",
  POSIX,
  async (home) => {
    await withAlice(home, "end");
    const path = `${home}/data/state.sqlite`;
    Deno.copyFileSync(path, `${home}/older`);
    const serve = await Serve.start(home, FLAGS);
    assertMatch(await register(serve, "bob"), /REGISTER SUCCESS bob/);
    await serve.kill();
    Deno.mkdirSync(`${home}/aside`);
    for (const name of FILES) Deno.copyFileSync(`${home}/data/${name}`, `${home}/aside/${name}`);
    remove(home, ["state.sqlite-wal", "state.sqlite-shm"]);
    assertMatch(
      (await Serve.refused(home, FLAGS)).words,
      /is an older copy: .* refers to later changes/,
    );
    remove(home);
    Deno.copyFileSync(`${home}/older`, path);
    assertMatch((await Serve.refused(home, FLAGS)).words, /is an older copy/);
    remove(home);
    for (const name of FILES) Deno.copyFileSync(`${home}/aside/${name}`, `${home}/data/${name}`);
    const again = await Serve.start(home, FLAGS);
    assertMatch(await register(again, "bob"), / 433 /);
    assertEquals(await again.end(), 0);
  },
);

programTest(
  "serve, database: --accept-database goes on without, says so, and the new database is the log's from then on",
  POSIX,
  async (home) => {
    await withAlice(home, "end");
    remove(home);
    const serve = await Serve.start(home, [...FLAGS, "--accept-database"]);
    assertEquals(serve.saidOf("database").length, 1);
    assertMatch(await register(serve, "alice"), /REGISTER SUCCESS alice/);
    assertEquals(await serve.end(), 0);
    const again = await Serve.start(home, FLAGS);
    assertEquals(again.saidOf("database"), []);
    assertMatch(await register(again, "alice"), / 433 /);
    assertEquals(await again.end(), 0);
  },
);

programTest(
  "serve, database: the log missing: accounts stay, the history is new, and both are told",
  POSIX,
  async (home) => {
    await withAlice(home, "end");
    Deno.removeSync(`${home}/data/log.ring`);
    const serve = await Serve.start(home, FLAGS);
    const told = serve.said.find(({ event }) => event === "database");
    assertEquals(told?.level, "warning");
    assertMatch(
      told?.text ?? "",
      /the log was missing, and a new one was created; accounts, room settings and bans are kept/,
    );
    assertMatch(await register(serve, "alice"), / 433 /);
    assertEquals(await serve.end(), 0);
  },
);

programTest(
  "serve, database: an account that cannot be read is told with its name, which is kept from everybody",
  POSIX,
  async (home) => {
    await withAlice(home, "end");
    const raw = new DatabaseSync(`${home}/data/state.sqlite`);
    raw.exec("UPDATE facts SET value = replace(value, 'owner', 'owned') WHERE kind = 'account'");
    raw.close();
    const serve = await Serve.start(home, FLAGS);
    const told = serve.said.filter(({ event }) => event === "fact_unreadable");
    assertEquals(told.map(({ level, text }) => [level, text]), [[
      "error",
      'account alice in the database cannot be used: its checksum does not match; the name is blocked until it is freed with the console command "unregister alice"',
    ]]);
    assertMatch(await register(serve, "alice"), / 433 /);
    assertEquals(await serve.end(), 0);
  },
);

programTest("serve, database: a database with a fact too few is damaged: no start", POSIX, async (home) => {
  await withAlice(home, "end");
  const raw = new DatabaseSync(`${home}/data/state.sqlite`);
  const count = raw.prepare("SELECT * FROM facts").all().length;
  raw.exec("DELETE FROM facts WHERE kind = 'account'");
  raw.close();
  const { code, words } = await Serve.refused(home, FLAGS);
  assertEquals(code, 74);
  const damage = `state.sqlite is damaged: it holds ${count - 1} of ${count} facts; restore a backup of it`;
  assert(words.includes(damage), words);
});
