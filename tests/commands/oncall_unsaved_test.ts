/** `page` and `ack` against a server that says that it cannot save. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as ack } from "../../commands/ack/command.ts";
import { command as page } from "../../commands/page/command.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Peer } from "../client/fake_server.ts";
import { commandTest, run } from "./run_command.ts";

const ONCALL_CAPS = [...OUR_CAPS, "chatterbox.chat/oncall"];
const LOST = "WARN PAGE NOT_SAVED d1 :page 12 is not saved";
const OPENED = "PAGE OPEN d1 12 ringing *";
const AGAIN =
  /the server could not save that: the page may ring again if the server restarts before it can\n$/;

/** Waits for the request that `pattern` matches, and answers it with `lines`, in a batch. */
async function answer(peer: Peer, pattern: RegExp, ...lines: string[]): Promise<void> {
  const [, label] = await peer.until(new RegExp(`^@label=(\\S+) ${pattern.source}`));
  const inBatch = lines.map((line) => `@batch=b :fake ${line}`);
  await peer.send(`@label=${label} :fake BATCH +b labeled-response`, ...inBatch, ":fake BATCH -b");
}

function end(nick: string): string {
  return `PAGE END d1 12 acknowledged ${nick} ${nick} 2026-01-31T10:00:00.000Z :page 12 is acknowledged by ${nick}`;
}

commandTest("page: rung and not saved: 71, and what a restart does", async (peer) => {
  await peer.welcome(ONCALL_CAPS);
  await answer(peer, /PAGE OPEN d1 ops :db down$/, LOST, OPENED);
  await peer.gone();
}, async (server) => {
  const { code, out, err } = await run(page, ["ops", "db down", "--id", "d1", "--server", server]);
  assertEquals([code, out], [71, ""]);
  assertMatch(err, /page 12 \(ops\) rings; /);
  assertMatch(err, /could not save page 12: if it restarts before it can, the page is lost\n$/);
});

for (const isEndSaved of [true, false]) {
  commandTest(
    `page --wait ack: what was not saved is waited for: 0, with an end that is ${
      isEndSaved ? "" : "not "
    }saved`,
    async (peer) => {
      await peer.welcome(ONCALL_CAPS);
      await answer(peer, /PAGE OPEN d1 ops :db down$/, LOST, OPENED);
      if (isEndSaved) await peer.send(":fake NOTE PAGE SAVED d1 :page 12 is saved now");
      else await peer.send(`:fake ${LOST}`);
      await peer.send(`:fake ${end("bob")}`);
      await peer.gone();
    },
    async (server) => {
      const words = ["ops", "db down", "--id", "d1", "--wait", "ack", "--server", server];
      const { code, out, err } = await run(page, words);
      assertEquals(code, 0);
      assertMatch(out, /^page 12 acknowledged by bob /);
      assertMatch(err, /could not save page 12: /);
      assertEquals(err.includes("chatterbox: page 12 is saved now\n"), isEndSaved);
      if (!isEndSaved) assertMatch(err, AGAIN);
      else assertEquals(AGAIN.test(err), false);
    },
  );
}

commandTest(
  "page --wait ack: a page that a restart has lost is opened anew, which is told with its number",
  async (peer, nth) => {
    await peer.welcome(ONCALL_CAPS);
    if (nth === 0) {
      await answer(peer, /PAGE OPEN d1 ops :db down$/, LOST, OPENED);
      return peer.close();
    }
    const rung = "PAGE RUNG d1 1 bob session :bob is rung";
    await answer(peer, /PAGE OPEN d1 ops :db down$/, "PAGE OPEN d1 13 ringing *", rung);
    await peer.send(`:fake ${end("bob").replaceAll("12", "13")}`);
    await peer.gone();
  },
  async (server) => {
    const words = ["ops", "db down", "--id", "d1", "--wait", "ack", "--json", "--server", server];
    const { code, out } = await run(page, words);
    assertEquals(code, 0);
    const records = out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(records.map(({ kind, number, saved }) => [kind, number, saved]), [
      ["opened", 12, false],
      ["opened", 13, true],
      ["rung", undefined, undefined],
      ["ended", 13, true],
    ]);
  },
);

commandTest("ack, page --withdraw: it counts, and is not saved: 71", async (peer, nth) => {
  await peer.welcome(ONCALL_CAPS);
  const warning = (about: string) => `WARN PAGE NOT_SAVED ${about} :The end of page 12 is not saved yet`;
  if (nth === 0) {
    const confirmed = "PAGE ACK 12 2026-01-31T10:00:01.000Z :page 12 is acknowledged by tester";
    await answer(peer, /PAGE ACK 12$/, warning("12"), confirmed);
  } else await answer(peer, /PAGE WITHDRAW d1$/, warning("d1"), end("tester"));
  await peer.gone();
}, async (server) => {
  for (const [command, words] of [[ack, ["12"]], [page, ["--withdraw", "d1"]]] as const) {
    const { code, out, err } = await run(command, [...words, "--server", server]);
    assertEquals([code, out], [71, "page 12 is acknowledged by tester\n"]);
    assertMatch(err, AGAIN);
  }
});
