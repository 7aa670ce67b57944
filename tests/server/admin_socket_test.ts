/** The admin socket over real connections: its answers, its bounds, and who it lets in. */
import { assertEquals, assertMatch } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { ConsoleRunner } from "../../lib/server/console/console_runner.ts";
import type { ProcessControl } from "../../lib/server/console/console_runner.ts";
import { AdminSocket, MAX_ADMIN_CONNECTIONS } from "../../lib/server/console/admin_socket.ts";
import { MAX_COMMAND_BYTES, SOCKET_PATH_MAX_BYTES } from "../../lib/server/console/admin_protocol.ts";
import { inTime } from "../support/guard.ts";
import { TestHub } from "../support/hub.ts";

/** Longer than any test takes. */
const NEVER_MS = 3_600_000;

interface Scene {
  readonly chat: TestHub;
  readonly dir: string;
  readonly path: string;
  readonly socket: AdminSocket;
}

interface SceneOptions {
  readonly control?: ProcessControl;
  readonly idleMs?: number;
}

function adminSocketTest(
  name: string,
  fn: (scene: Scene) => Promise<void>,
  options: SceneOptions = {},
): void {
  Deno.test({
    name: `admin socket: ${name}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const dir = await Deno.makeTempDir();
      const chat = new TestHub();
      const socket = await opened(chat, dir, options);
      try {
        await fn({ chat, dir, path: `${dir}/admin.sock`, socket });
      } finally {
        await socket.stopListening().catch(() => {});
        await socket.close();
        await Deno.remove(dir, { recursive: true });
      }
    },
  });
}

function administrationOf(chat: TestHub, control?: ProcessControl): ConsoleRunner {
  const run: ConstructorParameters<typeof ConsoleRunner>[0]["run"] = (task) => {
    task(chat.hub, chat.now);
    return Promise.resolve();
  };
  return new ConsoleRunner({ run }, () => Promise.resolve(undefined), control);
}

async function opened(
  chat: TestHub,
  dir: string,
  { control, idleMs = NEVER_MS }: SceneOptions = {},
): Promise<AdminSocket> {
  const outcome = await AdminSocket.open(dir, administrationOf(chat, control), () => {}, idleMs);
  if (outcome.kind === "failed") throw new Error(outcome.why);
  return outcome.socket;
}

/** All that comes until the other end closes. */
async function untilEnd(conn: Deno.Conn): Promise<string> {
  return await inTime("the end of a connection", new Response(conn.readable).text());
}

/** Reads until the end of `count` answers. */
async function answers(conn: Deno.Conn, count: number): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let text = "";
  while ((text.match(/^(?:OK|NO .*)$/gm) ?? []).length < count || !text.endsWith("\n")) {
    const bytes = await inTime(`an answer, after: ${text}`, conn.read(buffer));
    if (bytes === null) throw new Error(`closed after: ${text}`);
    text += decoder.decode(buffer.subarray(0, bytes), { stream: true });
  }
  return text;
}

async function write(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

const connect = (path: string) => Deno.connect({ transport: "unix", path });

adminSocketTest(
  "each command is answered in its order, with its lines and its end, however it is cut",
  async ({ path, chat }) => {
    chat.enter("alice");
    const conn = await connect(path);
    await write(conn, encodeUtf8("bans\nkick"));
    await write(conn, encodeUtf8(" nobody\r\n\ndance\nban al"));
    await write(conn, encodeUtf8("ice 2h zu läut\n"));
    assertEquals(
      await answers(conn, 5),
      "* no bans or mutes are set\nOK\n" +
        "NO not_found there is no user nobody\n" +
        "OK\n" +
        'NO usage unknown command "dance"; help lists the commands\n' +
        "* alice is banned for 2h\nOK\n",
    );
    conn.close();
  },
);

adminSocketTest(
  "what is no line of UTF-8, or too long, is answered, and the connection closed",
  async ({ path, chat }) => {
    const bad = [
      Uint8Array.of(0x62, 0xff, 0x0a),
      encodeUtf8("x".repeat(MAX_COMMAND_BYTES + 1)),
      encodeUtf8(`${"x".repeat(MAX_COMMAND_BYTES + 1)}\n`),
    ];
    for (const bytes of bad) {
      const conn = await connect(path);
      await write(conn, bytes);
      assertMatch(
        await untilEnd(conn),
        /^NO malformed a command is one line of UTF-8 with at most 4096 bytes\n$/,
      );
    }
    const conn = await connect(path);
    await write(conn, encodeUtf8(`say ${"x".repeat(MAX_COMMAND_BYTES - 4)}\n`));
    assertEquals(await answers(conn, 1), "* sent to #lobby\nOK\n");
    conn.close();
    assertEquals(chat.hub.services.accounts.size, 0);
  },
);

adminSocketTest("bytes that are nothing harm no one", async ({ path }) => {
  const noise = new Uint8Array(2048);
  for (let nth = 0; nth < 20; nth++) {
    crypto.getRandomValues(noise);
    const conn = await connect(path);
    await write(conn, noise.map((byte) => byte === 0x0a ? 0 : byte));
    await write(conn, Uint8Array.of(0x0a)).catch(() => {}); // it may be closed by now
    await untilEnd(conn).catch(() => "");
  }
  const conn = await connect(path);
  await write(conn, encodeUtf8("bans\n"));
  assertEquals(await answers(conn, 1), "* no bans or mutes are set\nOK\n");
  conn.close();
});

adminSocketTest(
  "more connections than its bound are told so, and one that ends makes room",
  async ({ path }) => {
    const conns = [];
    for (let nth = 0; nth < MAX_ADMIN_CONNECTIONS; nth++) {
      const conn = await connect(path);
      await write(conn, encodeUtf8("bans\n"));
      await answers(conn, 1);
      conns.push(conn);
    }
    const more = await connect(path);
    assertMatch(await untilEnd(more), /^NO busy the admin socket has its 8 connections/);
    conns.pop()!.close();
    for (let text = ""; !text.startsWith("*");) { // until the server has seen the end of the other one
      const again = await connect(path);
      await write(again, encodeUtf8("bans\n")).catch(() => {});
      text = await answers(again, 1);
      again.close();
    }
    for (const conn of conns) conn.close();
  },
);

adminSocketTest("a connection that says nothing is closed", async ({ path }) => {
  assertEquals(await untilEnd(await connect(path)), "");
}, { idleMs: 1 });

adminSocketTest("two commands at the same moment are both done", async ({ path, chat }) => {
  const both = await Promise.all(["register alice", "register ALICE"].map(async (line) => {
    const conn = await connect(path);
    await write(conn, encodeUtf8(`${line}\n`));
    const text = await answers(conn, 1);
    conn.close();
    return text;
  }));
  assertEquals(both.filter((text) => text.endsWith("OK\n")).length, 1);
  assertEquals(both.filter((text) => text.startsWith("NO refused ")).length, 1);
  assertEquals(chat.hub.services.accounts.size, 1);
});

const ended = Promise.withResolvers<{ lines: string[] }>();
adminSocketTest(
  "stop is answered when the server has stopped, and the socket is gone then",
  async ({ path, dir, socket }) => {
    const [conn, idle] = [await connect(path), await connect(path)];
    await write(idle, encodeUtf8("bans\n"));
    await answers(idle, 1); // after that it has nothing to wait for
    await write(conn, encodeUtf8("stop\nbans\n")); // of which the second is not taken any more
    const buffer = new Uint8Array(100);
    const count = await conn.read(buffer);
    assertEquals(new TextDecoder().decode(buffer.subarray(0, count!)), "* the server is stopping\n");
    await socket.stopListening();
    assertEquals([...Deno.readDirSync(dir)], []);
    const closed = await untilEnd(idle).finally(() => ended.resolve({ lines: ["all is on disk"] }));
    assertEquals(closed, "");
    await socket.close();
    assertEquals(await untilEnd(conn), "* all is on disk\nOK\n");
  },
  { control: { reload: () => Promise.resolve({ lines: [] }), stop: () => ended.promise } },
);

adminSocketTest("it is its owner's alone, and nothing is left of its making", async ({ path, dir }) => {
  assertEquals((await Deno.lstat(path)).mode! & 0o777, 0o600);
  assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["admin.sock"]);
});

adminSocketTest(
  "a dead server's socket, and what it left half made, are replaced",
  async ({ chat, dir, path }) => {
    await Deno.mkdir(`${dir}/.admin`);
    await Deno.writeTextFile(`${dir}/.admin/s`, "half");
    const next = await opened(chat, dir); // the one that is there is taken for dead: the folder's lock says so
    const conn = await connect(path);
    await write(conn, encodeUtf8("bans\n"));
    assertEquals(await answers(conn, 1), "* no bans or mutes are set\nOK\n");
    conn.close();
    await next.stopListening();
    await next.close();
  },
);

adminSocketTest(
  "what is there and is no socket stays, and says why there is none",
  async ({ chat, dir, path, socket }) => {
    await socket.stopListening();
    await Deno.writeTextFile(path, "mine");
    const outcome = await AdminSocket.open(dir, administrationOf(chat), () => {});
    assertEquals(outcome, { kind: "failed", why: `${path} exists and is not a socket` });
    assertEquals(await Deno.readTextFile(path), "mine");
    await Deno.remove(path);
    await Deno.symlink("/dev/null", path);
    assertEquals((await AdminSocket.open(dir, administrationOf(chat), () => {})).kind, "failed");
  },
);

adminSocketTest(
  "a folder whose path is too long for a socket says so, up to the last byte",
  async ({ chat, dir }) => {
    const fits = SOCKET_PATH_MAX_BYTES - "/admin.sock".length - dir.length - 1;
    const [last, tooLong] = [`${dir}/${"x".repeat(fits)}`, `${dir}/${"x".repeat(fits + 1)}`];
    for (const each of [last, tooLong]) await Deno.mkdir(each);
    await (await opened(chat, last)).stopListening();
    const outcome = await AdminSocket.open(tooLong, administrationOf(chat), () => {});
    assertMatch(
      outcome.kind === "failed" ? outcome.why : "",
      /is longer than the \d+ bytes .* use a shorter --data-dir/,
    );
  },
);
