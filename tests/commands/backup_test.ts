/** `backup` and `restore` as people call them: words, exit codes, and a server that comes back as itself. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { command as backupCommand } from "../../commands/backup.ts";
import { command as restoreCommand } from "../../commands/restore.ts";
import { assert } from "../../lib/base/assert.ts";
import { readLogFile } from "../../lib/store/ring_file/open_log.ts";
import { recordsBetween } from "../../commands/logs/record_entries.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { Serve } from "../server/serve_process.ts";
import { TestServer } from "../store/backup_folder.ts";
import { comesTrue, outputOf } from "../support/guard.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { POSIX, tempDirTest } from "../support/test.ts";
import { program, programTest, start } from "./program.ts";
import { run } from "./run_command.ts";

const PASSPHRASE = "passphrase99y";
const LOAD_FLAGS = ["--sync", "always", "--flood-rate", "off", "--registrations", "off"];

function names(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}

async function makeServerFolder(dir: string): Promise<string> {
  const server = new TestServer(`${dir}/data`);
  await server.work();
  await server.end();
  return `${dir}/data`;
}

tempDirTest("backup, restore: done, and what to do next", async (dir) => {
  const data = await makeServerFolder(dir);
  const backup = await run(backupCommand, ["--data-dir", data, `${dir}/b`], { now: 1_700_000_000_000 });
  const made = "6 files, 76.9 KiB, history up to record 10, made 2023-11-14T22:13:20.000Z; verified";
  assertEquals([backup.code, backup.err], [0, ""]);
  assertEquals(backup.out.replace(/[\d.]+ KiB/, "76.9 KiB"), `backed up ${data} to ${dir}/b: ${made}\n`);
  const check = await run(restoreCommand, ["--verify", `${dir}/b`]);
  assertEquals(check.code, 0);
  assertStringIncludes(check.out, "history up to record 10");
  const restored = await run(restoreCommand, ["--data-dir", `${dir}/r`, `${dir}/b`]);
  assertEquals([restored.code, restored.err], [0, ""]);
  assertMatch(
    restored.out,
    /^restored .*; verified\nstart the server, with its flags of before: chatterbox serve --data-dir .*\/r\n$/,
  );
});

tempDirTest("backup, restore: exit codes tell what became of it", async (dir) => {
  const data = await makeServerFolder(dir);
  const codeOf = async (command: typeof backupCommand, ...args: string[]) => {
    const { code, out, err } = await run(command, args);
    assertEquals(code === 0 ? err : out, "");
    return code;
  };
  const into = (dir: string) => ["--data-dir", dir];
  assertEquals(await codeOf(backupCommand, ...into(data), `${dir}/b`), 0);
  assertEquals(await codeOf(backupCommand, ...into(data), `${dir}/b`), 73);
  assertEquals(await codeOf(backupCommand, ...into(`${dir}/none`), `${dir}/c`), 74);
  assertEquals(await codeOf(backupCommand, ...into(data)), 64);
  assertEquals(await codeOf(backupCommand, ...into(data), `${dir}/c`, `${dir}/d`), 64);
  assertEquals(await codeOf(backupCommand, `${dir}/c`), 64, "no home, no --data-dir");
  assertEquals(await codeOf(restoreCommand, `${dir}/b`), 64, "no home, no --data-dir");
  assertEquals(await codeOf(restoreCommand, "--verify", ...into(data), `${dir}/b`), 64);
  assertEquals(await codeOf(restoreCommand, ...into(data), `${dir}/b`), 73);
  assertEquals(await codeOf(restoreCommand, ...into(`${dir}/r`), `${dir}/none`), 74);
  Deno.truncateSync(`${dir}/b/cloak.key`, 3);
  assertEquals(await codeOf(restoreCommand, "--verify", `${dir}/b`), 65);
  assertEquals(await codeOf(restoreCommand, ...into(`${dir}/r`), `${dir}/b`), 65);
  assertEquals(names(dir), ["b", "data"]);
});

tempDirTest("backup: history that changes with every look at it: 75", async (dir) => {
  const data = await makeServerFolder(dir);
  const path = `${data}/log.ring`;
  const whole = Deno.readFileSync(path);
  whole[5000]! ^= 1; // overwritten while it is read
  Deno.writeFileSync(path, whole);
  const file = Deno.openSync(path, { write: true });
  let slot = 0;
  const timer = setInterval(() => {
    const headers = whole.slice(0, 4096);
    headers.copyWithin(0, 2048 * (slot = 1 - slot), 2048 * (slot + 1)); // another header each time
    headers.fill(0, 2048);
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(headers);
  }, 1);
  try {
    const { code, err } = await run(backupCommand, ["--data-dir", data, `${dir}/b`]);
    assertEquals(code, 75);
    assertMatch(err, /log\.ring: the server overwrites it faster than it can be copied; try again\n$/);
    assertEquals(names(dir), ["data"]);
  } finally {
    clearInterval(timer);
    file.close();
  }
});

tempDirTest("backup, restore: interrupted", async (dir) => {
  const data = await makeServerFolder(dir);
  await run(backupCommand, ["--data-dir", data, `${dir}/b`]);
  for (const [command, target] of [[backupCommand, `${dir}/c`], [restoreCommand, `${dir}/b`]] as const) {
    const io = new FakeIo();
    io.interrupt();
    const to = command === backupCommand ? data : `${dir}/r`;
    assertEquals(await command.run(["--data-dir", to, target], io), 130);
  }
  assertEquals(names(dir), ["b", "data"]);
  const io = new FakeIo();
  const running = backupCommand.run(["--data-dir", data, `${dir}/c`], io);
  await comesTrue("it copies", () => exists(`${dir}/c/backup.unfinished`));
  assertEquals(io.hangUp(), true);
  assertEquals([await running, names(dir), io.hangUp()], [129, ["b", "data"], false]);
});

tempDirTest(
  "backup --without-archive: of a damaged archive all else is backed up; restore tells",
  async (dir) => {
    const data = await makeServerFolder(dir);
    Deno.writeTextFileSync(`${data}/archive.sqlite`, "damaged ".repeat(1000));
    const refused = await run(backupCommand, ["--data-dir", data, `${dir}/b`]);
    assertEquals(refused.code, 65);
    assertMatch(
      refused.err,
      /archive.sqlite is damaged: .*; stop the server, then: chatterbox archive repair, or .*\n$/,
    );
    const { code, out } = await run(backupCommand, ["--data-dir", data, "--without-archive", `${dir}/b`]);
    assertEquals(code, 0);
    assertMatch(out, /: 5 files, [^,]+, WITHOUT the archive, history up to record 10, /);
    assertEquals(JSON.parse(Deno.readTextFileSync(`${dir}/b/backup.json`)).withoutArchive, true);
    for (const args of [["--verify", `${dir}/b`], ["--data-dir", `${dir}/r`, `${dir}/b`]]) {
      assertStringIncludes((await run(restoreCommand, args)).out, ", WITHOUT the archive, ");
    }
  },
);

tempDirTest("backup: a large file's progress is shown on a terminal alone", async (dir) => {
  const data = await makeServerFolder(dir);
  Deno.truncateSync(`${data}/tls/key.pem`, 65 * 1024 * 1024);
  const plain = await run(backupCommand, ["--data-dir", data, `${dir}/b`]);
  assertEquals([plain.code, plain.err], [0, ""]);
  const shown = await run(backupCommand, ["--data-dir", data, `${dir}/c`], { terminal: true });
  assertEquals(shown.code, 0);
  assertStringIncludes(shown.err, "copying tls/key.pem: 50 % of 65 MiB");
  assertStringIncludes(shown.err, "verifying tls/key.pem: 100 % of 65 MiB");
  assertEquals(shown.err.includes("log.ring"), false);
  assert(shown.err.endsWith("\r\x1b[K"), "the line is cleared");
});

/** A full disk: no file can be written beyond a size (setrlimit(2), RLIMIT_FSIZE), SIGXFSZ ignored. */
programTest("backup, restore: a full disk: 74, and nothing remains", POSIX, async (home) => {
  const data = await makeServerFolder(home);
  const archive = new DatabaseSync(`${data}/archive.sqlite`);
  archive.exec("CREATE TABLE large (x BLOB); INSERT INTO large VALUES (randomblob(200000))");
  archive.close();
  for (const limit of [0, 1, 40, 100]) {
    const within = ["bash", "-c", `trap "" XFSZ; ulimit -f ${limit}; exec "$0" "$@"`];
    const { code, err } = await program(["backup", "--data-dir", data, `${home}/b`], home, { within });
    assertEquals([code, names(home)], [74, ["data"]], err);
  }
  await program(["backup", "--data-dir", data, `${home}/b`], home);
  const within = ["bash", "-c", `trap "" XFSZ; ulimit -f 40; exec "$0" "$@"`];
  const { code } = await program(["restore", "--data-dir", `${home}/r`, `${home}/b`], home, { within });
  assertEquals([code, names(home)], [74, ["b", "data"]]);
});

programTest(
  "backup, restore: killed at any time, what is there is complete, or not taken for it",
  POSIX,
  async (home) => {
    const data = await makeServerFolder(home);
    let unfinished = 0;
    for (let round = 0; round < 6; round++) {
      const [backup, restored] = [`${home}/b${round}`, `${home}/r${round}`];
      const kill = async (args: string[], path: string, pauseMs: number) => {
        const child = start(args, home);
        const ended = outputOf("a killed command", child);
        let hasEnded = false;
        child.status.then(() => hasEnded = true);
        await comesTrue(path, () => exists(path) || hasEnded);
        await pause(pauseMs);
        try {
          child.kill("SIGKILL");
        } catch {
          // it has ended
        }
        await ended;
      };
      await kill(["backup", "--data-dir", data, backup], backup, round * 60);
      const { code, err } = await run(restoreCommand, ["--verify", backup]);
      if (code !== 0) {
        unfinished++;
        assertMatch(err, /the backup was not finished|it has no backup\.json/);
        continue;
      }
      await kill(["restore", "--data-dir", restored, backup], `${restored}/restore.unfinished`, round * 4);
      if (exists(`${restored}/restore.unfinished`)) {
        unfinished++;
        const serve = await Serve.refused(home, ["--data-dir", restored]);
        assertEquals(serve.code, 73);
        assertMatch(serve.words, /a restore into this folder was not finished; remove it and restore again/);
      } else assertEquals(exists(`${restored}/log.ring`), true);
    }
    assert(unfinished > 0, "some were killed before their end");
  },
);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Texts of the messages in a ring file. */
function messagesIn(path: string): string[] {
  const log = readLogFile(path);
  assert(log.kind === "ok", JSON.stringify(log));
  return [...recordsBetween(log.ring, log.ring.oldestSeq, log.ring.nextSeq)].flatMap(({ payload }) => {
    const event = decodeEvent(payload);
    return event?.kind === "message" ? [event.text] : [];
  });
}

async function register(serve: Serve, nick: string): Promise<SocketClient> {
  const client = await serve.connect();
  await client.send(
    `CAP REQ :draft/account-registration\r\nNICK ${nick}\r\nUSER u 0 * :u\r\nCAP END\r\nREGISTER * * ${PASSPHRASE}`,
  );
  await client.barrier();
  assertStringIncludes(client.take().join("\n"), `REGISTER SUCCESS ${nick}`);
  return client;
}

async function logIn(serve: Serve, nick: string): Promise<SocketClient> {
  const client = await serve.connect();
  const proof = btoa(`\0${nick}\0${PASSPHRASE}`);
  await client.send(
    `CAP REQ :sasl\r\nNICK ${nick}\r\nUSER u 0 * :u\r\nAUTHENTICATE PLAIN\r\nAUTHENTICATE ${proof}`,
  );
  assert(await client.until((line) => / 90\d /.test(line)), "an answer");
  await client.send("CAP END");
  await client.barrier();
  assertMatch(client.take().join("\n"), / 903 /);
  return client;
}

programTest(
  "backup: made under load, all that was acknowledged before is there, and the server comes back",
  POSIX,
  async (home) => {
    const serve = await Serve.start(home, [...LOAD_FLAGS, "--tls", "127.0.0.1:0", "--tls-self-signed"]);
    const alice = await register(serve, "alice");
    await alice.send("JOIN #tea\r\nTOPIC #tea :cups\r\nMODE #tea +b bad!*@*");
    await alice.barrier();
    const acknowledged = { messages: 0, accounts: ["alice"] };
    let isOver = false;
    const talk = async () => {
      for (let n = 1; !isOver; n++) {
        await alice.send(`PRIVMSG #tea :message ${n}`);
        await alice.barrier();
        acknowledged.messages = n;
      }
    };
    const registerMore = async () => {
      for (let n = 0; !isOver; n++) {
        (await register(serve, `user${n}`)).close();
        acknowledged.accounts.push(`user${n}`);
      }
    };
    const load = [talk(), registerMore()];
    const rounds: { messages: number; accounts: string[] }[] = [];
    for (let round = 0; round < 4; round++) {
      rounds.push({ messages: acknowledged.messages, accounts: [...acknowledged.accounts] });
      const { code, err } = await program(
        ["backup", "--data-dir", `${home}/data`, `${home}/b${round}`],
        home,
      );
      assertEquals([code, err], [0, ""]);
    }
    isOver = true;
    await Promise.all(load);
    alice.close();
    await serve.kill();
    for (const [round, { messages, accounts }] of rounds.entries()) {
      const again = `${home}/again${round}`;
      Deno.mkdirSync(again);
      const { code, err } = await program(
        ["restore", "--data-dir", `${again}/data`, `${home}/b${round}`],
        home,
      );
      assertEquals([code, err], [0, ""]);
      const texts = messagesIn(`${again}/data/log.ring`);
      assertEquals(texts.slice(0, messages), Array.from({ length: messages }, (_, n) => `message ${n + 1}`));
      const restored = await Serve.start(again, LOAD_FLAGS);
      for (const account of new Set([accounts[0]!, accounts.at(-1)!])) {
        (await logIn(restored, account)).close();
      }
      const bob = await restored.enter("bob");
      await bob.send("JOIN #tea\r\nTOPIC #tea\r\nMODE #tea +b\r\nCHATHISTORY LATEST #tea * 1");
      await bob.barrier();
      const answer = bob.take().join("\n");
      assertMatch(answer, / 332 bob #tea :cups/);
      assertMatch(answer, / 367 bob #tea bad!\*@\*/);
      assertEquals(messages > 0 && !answer.includes("message"), false);
      bob.close();
      for (const name of ["cloak.key", "tls/key.pem", "tls/certificate.pem"]) {
        assertEquals(
          Deno.readFileSync(`${again}/data/${name}`),
          Deno.readFileSync(`${home}/data/${name}`),
          name,
        );
      }
      assertEquals(await restored.end(), 0);
    }
    assert(rounds.at(-1)!.messages > 0 && rounds.at(-1)!.accounts.length > 1, "there was a load");
  },
);
