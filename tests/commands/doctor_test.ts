/** `doctor`: each fault is provoked once. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as doctor } from "../../commands/doctor.ts";
import { MAX_OUTBOX_FILES_CHECKED } from "../../commands/doctor/local_checks.ts";
import { openOutbox } from "../../lib/client/sending/outbox_store.ts";
import { parseAddress } from "../../lib/net/address.ts";
import { assert } from "../../lib/base/assert.ts";
import type { FakeIoOptions } from "../cli/fake_io.ts";
import { FakeServer } from "../client/fake_server.ts";
import { Authority } from "../support/certificates.ts";
import { POSIX } from "../support/test.ts";
import { program, programTest, Server } from "./program.ts";
import { run } from "./run_command.ts";

interface Line {
  readonly check: string;
  readonly status: string;
  readonly text: string;
}

const UTF8 = { TERM: "xterm", LANG: "C.UTF-8" };

/** The lines of `doctor --json` with its configuration in `home`, and the exit code. */
async function examine(
  home: string,
  args: readonly string[],
  { env = {}, ...options }: FakeIoOptions = {},
): Promise<{ code: number; of: (check: string) => Line[]; out: string }> {
  const own = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, ...UTF8, ...env };
  const { code, out, err } = await run(doctor, ["--json", ...args], { ...options, env: own });
  assertEquals(err, "");
  const lines = out.trimEnd().split("\n").map((line) => JSON.parse(line) as Line);
  return { code, of: (check) => lines.filter((line) => line.check === check), out };
}

const NOWHERE = ["--server", "127.0.0.1:1"];

programTest("doctor: all is well, and nothing is created or claimed", POSIX, async (home) => {
  await using server = await Server.start(`${await Deno.makeTempDir({ dir: home })}`);
  const own = await Deno.makeTempDir({ dir: home });
  const { code, out } = await run(doctor, ["--server", server.url], {
    env: { XDG_CONFIG_HOME: own, XDG_STATE_HOME: own, ...UTF8 },
    terminal: true,
    typed: "",
    size: () => ({ columns: 80, rows: 24 }),
  });
  assertEquals([code, Array.from(Deno.readDirSync(own))], [0, []]);
  const heads = out.split("\n").filter((line) => !line.startsWith(" "));
  assertEquals(heads.map((line) => line.slice(0, 17).trimEnd()), [
    "ok       config",
    "ok       folders",
    "ok       server",
    "ok       tls",
    "ok       protocol",
    "ok       clock",
    "ok       key",
    "ok       outbox",
    "ok       terminal",
    "",
  ]);
  assertMatch(out, /^ok {7}server {4}\S+ answers in [\d.]+ ms$/m);
  const registered = await program(["register", "alice", "--server", server.url], own);
  assertEquals(registered.code, 0, registered.err);
  const unnamed = await examine(own, ["--server", server.url]);
  assertMatch(
    unnamed.of("key")[0]!.text,
    /^there is no key of \S+ here; there are keys of alice here: .*--name/,
  );
  const known = await examine(own, ["--server", server.url, "--name", "alice"]);
  assertEquals([known.code, known.of("key").map(({ status }) => status)], [0, ["ok"]]);
  assertMatch(known.of("key")[0]!.text, /^the key of alice \(.*\): the server knows it$/);
  const [folder = ""] = Array.from(Deno.readDirSync(`${own}/chatterbox/keys`), ({ name }) => name);
  const key = await Deno.readTextFile(`${own}/chatterbox/keys/${folder}/alice`);
  assertEquals(known.out.includes(key.trim()), false, "no secret is shown");

  const slow = await examine(own, ["--server", server.url], { now: Date.now() - 3_600_000 });
  assertEquals([slow.code, slow.of("clock")[0]!.status], [0, "warning"]);
  assertMatch(slow.of("clock")[0]!.text, /^this machine's clock is .+ behind the server's \(.*Z\): set /);

  await Deno.chmod(`${own}/chatterbox/keys/${folder}/alice`, 0o644);
  const exposed = await examine(own, ["--server", server.url, "--name", "alice"]);
  assertEquals([exposed.code, exposed.of("key")[0]!.status], [78, "failed"]);
  assertMatch(exposed.of("key")[0]!.text, /other users can read or change it \(mode 0644\).*chmod 600/);
  assertEquals(exposed.of("server")[0]!.status, "ok", "the other checks go on");

  await Deno.chmod(`${own}/chatterbox/keys/${folder}/alice`, 0o600);
  await Deno.writeTextFile(`${home}/key`, `${"k".repeat(43)}\n`, { mode: 0o600 });
  const given = ["--name", "alice", "--key-file", `${home}/key`];
  const wrong = await examine(own, ["--server", server.url, ...given]);
  assertEquals([wrong.code, wrong.of("key")[0]!.status], [77, "failed"], wrong.out);
  assertMatch(wrong.of("key")[0]!.text, /^the key from \S+ is not that of alice on /);
  assertEquals(wrong.of("clock")[0]!.status, "ok", "the other checks go on");
  const keys = `${own}/chatterbox/keys/${folder}`;
  await Deno.copyFile(`${home}/key`, `${keys}/bob`);
  const free = await examine(own, ["--server", server.url, "--name", "bob"]);
  assertEquals([free.code, free.of("key")[0]!.status], [0, "warning"], free.out);
  assertMatch(
    free.of("key")[0]!.text,
    /does not know the key of bob .*: the name is not registered with it; /,
  );
  const before = Array.from(Deno.readDirSync(keys), ({ name }) => name).sort();
  assertEquals(before.filter((name) => name.startsWith("bob")), ["bob"], "nothing is noted");
  const other = `${home}/other/chatterbox/keys/${folder}`; // a second machine
  await Deno.mkdir(other, { recursive: true, mode: 0o700 });
  for (const name of before) await Deno.copyFile(`${keys}/${name}`, `${other}/${name}`);
  assertEquals((await program(["unregister", "alice", "--yes", "--server", server.url], own)).code, 0);
  const gone = await examine(`${home}/other`, ["--server", server.url, "--name", "alice"]);
  assertEquals([gone.code, gone.of("key")[0]!.status], [77, "failed"], gone.out);
  assertMatch(gone.of("key")[0]!.text, /which a server has accepted before: .*chatterbox register alice/);

  await Deno.writeTextFile(`${own}/chatterbox/keys/${folder}/alice`, "damaged\n");
  const damaged = await examine(own, ["--server", server.url, "--name", "alice"]);
  assertEquals([damaged.code, damaged.of("key")[0]!.status], [78, "failed"], damaged.out);
});

programTest("doctor: folders that are none", POSIX, async (home) => {
  await Deno.writeTextFile(`${home}/chatterbox`, "");
  await Deno.mkdir(`${home}/own`);
  const env = { XDG_CONFIG_HOME: `${home}/own`, XDG_STATE_HOME: home };
  const file = await examine(home, NOWHERE, { env });
  assertEquals([file.code, file.of("folders")[1]!.status], [78, "failed"]);
  assertMatch(file.of("folders")[1]!.text, /chatterbox is not a folder: move it away$/);
  const below = { env: { ...env, XDG_STATE_HOME: `${home}/chatterbox` } };
  assertEquals((await examine(home, NOWHERE, below)).of("folders")[1]!.status, "failed");
  const outbox = await examine(home, NOWHERE, { env });
  assertEquals(outbox.of("outbox")[0]!.status, "failed");
});

programTest("doctor: a server that is stopped, and one that is no server of IRC", POSIX, async (home) => {
  const stopped = await examine(home, NOWHERE);
  assertEquals([stopped.code, stopped.of("server")[0]!.status], [69, "failed"]);
  assertMatch(stopped.of("server")[0]!.text, /^cannot reach 127\.0\.0\.1:1: connection refused; is a server/);
  assertEquals([stopped.of("clock").length, stopped.of("outbox").length], [0, 1]);
  const wrong = await examine(home, ["--server", "gopher://x"]);
  assertEquals([wrong.code, wrong.of("server")[0]!.status], [64, "failed"]);
});

programTest("doctor: a certificate that has expired, and one that is not known", POSIX, async (home) => {
  const authority = await Authority.create();
  const expired = await authority.issue("127.0.0.1", -2);
  await using server = new FakeServer(async (peer) => void await peer.next(), expired);
  await Deno.writeTextFile(`${home}/ca.pem`, authority.pem);
  const url = `ircs://127.0.0.1:${server.port}`;
  const found = await examine(home, ["--server", url, "--ca", `${home}/ca.pem`]);
  assertEquals([found.code, found.of("tls")[0]!.status], [77, "failed"]);
  assertMatch(
    found.of("tls")[0]!.text,
    /is not trusted: it expired at \S+Z, and the clock .*; it expired \S+Z$/,
  );
  assertEquals(found.of("server")[0]!.status, "ok");
  const unknown = await examine(home, ["--server", url]);
  assertEquals([unknown.code, unknown.of("tls")[0]!.status], [77, "failed"]);
  assertMatch(
    unknown.of("tls")[0]!.text,
    /is not known here.*--fingerprint SHA256:\S{95}; --trust-first-use/,
  );
  assertEquals(Array.from(Deno.readDirSync(home), ({ name }) => name), ["ca.pem"], "nothing is remembered");
});

programTest("doctor: permissions of the configuration and its folders", POSIX, async (home) => {
  const dir = `${home}/chatterbox`;
  await Deno.mkdir(dir, { mode: 0o700 });
  await Deno.writeTextFile(`${dir}/config.json`, '{"password": "sesame"}', { mode: 0o644 });
  const exposed = await examine(home, NOWHERE);
  assertEquals([exposed.code, exposed.of("config")[0]!.status], [78, "failed"]);
  assertMatch(exposed.of("config")[0]!.text, /contains a password, and other users can read or change it/);
  assertEquals(exposed.out.includes("sesame"), false, "no secret is shown");
  await Deno.writeTextFile(`${dir}/config.json`, '{"name": "alice"}');
  await Deno.chmod(`${dir}/config.json`, 0o666);
  assertMatch((await examine(home, NOWHERE)).of("config")[0]!.text, /other users can change it: chmod 600 /);
  await Deno.chmod(`${dir}/config.json`, 0o600);
  await Deno.chmod(dir, 0o777);
  const open = await examine(home, NOWHERE);
  assertEquals([open.code, open.of("folders")[0]!.status], [78, "failed"]);
  assertMatch(open.of("folders")[0]!.text, /other users can change it: chmod 700 /);
  await Deno.chmod(dir, 0o755);
  assertEquals((await examine(home, NOWHERE)).of("folders")[0]!.status, "warning");
  const { code, out } = await run(doctor, ["--profile", "work"], { env: { XDG_CONFIG_HOME: home } });
  assertEquals([code, out], [64, ""], "wrong usage is no finding");
});

programTest("doctor: messages that wait in the outbox, and their permissions", POSIX, async (home) => {
  const address = parseAddress("127.0.0.1:1");
  assert(address.kind === "tcp", "an address");
  const outbox = openOutbox(`${home}/chatterbox/outbox`, address, "alice");
  assert(outbox.kind === "ok", "an outbox");
  const message = {
    target: "#ops",
    text: "secret words",
    manner: "said",
    at: Date.UTC(2026, 0, 31),
  } as const;
  outbox.store.add({ ...message, id: "one" });
  outbox.store.add({ ...message, id: "two" });
  const waiting = await examine(home, NOWHERE);
  assertEquals(waiting.of("outbox").map(({ status }) => status), ["warning"]);
  assertMatch(
    waiting.of("outbox")[0]!.text,
    /^2 messages of alice in .*, since 2026-01-31T00:00:00Z; chatterbox join alice --server localhost:1 sends what waits$/,
  );
  const usual = await examine(home, [], { env: { CHATTERBOX_SERVER: "127.0.0.1:1" } });
  assertMatch(usual.of("outbox")[0]!.text, /; chatterbox join alice sends what waits$/);
  for (const folder of ["unix_%2Frun%2Fchat", "irc.example.net_6667"]) {
    await Deno.rename(outbox.store.path.replace(/\/[^/]*$/, ""), `${home}/chatterbox/outbox/${folder}`);
    const [{ text }] = (await examine(home, NOWHERE)).of("outbox") as [Line];
    assertMatch(
      text,
      folder.startsWith("unix_")
        ? /; chatterbox join alice --server unix:\/run\/chat sends/
        : / --server irc\.example\.net:6667 \(or ircs:\/\/irc\.example\.net:6697, if it is reached by TLS\) sends/,
    );
    await Deno.rename(`${home}/chatterbox/outbox/${folder}`, outbox.store.path.replace(/\/[^/]*$/, ""));
  }
  assertEquals(waiting.out.includes("secret words"), false);
  const [file] = Array.from(Deno.readDirSync(outbox.store.path), ({ name }) => name).sort();
  await Deno.chmod(`${outbox.store.path}/${file}`, 0o644);
  const exposed = await examine(home, NOWHERE);
  assertEquals(exposed.of("outbox").map(({ status }) => status), ["failed", "warning"]);
  await Deno.rename(`${outbox.store.path}/${file}`, `${outbox.store.path}/${file}.bad`);
  const damaged = await examine(home, NOWHERE);
  assertMatch(damaged.of("outbox")[1]!.text, /: 1 damaged file \(\.bad\)$/);
});

programTest("doctor: at a terminal the lines are folded, in a pipe they are not", POSIX, async (home) => {
  const at = async (columns: number | undefined) => {
    const env = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, ...UTF8 };
    const terminal = columns === undefined ? {} : {
      terminal: true,
      typed: "",
      size: () => ({ columns, rows: 24 }),
    };
    const { out } = await run(doctor, NOWHERE, { env, ...terminal });
    return out.split("\n").filter((line) => !line.includes(home));
  };
  for (const columns of [40, 80]) {
    const lines = await at(columns);
    assertEquals(lines.filter((line) => line.length > columns), []);
    const start = lines.findIndex((line) => line.startsWith("FAILED   server"));
    assertEquals(
      lines.slice(start, start + 3),
      columns === 40
        ? ["FAILED   server", "  cannot reach 127.0.0.1:1: connection", "  refused; is a server running?"]
        : [
          "FAILED   server    cannot reach 127.0.0.1:1: connection refused; is a server",
          "                   running? (chatterbox serve starts one)",
          "ok       outbox    no message waits to be sent",
        ],
    );
  }
  assertEquals((await at(undefined)).some((line) => line.length > 80), true);
});

programTest("doctor: a terminal that is dumb, small, or has no UTF-8", POSIX, async (home) => {
  const at = async (env: Record<string, string>, columns = 80, rows = 24) => {
    const options = { env, terminal: true, typed: "", size: () => ({ columns, rows }) };
    return (await examine(home, NOWHERE, options)).of("terminal").map(({ status, text }) =>
      `${status} ${text}`
    );
  };
  const [dumb = "", ...no] = await at({ TERM: "dumb" });
  assertMatch(dumb, /^warning TERM is dumb: the chat is shown line by line; export TERM=/);
  assertEquals(no, []);
  for (const locale of ["C", "POSIX", "de_DE.ISO-8859-1"]) {
    const [text = ""] = await at({ LC_ALL: locale });
    assertMatch(text, /^warning the locale is \S+, not UTF-8: .*export LANG=C\.UTF-8$/);
  }
  assertEquals((await examine(home, NOWHERE, { env: {} })).of("terminal").map(({ text }) => text), [
    "standard output is no terminal: nothing to check",
  ]);
  assertEquals(await at({}, 30), ["warning it is too small: 30 columns, 40 are needed"]);
  assertEquals(await at({}, 40, 9), ["warning it is too small: 9 rows, 10 are needed"]);
  assertEquals(await at({}, 40, 0), ["ok xterm, C.UTF-8, colours, 40 columns, the rest of its size unknown"]);
  assertEquals(await at({}, 0, 0), ["ok xterm, C.UTF-8, colours, size unknown"]);
  assertEquals(await at({ LC_CTYPE: "en_US.utf8" }), [
    "ok xterm, en_US.utf8, colours, 80 columns, 24 rows",
  ]);
});

programTest("doctor: more files in the outbox than are looked at", POSIX, async (home) => {
  const dir = `${home}/chatterbox/outbox/localhost_1/alice`;
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  for (let nth = 0; nth <= MAX_OUTBOX_FILES_CHECKED; nth++) Deno.writeTextFileSync(`${dir}/${nth}`, "");
  const found = await examine(home, NOWHERE);
  assertMatch(found.of("outbox")[0]!.text, / has more than 10000 files$/);
});
