import { assertEquals } from "@std/assert";
import { availableTextBytes, splitIntoPieces, TextDelivery } from "../../lib/client/sending/delivery.ts";
import type { DeliveryOutcome } from "../../lib/client/sending/delivery.ts";
import { connect } from "../../lib/client/connection/connect.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { fakeServerTest, OUR_CAPS } from "./fake_server.ts";
import type { Script } from "./fake_server.ts";

function linkTest(name: string, script: Script, fn: (link: Link) => Promise<void>): void {
  fakeServerTest(name, script, async (server) => {
    const outcome = await connect({ address: server.address, registration: { nick: "alice" } });
    if (outcome.kind !== "connected") throw new Error(JSON.stringify(outcome));
    await fn(outcome.link);
    await outcome.link.close();
  });
}

async function deliverAll(link: Link, texts: string[]) {
  const delivery = new TextDelivery("bob", texts.map((text, nth) => ({ id: `k${nth}`, text })));
  const away: string[] = [];
  const outcome: DeliveryOutcome = await delivery.sendOver(link, () => 5000, (text) => away.push(text));
  const receipts = delivery.acknowledgements.filter((receipt) => receipt !== undefined);
  return { outcome, receipts, away };
}

linkTest("the echo is the receipt: id, sequence number, time", async (peer) => {
  await peer.welcome(OUR_CAPS);
  const [, label] = await peer.until(/^@label=(\S+) PRIVMSG bob :?hi$/);
  const tags = `label=${label};time=2026-01-31T10:00:00.250Z;msgid=1a-x;chatterbox.chat/seq=46`;
  await peer.send(`@${tags} :alice!a@h PRIVMSG bob :hi`);
  await peer.gone();
}, async (link) => {
  assertEquals(await deliverAll(link, ["hi"]), {
    outcome: { kind: "accepted" },
    receipts: [{ id: "1a-x", seq: 46, time: Date.UTC(2026, 0, 31, 10, 0, 0, 250), queued: false }],
    away: [],
  });
});

linkTest("many pieces keep their order, and an away message is told once", async (peer) => {
  await peer.welcome(OUR_CAPS);
  for (let nth = 0; nth < 40; nth++) {
    const [, label, text] = await peer.until(/^@label=(\S+) PRIVMSG bob :?(\d+)$/);
    assertEquals(text, String(nth));
    await peer.send(
      `@label=${label} :fake BATCH +x labeled-response`,
      `@batch=x;msgid=m${nth} :alice!a@h PRIVMSG bob :${nth}`,
      "@batch=x :fake 301 alice bob :lunch",
      ":fake BATCH -x",
    );
  }
  await peer.gone();
}, async (link) => {
  const { outcome, receipts, away } = await deliverAll(
    link,
    Array.from({ length: 40 }, (_, nth) => String(nth)),
  );
  assertEquals(outcome, { kind: "accepted" });
  assertEquals(receipts.map(({ id }) => id), Array.from({ length: 40 }, (_, nth) => `m${nth}`));
  assertEquals(away, ["lunch"]);
});

linkTest("it ends at the first piece that is not taken", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.until(/^@label=1 /);
  await peer.send("@label=1 :fake ACK");
  await peer.until(/^@label=2 /);
  await peer.send("@label=2 :fake 404 alice bob :Cannot send to nick/channel");
  await peer.until(/^@label=3 /);
  await peer.send("@label=3 :fake ACK");
  await peer.gone();
}, async (link) => {
  const { outcome, receipts } = await deliverAll(link, ["a", "b", "c"]);
  assertEquals(outcome, { kind: "refused", text: "bob: Cannot send to nick/channel" });
  assertEquals(receipts.length, 2);
});

const REFUSALS: [string, DeliveryOutcome][] = [
  [":fake 401 alice bob :No such nick", { kind: "no_such_target", text: "no user called bob is online" }],
  [":fake 403 alice #x :No such channel", { kind: "no_such_target", text: "no such room: #x" }],
  [":fake 417 alice :Input line was too long", { kind: "too_long", text: "Input line was too long" }],
  [":fake FAIL PRIVMSG OBSERVER :No name", { kind: "refused", text: "No name" }],
  [":fake FAIL PRIVMSG ID_IN_USE k0 m7 :Used before", {
    kind: "id_in_use",
    text: "id k0 was used before for another message (m7)",
  }],
];

for (const [line, expected] of REFUSALS) {
  const code = line.split(" ").slice(1, 3).join(" ");
  linkTest(`each refusal has its outcome: ${code}`, async (peer) => {
    await peer.welcome();
    const [, token] = await peer.until(/^PING (\S+)$/);
    await peer.send(line, `:fake PONG fake ${token}`);
    await peer.gone();
  }, async (link) => {
    assertEquals((await deliverAll(link, ["hi"])).outcome, expected);
  });
}

linkTest("what fits one message depends on what stands before it", async (peer) => {
  await peer.welcome(OUR_CAPS, ["USERLEN=10", "HOSTLEN=40"]);
  await peer.gone();
}, (link) => {
  const line = `:alice!${"u".repeat(10)}@${"h".repeat(40)} PRIVMSG #räume :`;
  assertEquals(availableTextBytes(link, "#räume"), 512 - 2 - new TextEncoder().encode(line).length);
  return Promise.resolve();
});

linkTest(
  "a text is cut in the same places for every sender, so that its pieces are known again",
  async (peer) => {
    await peer.welcome(OUR_CAPS, ["USERLEN=18", "HOSTLEN=63"]);
    await peer.gone();
  },
  (link) => {
    const text = `${"a".repeat(1000)}\nb`;
    const pieces = splitIntoPieces(text, "k", "bob", link);
    assertEquals(pieces.map(({ id }) => id), ["k~5synlRrL", "k~5synlRrL.1", "k~5synlRrL.2", "k~5synlRrL.3"]);
    assertEquals(pieces.map(({ text }) => text).join(""), text.replace("\n", ""));
    assertEquals(pieces, splitIntoPieces(text, "k", "bob"));
    return Promise.resolve();
  },
);

linkTest("a server with tighter limits gets shorter pieces", async (peer) => {
  await peer.welcome(OUR_CAPS, ["HOSTLEN=100"]);
  await peer.gone();
}, (link) => {
  const [first] = splitIntoPieces("a".repeat(1000), "k", "bob", link);
  assertEquals(first!.text.length, availableTextBytes(link, "bob"));
  return Promise.resolve();
});

for (const receipts of [true, false]) {
  linkTest(`an id goes to a server that ${receipts ? "knows" : "does not know"} what it is`, async (peer) => {
    await peer.welcome(receipts ? [...OUR_CAPS, "chatterbox.chat/receipts"] : OUR_CAPS);
    const line = await peer.next();
    assertEquals(line, `@label=1${receipts ? ";chatterbox.chat/id=k0" : ""} PRIVMSG bob hi`);
    await peer.send("@label=1 :fake ACK");
    await peer.gone();
  }, async (link) => {
    assertEquals((await deliverAll(link, ["hi"])).outcome, { kind: "accepted" });
  });
}
