import { assertEquals, assertMatch } from "@std/assert";
import { DEFAULT_WEB_PORT } from "../../lib/net/address.ts";
import { endOf } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { webSocket } from "../support/web_socket.ts";
import { linesOf, program, start } from "./program.ts";

Deno.test({
  name: "serve --web: doors for browsers beside the others, by http and https, closed in order",
  ignore: Deno.build.os === "windows", // signals
  async fn() {
    const home = await Deno.makeTempDir();
    const doors = ["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--web", "https://127.0.0.1:0"];
    const data = ["--data-dir", `${home}/data`, "--tls-self-signed"];
    await using child = start(["serve", ...doors, ...data, "--web-origin", "https://chat.example"], home);
    try {
      child.stderr.pipeTo(new WritableStream()); // read, so that it cannot fill up
      const lines = linesOf(child.stdout);
      const place = async (scheme: string) => {
        for (let next = await lines.next(); !next.done; next = await lines.next()) {
          const url = new RegExp(`listening on (${scheme}\\d+)$`).exec(next.value)?.[1];
          if (url !== undefined) return url;
        }
        throw new Error(`ended before it listened at ${scheme}`);
      };
      const [plain, secure] = [
        await place("http://127\\.0\\.0\\.1:"),
        await place("https://127\\.0\\.0\\.1:"),
      ];
      const cert = await Deno.readTextFile(`${home}/data/tls/certificate.pem`);
      using client = Deno.createHttpClient({ caCerts: [cert] });
      const origin = { Origin: "https://chat.example" };
      const sockets = [
        await webSocket(plain.replace("http", "ws"), ["text.ircv3.net"], { headers: origin }),
        await webSocket(secure.replace("https", "wss"), ["binary.ircv3.net"], { client }),
      ];
      const closed = sockets.map((socket) =>
        new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code))
      );
      child.kill("SIGTERM");
      assertEquals(await Promise.all(closed), [1000, 1000]);
      for await (const _ of lines);
      assertEquals((await endOf(child)).code, 0);
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});

Deno.test("a web door without a certificate, and one that is in use, say so", () =>
  withTempDir(async (home) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const data = ["--listen", "127.0.0.1:0", "--data-dir", `${home}/data`];
    const none = await program(["serve", ...data, "--web", "https://127.0.0.1:0"], home);
    assertEquals(none.code, 64);
    assertMatch(none.err, /--web https:\/\/ needs a certificate: give --tls-cert FILE/);
    const busy = await program(["serve", ...data, "--web", `127.0.0.1:${taken.addr.port}`], home);
    assertEquals(busy.code, 73);
    assertMatch(busy.err, /in use by another program; choose another with --web/);
  }));

/** Makes sure that the default port is in use: by this test, or by another program of this machine. */
function takeDefaultPort(): Disposable {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port: DEFAULT_WEB_PORT });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return { [Symbol.dispose]() {} };
    throw error;
  }
}

Deno.test({
  name: "where the default port is taken the server says so and goes on; with --no-web it does not try",
  ignore: Deno.build.os === "windows", // signals
  fn: () =>
    withTempDir(async (home) => {
      using _taken = takeDefaultPort();
      for (const [flags, warnings] of [[[], 1], [["--no-web"], 0]] as const) {
        const args = ["serve", "--listen", "127.0.0.1:0", "--data-dir", `${home}/data`, ...flags];
        await using child = start([...args, "--log-format", "json"], home, { hasDefaultWeb: true });
        child.stderr.pipeTo(new WritableStream());
        const said: string[] = [];
        for await (const line of linesOf(child.stdout)) {
          const { event, text } = JSON.parse(line);
          if (event === "web") said.push(text);
          if (event === "archive") child.kill("SIGTERM"); // the last words of its start
        }
        assertEquals((await endOf(child)).code, 0);
        assertEquals(said.length, warnings);
        for (const text of said) {
          assertMatch(
            text,
            /^no HTTP and no WebSocket: 127\.0\.0\.1:6680 is in use by another program; choose .*--web/,
          );
        }
      }
    }),
});
