/**
 * A stranger who tries many passwords, or makes many accounts, at the same moment: no more are looked at than the limit of an
 * address says, because each attempt is counted before its password is hashed.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { computeScramProof, ScramClient } from "../../lib/irc/sasl/scram_client.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer } from "../support/chat_server.ts";
import { SocketClient } from "../support/socket_client.ts";

const AT_ONCE = 40;
const PASSWORD = "k".repeat(43);
const { loginFailures, registrations } = DEFAULT_LIMITS;

type Strangers = SocketClient[];

/** Forty connections of one address to a server where alice has an account, and boss one that is an operator's. */
function scene(name: string, play: (strangers: Strangers, running: RunningServer) => Promise<void>): void {
  Deno.test(`guesses: ${name}`, async () => {
    const running = await runServer({
      config: { limits: { exempt: [] } },
      limits: { perAddress: 1000, connectRate: { count: Infinity, ms: 1 } },
    });
    const strangers: Strangers = [];
    try {
      for (const owner of ["alice", "boss"]) {
        const client = await SocketClient.connect(running.address);
        await client.send(`NICK ${owner}\r\nUSER u 0 * :u\r\nREGISTER * * ${PASSWORD}\r\nQUIT`);
        await client.ended();
      }
      await running.server.turnQueue.run((hub, now) => void runConsoleLine(hub, "oper boss", now));
      for (let n = 0; n < AT_ONCE; n++) {
        const client = await SocketClient.connect(running.address);
        strangers.push(client);
        await client.send(`CAP REQ sasl\r\nNICK n${n}\r\nUSER u 0 * :u\r\nCAP END`);
      }
      for (const client of strangers) {
        await client.barrier();
        client.take();
      }
      await play(strangers, running);
    } finally {
      for (const client of strangers) client.close();
      await running.stop();
    }
  });
}

function encode(text: string): string {
  return encodeUtf8(text).toBase64();
}

/** All say their line before any is answered; how often each answer, without the seconds in it, was given. */
async function answers(
  strangers: Strangers,
  line: (nth: number) => string,
  pattern: RegExp,
): Promise<Record<string, number>> {
  await Promise.all(strangers.map((client, nth) => client.send(line(nth))));
  const counts: Record<string, number> = {};
  for (const client of strangers) {
    assert(await client.until((each) => pattern.test(each)), "an answer");
    const text = client.take().find((each) => pattern.test(each))!.split(" :").at(-1)!;
    const kind = text.replace(/\d+ s$/, "… s").replace(/\bn\d+\b/, "NAME");
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

scene("forty by SASL PLAIN", async (strangers) => {
  await Promise.all(strangers.map((client) => client.send("AUTHENTICATE PLAIN")));
  const wrong = (nth: number) => `AUTHENTICATE ${encode(`\0alice\0wrong-password-${nth}`)}`;
  assertEquals(await answers(strangers, wrong, / 90[34] /), {
    "SASL authentication failed": loginFailures.count,
    "SASL authentication failed: too many attempts; try again in … s": AT_ONCE - loginFailures.count,
  });
});

scene("forty exchanges by SCRAM that have all begun before the first one ends", async (strangers) => {
  const clients = strangers.map(() => new ScramClient("alice", crypto.randomUUID()));
  const finals: string[] = [];
  for (const [nth, stranger] of strangers.entries()) {
    await stranger.send("AUTHENTICATE SCRAM-SHA-256");
    await stranger.send(`AUTHENTICATE ${encode(clients[nth]!.clientFirstMessage)}`);
    await stranger.until((line) => /^AUTHENTICATE ..../.test(line));
    const challenge = stranger.take().at(-1)!.split(" ")[1]!;
    const outcome = clients[nth]!.readServerFirst(new TextDecoder().decode(Uint8Array.fromBase64(challenge)));
    assert(outcome.kind === "ok", "a challenge");
    finals.push(
      (await computeScramProof("wrong", { ...outcome.challenge, iterations: 1 })).clientFinalMessage,
    );
  }
  const counts = await answers(strangers, (nth) => `AUTHENTICATE ${encode(finals[nth]!)}`, / 90[34] /);
  assertEquals(counts, {
    "SASL authentication failed": loginFailures.count,
    "SASL authentication failed: too many attempts; try again in … s": AT_ONCE - loginFailures.count,
  });
});

scene("forty connections by PASS account:password", async (strangers, { address }) => {
  const newcomers: Strangers = [];
  for (const _ of strangers) newcomers.push(await SocketClient.connect(address));
  const wrong = (nth: number) => `PASS alice:wrong-password-${nth}\r\nNICK p${nth}\r\nUSER u 0 * :u`;
  assertEquals(await answers(newcomers, wrong, / 464 /), {
    "Password incorrect: no such account, or wrong passphrase": loginFailures.count,
    "Password not checked: too many attempts; try again in … s": AT_ONCE - loginFailures.count,
  });
  for (const each of newcomers) await each.ended();
});

scene("forty to NickServ", async (strangers) => {
  const wrong = (nth: number) => `PRIVMSG NickServ :IDENTIFY alice wrong-password-${nth}`;
  assertEquals(await answers(strangers, wrong, /^:NickServ!/), {
    "Wrong passphrase for alice, or no such account": loginFailures.count,
    "Your passphrase was not checked: too many attempts; try again in … s": AT_ONCE - loginFailures.count,
  });
});

scene(
  "forty by OPER: the right password of an account that is no operator's counts, too",
  async (strangers) => {
    const lines = [
      `OPER boss wrong`,
      `OPER alice ${PASSWORD}`,
      `OPER nobody ${PASSWORD}`,
      `OPER alice wrong`,
    ];
    assertEquals(await answers(strangers, (nth) => lines[nth % lines.length]!, / (464|381|491) /), {
      "Password incorrect": loginFailures.count,
      "Password not checked: too many attempts; try again in … s": AT_ONCE - loginFailures.count,
    });
  },
);

scene("forty who know the password are all let in", async (strangers, { server }) => {
  await Promise.all(strangers.map((client) => client.send("AUTHENTICATE PLAIN")));
  const right = () => `AUTHENTICATE ${encode(`\0alice\0${PASSWORD}`)}`;
  assertEquals(await answers(strangers, right, / 90[34] /), {
    "SASL authentication successful": AT_ONCE,
  });
  assertEquals(server.hub.services.attemptLimits.logins.waitMs("127.0.0.1", server.hub.context.now), 0);
});

scene("forty accounts", async (strangers, { server }) => {
  const before = server.hub.services.accounts.size;
  const left = registrations.count - before;
  const line = (nth: number) => `REGISTER * * passphrase-${nth}`;
  assertEquals(await answers(strangers, line, / REGISTER /), {
    "The account NAME is registered, and you are logged in": left,
    "Too many registrations or passphrase changes from your address; try again in … s": AT_ONCE - left,
  });
  assertEquals(server.hub.services.accounts.size, registrations.count);
});
