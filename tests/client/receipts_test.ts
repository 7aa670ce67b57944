import { assertEquals } from "@std/assert";
import type { ReceiptOutcome } from "../../lib/client/sending/receipts.ts";
import { deduplicatesMessages } from "../../lib/client/conversation/model/server_features.ts";
import { awaitReceipt, explainMissingMessage } from "../../lib/client/sending/receipts.ts";
import { connect } from "../../lib/client/connection/connect.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { FakeServer, OUR_CAPS } from "./fake_server.ts";

/** What `ask` comes to on a server that answers it with `lines`; {l} in these is the label. */
async function answered<T>(lines: readonly string[], ask: (link: Link) => Promise<T>): Promise<T> {
  await using server = new FakeServer(async (peer) => {
    await peer.welcome([...OUR_CAPS, "chatterbox.chat/receipts"]);
    const [, label] = await peer.until(/^@label=(\S+) /);
    await peer.send(...lines.map((line) => line.replace("{l}", `label=${label}`)));
    await peer.gone();
  });
  const outcome = await connect({ address: server.address, registration: { nick: "alice" } });
  if (outcome.kind !== "connected") throw new Error(JSON.stringify(outcome));
  const { link } = outcome;
  assertEquals(deduplicatesMessages(link.session), false); // no claim key
  const answer = await ask(link);
  await link.close();
  return answer;
}

const ANSWERS: [line: string, outcome: ReceiptOutcome][] = [
  ["@{l} :s AWAIT durable m1", { kind: "yes" }],
  ["@{l} :s FAIL AWAIT NOT_DURABLE m1 :The disk is full", { kind: "no", text: "The disk is full" }],
  ["@{l} :s FAIL AWAIT NOT_DELIVERED m1 :Gone", { kind: "no", text: "Gone" }],
  ["@{l} :s FAIL AWAIT NO_SUCH_MESSAGE m1 :Not there", { kind: "absent", text: "Not there" }],
  ["@{l} :s FAIL AWAIT TOO_MANY m1 :Too many", { kind: "unclear", text: "Too many" }],
  ["@{l} :s 421 alice AWAIT :Unknown command", { kind: "unclear", text: "this server does not know AWAIT" }],
  ["@{l} :s AWAIT durable m2", { kind: "unclear", text: "the server's answer is not understood" }],
  ["@{l} :s AWAIT delivered m1", { kind: "unclear", text: "the server's answer is not understood" }],
  ["@{l} :s ACK", { kind: "unclear", text: "the server's answer is not understood" }],
];

for (const [line, outcome] of ANSWERS) {
  Deno.test({
    name: `AWAIT answered by ${line.slice(5)}`,
    permissions: { net: true },
    async fn() {
      assertEquals(await answered([line], (link) => awaitReceipt(link, "durable", "m1", 5000)), outcome);
    },
  });
}

Deno.test({
  name: "why the log does not hold a message, from where it begins",
  permissions: { net: true },
  async fn() {
    const why = (oldest: string, seq: number) =>
      answered([
        "@{l} :s BATCH +x labeled-response",
        `@batch=x :s SERVERSTATS oldest :${oldest}`,
        "@batch=x :s SERVERSTATS *",
        ":s BATCH -x",
      ], (link) => explainMissingMessage(link, seq, 5000));
    assertEquals(await why("5", 4), "overwritten");
    assertEquals(await why("4", 4), "never_saved");
    assertEquals(await why("0", 4), "never_saved");
    assertEquals(await why(String(2 ** 32 + 4), 4), "never_saved");
    assertEquals(await why("what", 4), undefined);
  },
});
