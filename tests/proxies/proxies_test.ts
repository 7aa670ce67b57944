/** nginx and HAProxy in front of a server, by the examples of docs/proxies.md. */
import { assertEquals, assertMatch } from "@std/assert";
import { inTime } from "../clients/lobby.ts";
import { needs } from "../tools.ts";
import { Behind, type Doors, proxyExample, serverExample, whois } from "./behind.ts";

/** nginx's folders are the test's, and it stays in front. */
function nginx(flags: readonly string[] = []): Promise<Behind> {
  return Behind.open(
    "nginx",
    (config) => ["nginx", "-c", config, "-e", "stderr", "-g", "daemon off;"],
    (example, home) => {
      const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((name) => `${name}_temp_path ${home}/${name};`).join(" ");
      // As root it would serve as another user, who does not reach the test's folder.
      const user = Deno.uid() === 0 ? "user root;\n" : "";
      return `${user}pid ${home}/nginx.pid;\n${
        example.replace("user www-data;\n", "").replace("http {", `http {\n  access_log off; ${folders}`)
      }`;
    },
    flags,
  );
}

/** It stays the test's user, for the same reason. */
function haproxy(flags: readonly string[] = [], adapt = (example: string) => example): Promise<Behind> {
  const asTest = (example: string) => adapt(example.replace(/^ {2}(?:user|group) haproxy\n/gm, ""));
  return Behind.open("haproxy", (config) => ["haproxy", "-db", "-f", config], asTest, flags);
}

const DOORS: readonly (keyof Doors)[] = ["6697", "6698", "443"];

/** Through every door two clients are told apart, and what is known of their TLS is `secure`. */
async function tellsApart(behind: Behind, secure: Record<keyof Doors, boolean>): Promise<void> {
  const watcher = await behind.enter("watcher", "127.0.0.10", "6698");
  for (const [index, door] of DOORS.entries()) {
    const [one, other] = [`127.0.0.${20 + index}`, `127.0.0.${30 + index}`];
    const clients = [
      await behind.enter(`one${index}`, one, door),
      await behind.enter(`other${index}`, other, door),
    ];
    assertEquals(await whois(watcher, `one${index}`), { host: one, secure: secure[door] }, door);
    assertEquals(await whois(watcher, `other${index}`), { host: other, secure: secure[door] }, door);
    for (const client of clients) client.close();
  }
  watcher.close();
}

/** Of one client a third connection is refused, by whichever door, and another client comes in. */
async function limitsEach(behind: Behind): Promise<void> {
  const clients = [];
  for (const [index, door] of DOORS.entries()) {
    const from = `127.0.0.${40 + index}`;
    for (const number of [1, 2]) clients.push(await behind.enter(`c${index}x${number}`, from, door));
    const why = await behind.enter(`c${index}x3`, from, door).then(
      (client) => client.take().join("\n"),
      String,
    );
    // Where the server's own TLS begins, it closes without a word; the web says it as HTTP.
    if (door === "6697") assertMatch(why, /too many connections from 127\.0\.0\.40/);
    if (door === "443") assertMatch(why, /429 Too Many Requests/);
    assertEquals(/ 001 /.test(why), false, door);
    clients.push(await behind.enter(`c${index}x4`, `127.0.0.${50 + index}`, door));
  }
  for (const client of clients) client.close();
}

const NGINX = needsStream(needs("nginx"));
const HAPROXY = needs("haproxy");

/** nginx's module for what is not HTTP is a package of its own. */
function needsStream(nginx: { ignore: boolean }): { ignore: boolean } {
  if (nginx.ignore || Deno.env.get("CI") !== undefined) return nginx;
  try {
    const modules = [...Deno.readDirSync("/etc/nginx/modules-enabled")];
    if (modules.some(({ name }) => name.includes("stream"))) return nginx;
  } catch {
    // not as Debian has it
  }
  console.log("skipped tests: nginx has no stream module (Debian: libnginx-mod-stream)");
  return { ignore: true };
}

Deno.test("the examples: server and proxy listen on different ports, and the proxy connects to the server's", () => {
  const listens = (text: string, before: string) =>
    [...text.matchAll(new RegExp(`${before}(?:\\S+:)?(\\d+)`, "g"))].map(([, port]) => port!);
  const server = listens(serverExample(), "--(?:listen|tls|web) ");
  assertEquals(server.length, 3);
  for (const [language, listen] of [["nginx", "\\blisten "], ["haproxy", "\\bbind :"]] as const) {
    const example = proxyExample(language);
    const proxy = listens(example, listen);
    assertEquals(proxy.toSorted(), ["443", "6697", "6698"], language);
    assertEquals(proxy.filter((port) => server.includes(port)), [], language);
    const upstream = listens(example, "\\b(?=127\\.0\\.0\\.1:)");
    assertEquals(upstream.filter((port) => !server.includes(port)), [], language);
    assertEquals(example.includes(/--unix (\S+)/.exec(serverExample())![1]!), true, language);
  }
});

Deno.test("the examples: the proxy's workers run as the user in whose group --unix-group puts the socket", () => {
  assertMatch(serverExample(), /--unix-group www-data /);
  assertMatch(proxyExample("nginx"), /^user www-data;$/m);
  assertMatch(proxyExample("haproxy"), /^global\n {2}user haproxy\n {2}group haproxy\n/m);
  assertEquals(proxyExample("haproxy").includes("chroot"), false);
  assertMatch(
    Deno.readTextFileSync(new URL("../../docs/proxies.md", import.meta.url)),
    /--unix-group haproxy/,
  );
});

Deno.test({
  name: "nginx: clients have addresses of their own, over every door; it does not say that it has ended TLS",
  ...NGINX,
  async fn() {
    await using behind = await nginx();
    await inTime("all are told apart", tellsApart(behind, { "6697": false, "6698": true, "443": true }));
    assertEquals(behind.log.filter((line) => /warning: .*(?:refused|proxy)/.test(line)), []);
  },
});

Deno.test({
  name: "nginx: limits are each client's own",
  ...NGINX,
  async fn() {
    await using behind = await nginx(["--max-per-address", "2"]);
    await inTime("each has its limits", limitsEach(behind));
  },
});

Deno.test({
  name:
    "HAProxy: clients have addresses of their own, over every door, and are known to be secure; its checks are no clients",
  ...HAPROXY,
  async fn() {
    const often = (example: string) => example.replace("check inter 10s", "check inter 100ms");
    await using behind = await haproxy([], often);
    await inTime("all are told apart", tellsApart(behind, { "6697": true, "6698": true, "443": true }));
    assertEquals(behind.log.filter((line) => /warning: .*(?:refused|proxy)/.test(line)), []);
    assertEquals(
      behind.log.filter((line) => line.includes("localhost disconnected before registration")),
      [],
    );
  },
});

Deno.test({
  name: "HAProxy: limits are each client's own",
  ...HAPROXY,
  async fn() {
    await using behind = await haproxy(["--max-per-address", "2"]);
    await inTime("each has its limits", limitsEach(behind));
  },
});

for (const version of ["send-proxy", "send-proxy-v2"]) {
  Deno.test({
    name: `HAProxy: ${version} does not say whether the client speaks TLS`,
    ...HAPROXY,
    async fn() {
      await using behind = await haproxy([], (example) => example.replace("send-proxy-v2-ssl", version));
      await inTime("all are told apart", tellsApart(behind, { "6697": false, "6698": true, "443": true }));
    },
  });
}

Deno.test({
  name: "a proxy that forgets its header is told so, and its clients too",
  ...HAPROXY,
  async fn() {
    await using behind = await haproxy(
      [],
      (example) => example.replace("send-proxy-v2-ssl check inter 10s", ""),
    );
    const client = await inTime("it is told", behind.enter("alice", "127.0.0.20", "6697"));
    assertMatch(
      client.take()[0] ?? "",
      /^ERROR :.*localhost is a trusted proxy .* sent no PROXY header$/,
    );
    await inTime(
      "the log tells",
      behind.logs(/warning: a connection was refused: localhost is a trusted proxy/),
    );
  },
});
