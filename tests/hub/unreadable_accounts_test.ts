/** An account that was saved and cannot be read: its name stays its owner's, and no one else gets it from the network. */
import { assertEquals } from "@std/assert";
import type { SavedFact } from "../../lib/log/fact.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const KEY = new Uint8Array(32).toBase64();
const WHOLE = {
  name: "Alice",
  owner: "owner-1",
  createdAt: 5,
  salt: KEY,
  iterations: 4096,
  storedKey: KEY,
  serverKey: KEY,
};

function fact(value: unknown, key = "alice"): SavedFact {
  return { kind: "account", key, value: JSON.stringify(value), seq: 0 };
}

function started(...facts: SavedFact[]): TestHub {
  return new TestHub({}, Ring.create(RING_MIN_BYTES), facts);
}

/** What a client hears that wants the name `nick` and then registers it. */
async function register(chat: TestHub, nick: string): Promise<string[]> {
  const session = chat.open();
  chat.say(session, "CAP REQ :draft/account-registration", `NICK ${nick}`, "USER x 0 * :x", "CAP END");
  chat.say(session, `REGISTER * * passphrase99y`);
  await chat.errands();
  return chat.heard(session);
}

const UNREADABLE: Readonly<Record<string, SavedFact>> = {
  "its checksum": { ...fact(WHOLE), fault: "its checksum does not match" },
  "no JSON": { ...fact(WHOLE), value: "{" },
  "no object": fact(null),
  "no key": fact({ ...WHOLE, storedKey: undefined }),
  "a short key": fact({ ...WHOLE, storedKey: "AAAA" }),
  "no base64": fact({ ...WHOLE, salt: "?" }),
  "no iterations": fact({ ...WHOLE, iterations: 0 }),
  "iterations without end": fact({ ...WHOLE, iterations: 1e12 }),
  "an absurd time": fact({ ...WHOLE, createdAt: 1e300 }),
  "no owner": fact({ ...WHOLE, owner: "" }),
  "bob's value": fact({ ...WHOLE, name: "bob" }),
  "several lines": fact({ ...WHOLE, owner: "a\r\nb" }),
};

for (const [what, unreadable] of Object.entries(UNREADABLE)) {
  pureTest(
    `unreadable accounts: ${what}: it is told, and the name is given to no one until the console frees it`,
    async () => {
      const chat = started(unreadable);
      const told = chat.serverEvents.filter((notice) => notice.kind === "fact_unreadable");
      assertEquals(told.map((notice) => notice.kind === "fact_unreadable" && [notice.fact, notice.key]), [[
        "account",
        "alice",
      ]]);
      for (const nick of ["alice", "ALICE"]) {
        const heard = await register(chat, nick);
        assertEquals(heard.filter((line) => / (001|REGISTER SUCCESS) /.test(line)), [], nick);
      }
      const carol = chat.enter("carol");
      chat.say(carol, "NICK alice");
      assertEquals(chat.heard(carol).some((line) => line.includes(" NICK ")), false);
      const listed = runConsoleLine(chat.hub, "accounts", chat.now);
      assertEquals(
        listed.kind === "lines" && listed.lines.some((line) => line.startsWith("alice  unreadable")),
        true,
      );
      chat.takeFacts();
      assertEquals(runConsoleLine(chat.hub, "unregister Alice", chat.now), {
        kind: "lines",
        lines: ["the name Alice is free"],
      });
      assertEquals(chat.takeFacts(), [{
        kind: "account",
        key: "alice",
        value: undefined,
        seq: 0,
      }]);
      assertEquals(
        (await register(chat, "alice")).some((line) => line.includes("REGISTER SUCCESS alice")),
        true,
      );
    },
  );
}

pureTest(
  "unreadable accounts: a swapped value: the name under which it lies and the name that it has are both kept",
  async () => {
    const chat = started(fact({ ...WHOLE, name: "Bob" }));
    for (const nick of ["alice", "bob"]) {
      assertEquals((await register(chat, nick)).filter((line) => / 001 /.test(line)), [], nick);
    }
  },
);

pureTest(
  "unreadable accounts: a swapped value: the account whose name it has, and which can be read, stays as it is",
  () => {
    const chat = started(
      fact({ ...WHOLE, name: "bob", owner: "owner-2" }, "bob"),
      fact({ ...WHOLE, name: "bob" }),
    );
    assertEquals(chat.hub.services.accounts.get("bob")?.owner, "owner-2");
    assertEquals([...chat.hub.services.accounts.unreadable], ["alice"]);
  },
);

pureTest("unreadable accounts: the others are as they were", () => {
  const chat = started(fact(null), fact({ ...WHOLE, name: "Bob" }, "bob"));
  assertEquals(Array.from(chat.hub.services.accounts.all, ({ name }) => name), ["Bob"]);
});

pureTest(
  "unreadable accounts: the rooms of an owner that cannot be read stay the owner's: the first to enter is no operator",
  () => {
    const lists = { b: [], e: [], I: [] };
    const channel = (owner: string): SavedFact => ({
      kind: "room",
      key: "#tea",
      value: JSON.stringify({
        name: "#tea",
        flags: "",
        key: "",
        limit: 0,
        lists,
        operators: [owner],
        changedAt: 0,
      }),
      seq: 0,
    });
    const isOperator = (chat: TestHub) => {
      const bob = chat.enter("bob");
      chat.say(bob, "JOIN #tea");
      return chat.heard(bob).some((line) => line.includes(" 353 ") && line.includes("@bob"));
    };
    assertEquals(isOperator(started(channel("owner-1"))), true);
    assertEquals(isOperator(started(fact(null), channel("owner-1"))), false);
  },
);
