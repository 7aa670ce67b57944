import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { makeObserverRegistration, readClientLogin } from "../../commands/support/client_login.ts";
import { describeConnectFailure, reportConnectFailure } from "../../commands/support/connect_failure_text.ts";
import { dial } from "../../lib/client/connection/dial.ts";
import type { ClientLogin } from "../../commands/support/client_login.ts";
import { nickFault } from "../../lib/irc/names/new_name_rules.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { pureTest } from "../support/test.ts";

const permissions = { read: true, write: true } as const;

async function access(flags: Record<string, string>, env: Record<string, string> = {}) {
  return await withTempDir(async (home) => {
    const io = new FakeIo({ env: { XDG_CONFIG_HOME: home, ...env } });
    const outcome = await readClientLogin(io, flags, "make");
    await io.flush();
    return { outcome, err: io.err };
  });
}

Deno.test({
  name: "a server, a name and its claim key",
  permissions,
  async fn() {
    const { outcome } = await access({ server: "irc://example.org:7000", name: "bob" }, {
      CHATTERBOX_PASSWORD: "pw",
    });
    if (outcome.kind !== "ok") throw new Error("failed");
    const { address, name, isNameExplicit, registration } = outcome.access;
    assertEquals(address, { kind: "tcp", host: "example.org", port: 7000 });
    assertEquals([name, isNameExplicit], ["bob", true]);
    assertEquals([registration.nick, registration.password, registration.claimKey?.length], [
      "bob",
      "pw",
      43,
    ]);
  },
});

Deno.test({
  name: "what is wrong is said in one line; the flag's fault is usage, the environment's is configuration",
  permissions,
  async fn() {
    const wrongUrl = await access({ server: "gopher://x" });
    assertEquals(wrongUrl.outcome, { kind: "failed", code: 64 });
    assertEquals(wrongUrl.err.split("\n").length, 2);
    const wrongVariable = await access({}, { CHATTERBOX_SERVER: "gopher://x" });
    assertEquals(wrongVariable.outcome, { kind: "failed", code: 78 });
    assertMatch(wrongVariable.err, /^chatterbox: server gopher:\/\/x \(from CHATTERBOX_SERVER\): /);
    assertEquals((await access({ name: "9 lives" })).outcome, { kind: "failed", code: 64 });
    assertEquals((await access({}, { CHATTERBOX_NAME: "a\x1bb" })).outcome, { kind: "failed", code: 78 });
    assertEquals((await access({ "password-file": "/no/such/file" })).outcome, { kind: "failed", code: 78 });
  },
});

Deno.test({
  name: "a profile that there is not is wrong usage, or bad configuration by its variable",
  permissions,
  async fn() {
    const flag = await access({ profile: "work" });
    assertEquals(flag.outcome, { kind: "failed", code: 64 });
    assertMatch(
      flag.err,
      /^chatterbox: --profile: there is no profile "work" in \S+config\.json; it has none\n$/,
    );
    assertEquals((await access({}, { CHATTERBOX_PROFILE: "work" })).outcome, { kind: "failed", code: 78 });
  },
});

const ACCESS: ClientLogin = {
  address: { kind: "tcp", host: "example.org", port: 6667 },
  name: "alice",
  isNameExplicit: true,
  registration: { nick: "alice", claimKey: "key" },
};

pureTest("an observer keeps the claim, and takes a name that is nobody's", () => {
  const { nick, claimKey, isObserver } = makeObserverRegistration(ACCESS);
  assertEquals([claimKey, isObserver, nickFault(nick)], ["key", true, undefined]);
  assertEquals(nick.length <= 9, true); // RFC 1459's limit, which some servers still have
});

pureTest("each failure has its exit code", () => {
  const code = (failure: Parameters<typeof describeConnectFailure>[0]) =>
    describeConnectFailure(failure, ACCESS).code;
  assertEquals(code({ kind: "no_such_host", text: "" }), 68);
  assertEquals(code({ kind: "unreachable", text: "" }), 69);
  assertEquals(code({ kind: "timed_out", text: "" }), 75);
  assertEquals(code({ kind: "not_irc", text: "" }), 76);
  for (const reason of ["name_taken", "bad_name", "password", "banned", "claim", "closed"] as const) {
    assertEquals(code({ kind: "refused", reason, text: "" }), 77);
  }
});

pureTest("a socket that does not let this user connect belongs to a server that runs", async () => {
  const connect = Deno.connect;
  const refuse = () => Promise.reject(new Deno.errors.PermissionDenied("Permission denied (os error 13)"));
  Object.defineProperty(Deno, "connect", { value: refuse, configurable: true, writable: true });
  try {
    const failure = await dial({ kind: "unix", path: "/run/chat" }, new AbortController().signal);
    assert(failure.kind === "unreachable", failure.kind);
    assertEquals(describeConnectFailure(failure, ACCESS), {
      code: 69,
      text:
        "cannot reach unix:/run/chat: permission denied; serve --unix-mode and --unix-group let other users of its " +
        "machine connect",
    });
  } finally {
    Object.defineProperty(Deno, "connect", { value: connect, configurable: true, writable: true });
  }
});

pureTest("a server's words cannot act on the terminal", () => {
  const { text } = describeConnectFailure(
    { kind: "refused", reason: "banned", text: "bye\x1b[2J" },
    ACCESS,
  );
  assertEquals(text, "you are banned from example.org:6667: bye\u241b[2J");
});

pureTest("an interruption is not reported to who caused it", async () => {
  const io = new FakeIo();
  io.interrupt("SIGTERM");
  assertEquals(reportConnectFailure(io, { kind: "aborted", text: "" }, ACCESS), 143);
  await io.flush();
  assertEquals(io.err, "");
});

Deno.test({
  name: "a key logs in as well as it claims; a passphrase does without a key",
  permissions,
  async fn() {
    const { outcome } = await access({ name: "bob" });
    if (outcome.kind !== "ok") throw new Error("failed");
    const { registration: { credentials, claimKey }, key } = outcome.access;
    assertEquals(credentials, {
      account: "bob",
      kind: "key",
      secret: claimKey,
      isRequired: false,
      isUnregistered: true,
      isRegisteredOnPurpose: false,
      register: "ours",
    });
    assertEquals(key?.created, true);
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, "correct horse\r\n");
      const typed = await access({ name: "bob", "passphrase-file": file });
      if (typed.outcome.kind !== "ok") throw new Error("failed");
      assertEquals(typed.outcome.access.registration.credentials?.secret, "correct horse");
      assertEquals(typed.outcome.access.registration.claimKey, undefined);
      await Deno.writeTextFile(file, "correct\nhorse\n");
      const lines = await access({ name: "bob", "passphrase-file": file });
      assertEquals([lines.outcome, lines.err], [
        { kind: "failed", code: 78 },
        `chatterbox: ${file}: has more than one line\n`,
      ]);
    } finally {
      await Deno.remove(file);
    }
  },
});
