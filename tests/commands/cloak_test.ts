/** Cloaked hosts over real connections that do not come from loopback: this machine's address in a network. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { CLOAK_KEY_FILE } from "../../lib/store/disk/cloak_key.ts";
import { endOf, outputOf } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { linesOf, start } from "./program.ts";

const address = Deno.networkInterfaces().find((each) =>
  each.family === "IPv4" && !each.address.startsWith("127.")
)
  ?.address;
if (address === undefined) console.log("skipped: cloaks over real connections (this machine has no network)");

/** What alice and bob, who come from `address`, are told while they look each other up on a server started with `flags`. */
async function story(home: string, ...flags: string[]): Promise<string[]> {
  const child = start(["serve", "--listen", `${address}:0`, "--data-dir", `${home}/data`, ...flags], home);
  const errors = new Response(child.stderr).text();
  const lines = linesOf(child.stdout);
  let port: string | undefined;
  while (port === undefined) {
    const { value, done } = await lines.next();
    if (done) throw new Error(await errors);
    port = /listening on [\d.]+:(\d+)/.exec(value)?.[1];
  }
  const output = Array.fromAsync(lines);
  const told: string[] = [];
  const clients: SocketClient[] = [];
  try {
    for (const nick of ["alice", "bob"]) {
      const client = await SocketClient.connect({ kind: "tcp", host: address!, port: Number(port) });
      clients.push(client);
      for (const line of [`NICK ${nick}`, `USER ${nick} 0 * :${nick}`, "JOIN #tea"]) await client.send(line);
      await client.barrier();
    }
    for (const line of ["WHOIS alice", "WHO #tea", "USERHOST alice", "PRIVMSG #tea :hello"]) {
      await clients[1]!.send(line);
    }
    for (const client of clients.reverse()) await client.barrier();
    for (const client of clients) told.push(...client.take());
  } finally {
    for (const client of clients) client.close();
    child.kill("SIGTERM");
    await endOf(child);
    await output;
    await errors;
  }
  return told;
}

Deno.test({
  name: "serve: others see the same cloak after a restart, and the address with --cloak off",
  ignore: address === undefined || Deno.build.os === "windows",
  fn: () =>
    withTempDir(async (home) => {
      const runs = [await story(home), await story(home), await story(home, "--cloak", "off")];
      const [first, second, open] = runs.map((told) => told.filter((line) => !line.includes("NOTICE")));
      assertEquals(first!.filter((line) => line.includes(address!)), []);
      const cloak = / 311 bob alice ~alice (\S+\.v4\.cloak) /.exec(first!.join("\n"))?.[1];
      assert(cloak !== undefined, first!.join("\n"));
      for (const told of [first!, second!]) {
        const seen = (text: string) =>
          assert(told.some((line) => line.includes(text)), `${text} in ${told.join("\n")}`);
        seen(` 396 bob ${cloak} `);
        seen(` 352 bob #tea ~alice ${cloak} `);
        seen(`:bob!~bob@${cloak} PRIVMSG #tea :hello`);
        seen(`:bob!~bob@${cloak} JOIN #tea`);
      }
      assert(open!.some((line) => line.includes(` 311 bob alice ~alice ${address} `)), open!.join("\n"));
      assertEquals(Deno.statSync(`${home}/data/${CLOAK_KEY_FILE}`).mode! & 0o777, 0o600);
    }),
});

Deno.test({
  name: "serve: a key of cloaks that others can read is refused, with what to do",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withTempDir(async (home) => {
      await Deno.mkdir(`${home}/data`);
      await Deno.writeTextFile(`${home}/data/${CLOAK_KEY_FILE}`, new Uint8Array(32).toBase64());
      await Deno.chmod(`${home}/data/${CLOAK_KEY_FILE}`, 0o644);
      const child = start(["serve", "--listen", "127.0.0.1:0", "--data-dir", `${home}/data`], home);
      const { code, err: text } = await outputOf("serve", child);
      assertEquals([
        code,
        /cloak\.key: other users can read or change it \(mode 0644\).*: chmod 600 /.test(text),
      ], [
        74,
        true,
      ], text);
    }),
});
