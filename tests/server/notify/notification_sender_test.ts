/** Notifications that are sent to real servers on this machine: what arrives, and what never leaves. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { sendNotification } from "../../../lib/server/notify/notification_sender.ts";
import type { SenderOptions } from "../../../lib/server/notify/notification_sender.ts";
import { NotifyPolicy } from "../../../lib/server/settings/notify_flags.ts";
import { Authority } from "../../support/certificates.ts";
import { inTime, outputOf } from "../../support/guard.ts";
import { tempDirTest } from "../../support/test.ts";
import { ROOT } from "../../docs/pages.ts";
import { answerOf, OK, RINGING, WebTarget, write } from "./web_target.ts";
import type { Answer } from "./web_target.ts";

const PROGRAM = "tests/server/notify/program_send.ts";
const HERE = new NotifyPolicy(true, ["127.0.0.0/8"]);
const NOTHING_ALLOWED = new NotifyPolicy(true, []);
/** Names of these tests are this machine's. */
const LOCAL: SenderOptions = { resolve: () => Promise.resolve(["127.0.0.1"]) };
/** For what ends by the time limit only. */
const SHORT_MS = 300;

/** Sends to `url`, in which PORT is the port of `target`. */
function send(target: WebTarget, url: string, policy = HERE, options: SenderOptions = LOCAL) {
  const text = url.replace("PORT", String(target.port));
  return inTime(`the outcome of ${url}`, sendNotification(text, RINGING, policy, options));
}

async function withTarget(target: WebTarget, run: (target: WebTarget) => Promise<void>): Promise<void> {
  try {
    await run(target);
  } finally {
    await target.close();
  }
}

Deno.test("notifications: a webhook, ntfy and Gotify get the form that each documents", () =>
  withTarget(WebTarget.listen(), async (target) => {
    const host = `hooks.example:${target.port}`;
    assertEquals(await send(target, "http://hooks.example:PORT/a%20b?c=d%26&e"), undefined);
    assertEquals(await send(target, "ntfy+http://:tk_1@hooks.example:PORT/alerts"), undefined);
    assertEquals(
      await send(target, "gotify+http://alice:p%C3%BC@hooks.example:PORT/message?token=T"),
      undefined,
    );
    const [webhook, ntfy, gotify] = target.requests;
    assertEquals(target.requests.map(({ line }) => line), [
      "POST /a%20b?c=d%26&e HTTP/1.1",
      "POST /alerts HTTP/1.1",
      "POST /message?token=T HTTP/1.1",
    ]);
    assertEquals(target.requests.map(({ headers }) => headers["host"]), [host, host, host]);
    assertEquals(JSON.parse(webhook!.body), {
      page: 12,
      list: "ops",
      text: "db down",
      from: "ci",
      ring: 1,
      time: "2026-11-30T20:15:30.250Z",
      state: "ringing",
      by: null,
    });
    assertEquals([webhook!.headers["content-type"], webhook!.headers["authorization"]], [
      "application/json",
      undefined,
    ]);
    assertEquals(ntfy!.body, "db down");
    assertEquals(
      ["title", "priority", "tags", "authorization"].map((name) => ntfy!.headers[name]),
      ["ops: page 12 from ci", "urgent", "rotating_light", `Basic ${btoa(":tk_1")}`],
    );
    assertEquals(JSON.parse(gotify!.body), {
      title: "ops: page 12 from ci",
      message: "db down",
      priority: 8,
    });
    assertEquals(gotify!.headers["authorization"], "Basic YWxpY2U6cMO8");
  }));

Deno.test("notifications: no text makes a header or a line of the request", () =>
  withTarget(WebTarget.listen(), async (target) => {
    const evil = "x\r\nEvil: 1\r\n\r\nGET / HTTP/1.1\r\n\x02\u202eü 🔥";
    const notification = { ...RINGING, list: evil, from: evil, text: evil, by: evil };
    for (const form of ["ntfy+http://h:PORT/t", "gotify+http://h:PORT/message?token=t", "http://h:PORT/"]) {
      const url = form.replace("PORT", String(target.port));
      for (const state of ["ringing", "acknowledged", "withdrawn", "expired", "test"] as const) {
        assertEquals(await sendNotification(url, { ...notification, state }, HERE, LOCAL), undefined);
      }
    }
    for (const { line, headers } of target.requests) {
      assertMatch(line, /^POST \/(?:t|message\?token=t|) HTTP\/1\.1$/);
      assert(!("evil" in headers), JSON.stringify(headers));
      assertMatch(Object.values(headers).join(""), /^[ -~]+$/);
    }
    assertEquals(target.requests[0]!.body.includes("\r") || target.requests[0]!.body.includes("\n"), false);
    assertEquals([target.requests.length, target.connections], [15, 15]);
  }));

Deno.test("notifications: a certificate must be valid for the name in the URL, at the address that was checked", async () => {
  const authority = await Authority.create();
  const ca = [authority.pem];
  await withTarget(WebTarget.listen(OK, { tls: await authority.issue("hooks.example") }), async (target) => {
    assertEquals(await send(target, "https://hooks.example:PORT/", HERE, { ...LOCAL, ca }), undefined);
    assertEquals(await send(target, "https://hooks.example.:PORT/", HERE, { ...LOCAL, ca }), undefined);
    for (const url of ["https://other.example:PORT/", "https://127.0.0.1:PORT/"]) {
      assertMatch(
        (await send(target, url, HERE, { ...LOCAL, ca }))!,
        /has no valid certificate/,
      );
    }
    assertMatch((await send(target, "https://hooks.example:PORT/"))!, /has no valid certificate/);
    assertMatch((await send(target, "http://hooks.example:PORT/"))!, /closed the connection|HTTP server/);
    assertEquals(target.requests.length, 2);
  });
  await withTarget(WebTarget.listen(OK, { tls: await authority.issue("127.0.0.1") }), async (target) => {
    assertEquals(await send(target, "https://127.0.0.1:PORT/", HERE, { ca }), undefined);
    assertEquals(await send(target, "https://2130706433:PORT/", HERE, { ca }), undefined);
  });
  await withTarget(WebTarget.listen(), async (target) => {
    const options = { ...LOCAL, timeoutMs: SHORT_MS }; // the server waits for the rest of what it takes for a head
    assertMatch(
      (await send(target, "https://hooks.example:PORT/", HERE, options))!,
      /did not answer within 0\.3 s/,
    );
  });
});

Deno.test("notifications: without --notify-allow no form of this machine's address is connected to", () =>
  withTarget(WebTarget.listen(), async (target) => {
    const told: string[] = [];
    const hosts = [
      "127.0.0.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.1",
      "127.0.0.1.",
      "0",
      "0.0.0.0",
    ];
    const literals = [
      "[::1]",
      "[::]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[::127.0.0.1]",
      "[64:ff9b::7f00:1]",
    ];
    // The system's own resolver knows these.
    const names = ["localhost", "localhost.", "LOCALHOST"];
    for (const host of [...hosts, ...literals, ...names]) {
      const why = await send(target, `http://${host}:PORT/`, NOTHING_ALLOWED, {
        onRefused: (text) => told.push(text),
      });
      assertMatch(
        why!,
        /is not public: this server sends there only if its operators allow it \(serve --notify-allow\)$/,
        host,
      );
    }
    assertEquals(told.length, hosts.length + literals.length + names.length);
    assertMatch(
      told[0]!,
      /^a notification to 127\.0\.0\.1:\d+ was refused: 127\.0\.0\.1 is loopback; serve --notify-allow 127\.0\.0\.1 allows it$/,
    );
    assertEquals(target.connections, 0);
  }));

Deno.test("notifications: an IPv6 address in the URL is connected to as such", () =>
  withTarget(WebTarget.listen(OK, { hostname: "::1" }), async (target) => {
    const policy = new NotifyPolicy(true, ["::1"]);
    assertEquals(await send(target, "http://[::1]:PORT/", policy), undefined);
    assertEquals(await send(target, "http://[0:0::0:1]:PORT/", policy), undefined);
    assertEquals(
      target.requests.map(({ headers }) => headers["host"]),
      Array(2).fill(`[::1]:${target.port}`),
    );
  }));

Deno.test("notifications: --notify-allow allows an address in all its forms, and no other", () =>
  withTarget(WebTarget.listen(), async (target) => {
    const policy = new NotifyPolicy(true, ["127.0.0.1"]);
    assertEquals(await send(target, "http://127.0.0.1:PORT/", policy), undefined);
    assertEquals(await send(target, "http://localhost:PORT/", policy), undefined);
    assertEquals(await send(target, "http://[::ffff:127.0.0.1]:PORT/", policy), undefined);
    assertMatch((await send(target, "http://127.0.0.2:PORT/", policy, {}))!, /is not public/);
    policy.replace(new NotifyPolicy(true, ["10.0.0.0/8"]));
    assertMatch((await send(target, "http://127.0.0.1:PORT/", policy))!, /is not public/);
    policy.replace(new NotifyPolicy(false, ["127.0.0.1"]));
    assertMatch(
      (await send(target, "http://127.0.0.1:PORT/", policy))!,
      /sends no notifications \(serve --notify off\)/,
    );
    assertEquals(target.requests.length, 3);
  }));

Deno.test("notifications: a name is resolved once, and the connection goes to what was checked", () =>
  withTarget(WebTarget.listen(), async (target) => {
    const other = WebTarget.listen(OK, { hostname: "127.0.0.2", port: target.port });
    await withTarget(other, async () => {
      const answers = [["127.0.0.1"], ["127.0.0.2"]];
      const asked: string[] = [];
      const resolve = (host: string) => {
        asked.push(host);
        return Promise.resolve(answers[asked.length - 1]!);
      };
      const policy = new NotifyPolicy(true, ["127.0.0.1"]);
      assertEquals(await send(target, "http://rebinding.example:PORT/", policy, { resolve }), undefined);
      assertEquals([asked, target.requests.length, other.connections], [["rebinding.example"], 1, 0]);
      // The next time it has the other address.
      assertMatch(
        (await send(target, "http://rebinding.example:PORT/", policy, { resolve }))!,
        /is not public/,
      );
      // One address that is not public is enough.
      for (
        const mixed of [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "fe80::1%eth0"]]
      ) {
        const why = await send(target, "http://mixed.example:PORT/", policy, {
          resolve: () => Promise.resolve(mixed),
        });
        assertMatch(why!, /^mixed\.example:\d+ is not public/);
      }
      assertEquals([target.connections, other.connections], [1, 0]);
    });
  }));

Deno.test("notifications: an address of this machine is not connected to, public as it may be", () =>
  withTarget(WebTarget.listen(), async (target) => {
    const told: string[] = [];
    const options = { ...LOCAL, whyNotPublic: () => undefined, onRefused: (text: string) => told.push(text) };
    const why = await send(target, "http://hooks.example:PORT/", NOTHING_ALLOWED, options);
    assertMatch(why!, /is not public/);
    assertMatch(
      told[0]!,
      /127\.0\.0\.1 is an address of this machine; serve --notify-allow 127\.0\.0\.1 allows it/,
    );
    assertEquals(target.requests.length, 0);
  }));

Deno.test("notifications: names without an address, and resolvers that fail or never answer", async () => {
  const outcome = (resolve: SenderOptions["resolve"]) =>
    sendNotification("http://nemo.example/SECRET", RINGING, HERE, { resolve: resolve!, timeoutMs: SHORT_MS });
  const failing = (code: string) => () => Promise.reject(Object.assign(new Error("SECRET"), { code }));
  assertEquals(await outcome(() => Promise.resolve([])), "nemo.example has no address: check the name");
  assertEquals(await outcome(failing("ENOTFOUND")), "nemo.example cannot be found: check the name");
  assertEquals(await outcome(failing("EAI_AGAIN")), "the name nemo.example cannot be resolved at present");
  assertEquals(await outcome(failing("EWHAT")), "nemo.example could not be reached (EWHAT): check the URL");
  assertEquals(
    await inTime("the time limit", outcome(() => new Promise(() => {}))),
    "nemo.example did not answer within 0.3 s",
  );
  assertMatch(
    (await sendNotification("http://no-such-name.invalid/", RINGING, HERE))!,
    /cannot be found|resolved/,
  );
});

Deno.test("notifications: an address that takes no connection leaves its turn to the next one", () =>
  withTarget(WebTarget.listen(), async (target) => {
    const resolve = () => Promise.resolve(["127.0.0.3", "127.0.0.1"]);
    assertEquals(await send(target, "http://hooks.example:PORT/", HERE, { resolve }), undefined);
    const five = ["3", "4", "5", "6", "1"].map((last) => `127.0.0.${last}`);
    const why = await send(target, "http://hooks.example:PORT/", HERE, {
      resolve: () => Promise.resolve(five),
    });
    assertMatch(why!, /^hooks\.example:\d+ refuses connections: check the port of the URL$/);
    assertEquals(target.requests.length, 1);
  }));

const forever = async (conn: Deno.Conn, text: string) => {
  for (;;) await write(conn, text);
};
const head = (status: string, fields = "") =>
  answerOf(`HTTP/1.1 ${status}\r\n${fields}Content-Length: 0\r\n\r\n`);

/** What servers do → what the person is told; undefined: the notification was taken. */
const SERVERS: Readonly<Record<string, readonly [Answer, RegExp | undefined]>> = {
  "says 204": [head("204 No Content"), undefined],
  "sends a body without end": [
    (conn) => write(conn, "HTTP/1.1 200 OK\r\n\r\n").then(() => forever(conn, "x".repeat(4096))),
    undefined,
  ],
  "sends a body in chunks that never come": [
    answerOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx"),
    undefined,
  ],
  "says 200 after provisional responses": [
    answerOf("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    undefined,
  ],
  "redirects": [
    head("301 Moved", "Location: http://127.0.0.1:1/SECRET\r\n"),
    /redirects to another URL \(301\), which is not/,
  ],
  "redirects with the same method": [
    head("307 X", "Location: http://10.0.0.1/SECRET\r\n"),
    /redirects .* \(307\)/,
  ],
  "says 401": [head("401 SECRET"), /answered 401: check the user, password or token in the URL$/],
  "says 404": [head("404 SECRET"), /answered 404: check the path of the URL$/],
  "says 429": [head("429 SECRET"), /answered 429: it gets too many messages at present$/],
  "says 503": [head("503 SECRET"), /answered 503: it has trouble of its own$/],
  "says 418": [head("418 SECRET"), /answered 418$/],
  "switches protocols": [
    answerOf("HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    /answered 101$/,
  ],
  "never answers": [() => Promise.resolve(), /did not answer within 0\.3 s$/],
  "sends half a head": [answerOf("HTTP/1.1 200 OK\r\nX-Slow: "), /did not answer within 0\.3 s$/],
  "closes at once": [(conn) => conn.closeWrite(), /closed the connection without an answer/],
  "speaks another protocol": [answerOf("SSH-2.0-OpenSSH_9.2\r\n"), /does not answer as an HTTP server does/],
  "sends a head without end": [
    (conn) => write(conn, "HTTP/1.1 200 OK\r\n").then(() => forever(conn, `X-A: ${"a".repeat(500)}\r\n`)),
    /does not answer as an HTTP server does/,
  ],
  "sends one field without end": [
    (conn) => write(conn, "HTTP/1.1 200 OK\r\nX-A: ").then(() => forever(conn, "a".repeat(500))),
    /does not answer as an HTTP server does/,
  ],
  "sends provisional responses without end": [
    (conn) => forever(conn, "HTTP/1.1 102 Processing\r\n\r\n"),
    /does not answer as an HTTP server does/,
  ],
};

for (const [what, [answer, pattern]] of Object.entries(SERVERS)) {
  Deno.test(`notifications: a server that ${what}`, () =>
    withTarget(WebTarget.listen(answer), async (target) => {
      const url = "http://u:SECRET@hooks.example:PORT/SECRET?token=SECRET";
      const needsLimit = pattern?.source.includes("within") === true;
      const options = { ...LOCAL, ...needsLimit && { timeoutMs: SHORT_MS } };
      const why = await send(target, url, HERE, options);
      if (pattern === undefined) assertEquals(why, undefined);
      else {
        assertMatch(why!, pattern);
        assertMatch(why!, /^hooks\.example:\d+ /);
        assertEquals(why!.includes("SECRET"), false, why);
      }
      assertEquals(target.connections, 1); // nothing is sent twice
    }));
}

tempDirTest(
  "notifications: the permissions of `serve` suffice, and NODE_EXTRA_CA_CERTS names an authority of one's own",
  { permissions: "inherit" },
  async (dir) => {
    const authority = await Authority.create();
    await Deno.writeTextFile(`${dir}/ca.pem`, authority.pem);
    const target = WebTarget.listen(OK, { tls: await authority.issue("localhost") });
    await withTarget(target, async () => {
      const run = async (env: Record<string, string>) => {
        const args = [
          "run",
          "--quiet",
          "--no-prompt",
          "--no-check",
          "-P",
          PROGRAM,
          `https://localhost:${target.port}/`,
        ];
        const child = new Deno.Command(Deno.execPath(), {
          args,
          env,
          cwd: ROOT,
          stdout: "piped",
          stderr: "piped",
        });
        const { out, err } = await outputOf("the program", child.spawn());
        return out + err;
      };
      assertEquals(await run({ NODE_EXTRA_CA_CERTS: `${dir}/ca.pem` }), "sent\n");
      assertMatch(await run({}), /has no valid certificate/);
    });
  },
);

Deno.test("notifications: what is under way ends with the server", () =>
  withTarget(WebTarget.listen(() => Promise.resolve()), async (target) => {
    const stopping = new AbortController();
    const outcome = send(target, "http://hooks.example:PORT/", HERE, { ...LOCAL, signal: stopping.signal });
    stopping.abort();
    assertEquals(await outcome, "the server is stopping");
  }));

Deno.test("notifications: a URL that is not valid is not resolved", async () => {
  const resolve = () => Promise.reject(new Error("asked"));
  assertMatch(
    (await sendNotification("ftp://SECRET/", RINGING, HERE, { resolve }))!,
    /does not begin with https/,
  );
});
