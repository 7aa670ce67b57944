/** What a newcomer tries on the first day: a server for the network, two other machines, TLS, keys, an operator. */
import { assertEquals, assertMatch } from "@std/assert";
import { comesTrue, endOf, inTime } from "../support/guard.ts";
import { Hosts, needsHosts } from "../support/hosts.ts";
import type { NamedHost } from "../support/hosts.ts";
import { linesOf, program, start } from "./program.ts";
import type { Run } from "./program.ts";

/** A person at a host, with a home of their own. */
class Person {
  constructor(
    readonly host: NamedHost,
    readonly home: string,
    readonly url: string,
    readonly name: string,
  ) {}

  run(args: readonly string[], stdin?: string): Promise<Run> {
    const env = {
      CHATTERBOX_SERVER: this.url,
      CHATTERBOX_NAME: this.name,
      CHATTERBOX_TRUST_FIRST_USE: "1",
    };
    return program(args, this.home, {
      env,
      within: this.host.within,
      ...(stdin === undefined ? {} : { stdin }),
    });
  }

  /** What `join` says when `lines` are typed to it through a pipe. */
  join(...lines: string[]): Promise<Run> {
    return this.run(["join", "--commands"], lines.map((line) => `${line}\n`).join(""));
  }
}

Deno.test({
  name:
    "two hosts and a server: TLS, a stolen name, a key that moves, a message for the absent, bans that end",
  ...needsHosts(),
  async fn() {
    const root = await Deno.makeTempDir();
    await using hosts = new Hosts();
    const [server, near, far] = [await hosts.add(), await hosts.add(), await hosts.add()];
    const home = async (name: string) => {
      await Deno.mkdir(`${root}/${name}`);
      return `${root}/${name}`;
    };
    const data = await home("server");
    const serve = async (port: string, ...more: string[]) => {
      const flags = ["--tls", `${server.address}:${port}`, "--tls-self-signed", "--data-dir", `${data}/data`];
      const child = start(["serve", ...flags, ...more, "--max-per-address", "3"], data, server);
      const lines = linesOf(child.stdout, "unguarded"); // in the background, later
      let url: string | undefined;
      while (url === undefined) {
        const { value = "", done } = await inTime("serve listens", lines.next());
        assertEquals(done, false, "serve listens");
        url = /listening on (ircs:\/\/.+)$/.exec(value)?.[1];
      }
      void child.stderr.pipeTo(new WritableStream());
      return { child, url, output: Array.fromAsync(lines) };
    };
    // An operator's account is there before the server is told of it.
    const first = await serve("0");
    const { url } = first;
    const chief = new Person(server, await home("chief"), url, "chief");
    const registered = await chief.run(["register", "chief"]);
    first.child.kill("SIGTERM");
    assertEquals([(await endOf(first.child)).code, registered.code], [0, 0], registered.err);
    await first.output;
    const { child, output } = await serve(url.split(":").at(-1)!, "--oper", "chief");
    try {
      const alice = new Person(near, await home("alice"), url, "alice");
      const bob = new Person(far, await home("bob"), url, "bob");
      const hello = await alice.run(["send", "#lobby", "hello"]);
      assertEquals(hello.code, 0, hello.err);
      assertMatch(hello.err, /first connection to ircs:\/\/10\.77\.0\.1:\d+: .* SHA256:/);
      assertEquals((await bob.run(["send", "#lobby", "hi"])).code, 0);

      const thief = await bob.run(["send", "#lobby", "--from", "alice", "I am alice"]);
      assertEquals(thief.code, 77);
      assertMatch(thief.err, /the name alice is registered on/);

      const key = await alice.run(["key", "export", "alice", "--secret"]);
      assertMatch(key.out, /^[A-Za-z0-9_-]{43}\n$/);
      const laptop = new Person(far, await home("laptop"), url, "alice");
      assertEquals((await laptop.run(["key", "import", "alice"], key.out)).code, 0);
      const queued = await laptop.run(["send", "bob", "for later"]);
      assertEquals(queued.code, 0, queued.err);
      assertMatch(queued.err, /bob is offline; the message will be delivered when they return/);
      assertEquals((await laptop.run(["send", "bob", "--online", "now"])).code, 67);
      assertMatch((await bob.run(["logs", "--with", "alice"])).out, /alice: for later/);
      assertEquals((await laptop.run(["logs", "--with", "bob"])).out.includes("for later"), true);
      assertEquals((await chief.run(["logs", "--with", "bob"])).out, "");

      assertMatch(
        (await chief.join("/gban address:10.77.0.3 1h too loud", "/gban alice 10s hush")).out,
        /banned/,
      );
      const away = await bob.run(["send", "#lobby", "am I banned?"]);
      assertEquals(away.code, 77);
      const hushed = await alice.run(["send", "#lobby", "am I?"]);
      assertEquals(hushed.code, 77);
      assertMatch(hushed.err, /banned from .* until .*: hush/);
      // It ends by itself.
      const again = await comesTrue("alice may speak again", async () => {
        const sent = await alice.run(["send", "#lobby", "free"]);
        return sent.code !== 77 && sent;
      });
      assertEquals(again.code, 0, again.err);
      assertMatch((await chief.join("/ungban address:10.77.0.3")).out, /10\.77\.0\.3/);
      assertEquals((await bob.run(["send", "#lobby", "free, too"])).code, 0);
    } finally {
      child.kill("SIGTERM");
      const said = (await output).join("\n");
      assertEquals((await endOf(child)).code, 0, said);
      await Deno.remove(root, { recursive: true });
    }
  },
});
