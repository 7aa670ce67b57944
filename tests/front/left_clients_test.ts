/** Clients that leave in the moment in which a hub ends: the next one carries out their end. */
import { assertEquals } from "@std/assert";
import { CLAIM_CAPABILITY } from "../../lib/irc/vendor_extensions.ts";
import { comesTrue } from "../support/guard.ts";
import type { SocketClient } from "../support/socket_client.ts";
import type { HubLine } from "./hub_line.ts";
import { hubLineTests } from "./hub_line_test_case.ts";

const leaveTest = hubLineTests("left clients");

/** dan enters, with a claim key. */
async function enterWithKey(line: HubLine): Promise<SocketClient> {
  const client = await line.open();
  await client.send(
    `CAP REQ :${CLAIM_CAPABILITY}\r\nCLAIM ${
      "k".repeat(43)
    }\r\nNICK dan\r\nUSER dan 0 * :dan\r\nCAP END\r\nJOIN #tea`,
  );
  await client.barrier();
  return client;
}

/** The hub works on nothing any more, and the fronts do not know. Resolves when they have told it of `count` ends. */
async function whenTold(line: HubLine, count: number): Promise<void> {
  await comesTrue(
    "the fronts have told of the ends",
    () => line.wires.reduce((sum, { closed }) => sum + closed, 0) >= count,
  );
}

leaveTest(
  "what they said and their QUIT, to a hub that does not work on it any more, is carried out by the next one",
  {},
  async (line) => {
    const [ann, ben] = [await line.enter("ann", "#tea"), await line.enter("ben", "#tea")];
    const cat = await line.enter("cat", "#tea");
    await ann.barrier();
    ann.take();
    await line.suspend(async () => {
      await ben.send("PRIVMSG #tea :one\r\nPRIVMSG #tea :two\r\nQUIT :have to go");
      ben.close();
      cat.close();
      await whenTold(line, 1); // a front learns of the end of ben when the lines are handled
    });
    await line.startHub();
    for (const nick of ["ben", "cat"]) {
      await ann.until((each) => each.startsWith(`:${nick}`) && / QUIT /.test(each));
    }
    const told = ann.take();
    assertEquals(told.filter((each) => each.startsWith(":ben")), [
      ":ben!~ben@127.0.0.1 PRIVMSG #tea :one",
      ":ben!~ben@127.0.0.1 PRIVMSG #tea :two",
      ":ben!~ben@127.0.0.1 QUIT :Quit: have to go",
    ]);
    assertEquals(told.filter((each) => each.startsWith(":cat")), [
      ":cat!~cat@127.0.0.1 QUIT :Connection closed",
    ]);
    await line.enter("ben", "#tea"); // the names are free
    await line.enter("cat", "#tea");
  },
);

leaveTest(
  "one that has a key may come back to the next hub, and others see nothing of it",
  {},
  async (line) => {
    const ann = await line.enter("ann", "#tea");
    const dan = await enterWithKey(line);
    await ann.barrier();
    ann.take();
    await line.suspend(async () => {
      dan.close();
      await whenTold(line, 1);
    });
    await line.startHub();
    await (await enterWithKey(line)).send("PRIVMSG #tea :back");
    await ann.until((each) => each.endsWith(":back"));
    assertEquals(ann.take(), [":dan!~dan@127.0.0.1 PRIVMSG #tea :back"]);
  },
);

leaveTest(
  "one that has a key and was in its grace period may come back to further hubs, and others see nothing of it",
  { fronts: 2 },
  async (line) => {
    const ann = await line.enter("ann", "#tea");
    const dan = await enterWithKey(line);
    await ann.barrier();
    ann.take();
    dan.close();
    await comesTrue("the hub has carried out the end", () => inGracePeriod(line).length > 0);
    for (let hub = 0; hub < 2; hub++) {
      await ann.barrier(); // the fronts have been told
      await line.kill({ kind: "now" });
      await line.startHub();
      assertEquals(inGracePeriod(line), ["dan"]);
    }
    await (await enterWithKey(line)).send("PRIVMSG #tea :back");
    await ann.until((each) => each.endsWith(":back"));
    assertEquals(ann.take(), [":dan!~dan@127.0.0.1 PRIVMSG #tea :back"]);
    // The session that ended first is not presented any more.
    await line.kill({ kind: "now" });
    await line.startHub();
    assertEquals(inGracePeriod(line), []);
    assertEquals(line.hub.fronts.takeover.restored, 2);
  },
);

function inGracePeriod(line: HubLine): string[] {
  return Array.from(line.hub.server.hub.context.state.usersInGracePeriod, ({ nick }) => nick);
}

for (const words of ["", "PRIVMSG #tea :one\r\nQUIT :have to go"]) {
  leaveTest(
    `an end that is in the log, and of which no front was told, is told once${
      words === "" ? "" : ", after a QUIT, too"
    }`,
    { fronts: 2 },
    async (line) => {
      const [ann, ben] = [await line.enter("ann", "#tea"), await line.enter("ben", "#tea")];
      await ann.barrier();
      ann.take();
      const killed = line.kill({ kind: "undelivered" });
      if (words !== "") await ben.send(words);
      ben.close();
      await killed;
      await line.startHub();
      await ann.until((each) => each.startsWith(":ben!") && / QUIT /.test(each));
      const again = await line.enter("ben", "#tea"); // the name is free
      await again.send("PRIVMSG #tea :back");
      await ann.until((each) => each.endsWith(":back"));
      const said = words === "" ? [] : ["PRIVMSG #tea :one"];
      const reason = words === "" ? "Connection closed" : "Quit: have to go";
      assertEquals(
        ann.take().filter((each) => each.startsWith(":ben!")).map((each) => each.replace(/^\S+ /, "")),
        [...said, `QUIT :${reason}`, "JOIN #tea", "PRIVMSG #tea :back"],
      );
    },
  );
}
