import { assertEquals } from "@std/assert";
import { connect } from "../../lib/client/connection/connect.ts";
import { findRoomNamed } from "../../lib/client/sending/room_lookup.ts";
import type { Address } from "../../lib/net/address.ts";
import { inTime } from "../support/guard.ts";
import { fakeServerTest, OUR_CAPS } from "./fake_server.ts";

const PLENTY_MS = 60_000;

async function lookUp(address: Address, name: string, remainingMs = PLENTY_MS): Promise<string | undefined> {
  const outcome = await connect({ address, registration: { nick: "alice", password: undefined } });
  if (outcome.kind !== "connected") throw new Error(outcome.kind);
  try {
    return await findRoomNamed(outcome.link, name, remainingMs);
  } finally {
    await outcome.link.close();
  }
}

fakeServerTest("room lookup: the room, as the server spells it", async (peer) => {
  await peer.welcome(OUR_CAPS);
  const [, label] = await peer.until(/^@label=(\S+) LIST #ops$/);
  await peer.send(
    `@label=${label} :fake BATCH +x labeled-response`,
    "@batch=x :fake 322 alice #other 1 :",
    "@batch=x :fake 322 alice #Ops 3 :topic",
    "@batch=x :fake 323 alice :End",
    ":fake BATCH -x",
  );
  await peer.gone();
}, async ({ address }) => assertEquals(await lookUp(address, "ops"), "#Ops"));

fakeServerTest("room lookup: what can be no room is not asked for", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.gone();
  assertEquals(peer.heard.filter((line) => line.includes("LIST")), []);
}, async ({ address }) => {
  assertEquals(await lookUp(address, "#ops"), undefined);
  assertEquals(await lookUp(address, "a,b"), undefined);
});

/** Longest time that the test allows for a lookup of a second: half of what a client waits otherwise. */
const TEST_LIMIT_MS = 5000;

fakeServerTest("room lookup: a server that does not answer in time gives no hint", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.gone();
}, async ({ address }) => {
  const lookup = inTime("the end of the lookup", lookUp(address, "ops"), { guardMs: TEST_LIMIT_MS });
  assertEquals(await lookup, undefined);
});
