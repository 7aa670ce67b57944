/**
 * Our clients on a server that knows none of our capabilities, nor labels, nor history: ngIRCd (Debian package `ngircd`).
 * It makes each client wait a second or two after some commands; the test takes as long.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { endOf } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { needs } from "../tools.ts";
import { linesOf, program, start } from "./program.ts";

interface Ngircd {
  readonly port: number;
  readonly home: string;
  stop(): Promise<void>;
}

async function startNgircd(): Promise<Ngircd> {
  const home = await Deno.makeTempDir();
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const config = `${home}/ngircd.conf`;
  await Deno.writeTextFile(
    config,
    `[Global]
Name = irc.example.net
Info = test
Listen = 127.0.0.1
Ports = ${port}
ServerUID = nobody
[Limits]
MaxConnectionsIP = 0
MaxNickLength = 30
[Options]
Ident = no
PAM = no
DNS = no
`,
  );
  const child = new Deno.Command("ngircd", { args: ["-n", "-f", config], stdout: "piped", stderr: "null" })
    .spawn();
  const lines = linesOf(child.stdout);
  for (let line = await lines.next(); !/ ready\.$/.test(line.value ?? " ready."); line = await lines.next());
  return {
    port,
    home,
    async stop() {
      child.kill("SIGTERM");
      for await (const _ of lines);
      await endOf(child);
      await Deno.remove(home, { recursive: true });
    },
  };
}

Deno.test({
  name: "send, list and logs --tail on ngIRCd",
  ...needs("ngircd"),
  async fn() {
    const { port, home, stop } = await startNgircd();
    const server = `127.0.0.1:${port}`;
    const cli = (...args: string[]) => program([...args, "--server", server], home);
    try {
      const bob = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
      await bob.send("NICK bob");
      await bob.send("USER bob 0 * :Bob");
      await bob.until((line) => line.includes(" 001 "));

      assertEquals(await cli("send", "bob", "hi", "from", "outside"), { code: 0, out: "", err: "" });
      await bob.until((line) => /^:tester!\S+ PRIVMSG bob :hi from outside$/.test(line));
      assertEquals((await cli("send", "#lobby", "hi", "--from", "bob")).code, 77);
      const people = (await cli("list", "--json")).out.trimEnd().split("\n").map((line) =>
        JSON.parse(line).name
      );
      assertEquals(people, ["bob"]);

      await bob.send("JOIN #lobby");
      const child = start(["logs", "--tail", "--server", server], home);
      const shown = linesOf(child.stdout);
      await bob.until((line) => / JOIN :?#lobby$/.test(line) && !line.startsWith(":bob!"));
      await bob.send("PRIVMSG #lobby :seen live");
      assertMatch((await shown.next()).value!, / bob: seen live$/);
      await bob.bytes(
        concatBytes([encodeUtf8("PRIVMSG #lobby :caf"), Uint8Array.of(0xe9), encodeUtf8(" Latin-1\r\n")]),
      );
      assertMatch((await shown.next()).value!, / bob: café Latin-1$/);
      child.kill("SIGINT");
      const errors = await new Response(child.stderr).text();
      assertEquals([(await endOf(child)).code, errors], [130, "chatterbox: the server keeps no history\n"]);
      await shown.return(undefined);
      await bob.send("QUIT");
      await bob.ended();
    } finally {
      await stop();
    }
  },
});
