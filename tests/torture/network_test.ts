/** The programs across a network with faults: nothing said twice, nothing skipped, nothing shown twice. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { command as join } from "../../commands/join.ts";
import { command as send } from "../../commands/send.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import type { Ring } from "../../lib/log/ring.ts";
import { run } from "../commands/run_command.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer } from "../support/chat_server.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import type { Fault } from "../support/fault_proxy.ts";
import { inEnoughTime } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { Follower } from "./follower.ts";

const permissions = { net: true, read: true, write: true, env: true } as const;

function networkTest(name: string, fn: (server: RunningServer, proxy: FaultProxy) => Promise<void>): void {
  Deno.test({
    name: `network: ${name}`,
    permissions,
    async fn() {
      const server = await runServer();
      using proxy = new FaultProxy(server.address);
      try {
        await fn(server, proxy);
      } finally {
        proxy.cut();
        await server.stop();
      }
    },
  });
}

/** What was said in the channel, as the log has it. */
function said(ring: Ring): string[] {
  const texts: string[] = [];
  for (let seq = ring.oldestSeq; seq < ring.nextSeq; seq++) {
    const record = ring.read(seq);
    const event = record.kind === "ok" ? decodeEvent(record.payload) : undefined;
    if (event?.kind === "message") texts.push(event.text);
  }
  return texts;
}

const ONCE = ["--retry", "2m", "--timeout", "1s", "#lobby", "once and whole"];

const LOST: Record<string, Fault> = {
  "the acknowledgement is lost with the connection": {
    kind: "cut",
    direction: "down",
    at: { before: " PRIVMSG #lobby" },
  },
  "the connection is cut in the middle of the line": {
    kind: "cut",
    direction: "up",
    at: { after: " PRIVMSG #lobby :once" },
  },
  "the line is lost with the connection": { kind: "cut", direction: "up", at: { before: " PRIVMSG #lobby" } },
  "nothing comes any more, and nobody says so": {
    kind: "half_open",
    direction: "down",
    at: { before: " PRIVMSG #lobby" },
  },
  "the connection is cut while it registers": { kind: "cut", direction: "down", at: { afterBytes: 100 } },
};

for (const [what, fault] of Object.entries(LOST)) {
  networkTest(`send --retry, ${what}: said once, exit 0`, async ({ ring }, proxy) => {
    proxy.plan(fault);
    const { code, err } = await run(send, ["--server", proxy.url, ...ONCE]);
    assertEquals([code, said(ring)], [0, ["once and whole"]], err);
    assert(proxy.made >= 2, "it came again");
  });
}

networkTest(
  "send without --retry, where nothing comes any more: 75 when its time is over",
  async ({ ring }, proxy) => {
    const { code, err, texts } = await inEnoughTime("the line to reach the server", async (seconds) => {
      proxy.plan({ kind: "half_open", direction: "down", at: { before: " PRIVMSG #lobby" } });
      const text = `perhaps, within ${seconds} s`;
      const ended = await run(send, ["--server", proxy.url, "--timeout", `${seconds}s`, "#lobby", text]);
      const texts = said(ring).filter((each) => each === text);
      return texts.length === 0 ? undefined : { ...ended, texts };
    });
    assertEquals([code, texts.length], [75, 1]);
    assertMatch(err, /^chatterbox: .+\n$/);
  },
);

networkTest(
  "join from a pipe, cut up and down: each line is said once, in order",
  async ({ ring }, proxy) => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    proxy.plan(
      { kind: "cut", direction: "up", at: { after: ":line 7" } },
      { kind: "cut", direction: "down", at: { before: ":line 19" } },
      { kind: "cut", direction: "down", at: { afterBytes: 200 } },
    );
    const stdin = lines.map((line) => `${line}\n`).join("");
    const { code, err } = await run(join, ["piper", "--server", proxy.url], { stdin });
    assertEquals([code, said(ring)], [0, lines], err);
    assert(proxy.made >= 4, "it was cut three times");
  },
);

networkTest(
  "logs --follow --cursor-file, cut over and over, and run again: all, once, in order",
  (server, proxy) =>
    withTempDir(async (home) => {
      const cuts: Fault[] = [
        { kind: "cut", direction: "down", at: { before: ":text 9" } },
        { kind: "cut", direction: "down", at: { afterBytes: 700 } }, // while it registers
        { kind: "cut", direction: "up", at: { before: "CHATHISTORY" } },
        { kind: "cut", direction: "down", at: { after: ":text 3" } }, // in the middle of the history
      ];
      const writer = await SocketClient.connect(server.address);
      for (const line of ["NICK writer", "USER writer 0 * :w", "JOIN #lobby"]) await writer.send(line);
      const texts: string[] = [];
      const say = async (count: number) => {
        for (let i = 0; i < count; i++) {
          texts.push(`text ${texts.length}`);
          await writer.send(`PRIVMSG #lobby :${texts.at(-1)}`);
        }
        await writer.barrier();
      };
      const follow = async (first: string, during: () => Promise<void>) => {
        const follower = new Follower("#lobby", proxy.url, home, "--cursor-file", `${home}/cursor`);
        assert(await follower.sees(first), follower.errors);
        await during();
        assert(await follower.sees(texts.at(-1)!), follower.errors);
        await follower.close();
        return follower.texts;
      };
      await say(1);
      proxy.plan(...cuts);
      const shown = await follow("text 0", async () => {
        for (let batch = 0; batch < 20; batch++) await say(4);
      });
      await say(10); // while nobody follows
      shown.push(...await follow("text 90", () => say(5)));
      assertEquals(shown, texts);
      writer.close();
    }),
);
