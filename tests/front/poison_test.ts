/** A hub that ends because of what its fronts present, again and again: that does not go on. */
import { assertEquals } from "@std/assert";
import { Handover } from "../../lib/hub/handover/handover.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { CLAIM_CAPABILITY } from "../../lib/irc/vendor_extensions.ts";
import { MAX_SESSION_TRIES } from "../../lib/relay/tries.ts";
import { Killed } from "./hub_line.ts";
import type { HubLine } from "./hub_line.ts";
import { hubLineTests } from "./hub_line_test_case.ts";

const CAPS = "labeled-response echo-message batch";

const poisonTest = hubLineTests("poison");

/** The next hub, which dies, too. */
async function startDyingHub(line: HubLine): Promise<void> {
  await line.startHub();
  await line.whenLost();
}

poisonTest(
  "a line of which two hubs have ended is answered by the third, and not worked on",
  { fronts: 2, poison: "poison" },
  async (line) => {
    const [ann, ben] = [await line.enter("ann", "#tea", CAPS), await line.enter("ben", "#tea", CAPS)];
    await ann.barrier();
    ann.take();
    const texts = ["before", "poison", "after"];
    await ben.bytes(new TextEncoder().encode(
      texts.map((text) => `@label=${text} PRIVMSG #tea :${text}\r\n`).join("") + "@label=p PING x\r\n",
    ));
    await line.whenLost();
    await startDyingHub(line);
    await line.startHub();
    await ben.until((each) => each.startsWith("@label=p "));
    const fail = "FAIL PRIVMSG TEMPORARILY_UNAVAILABLE :The server ended each time before it answered";
    const told = ben.take();
    assertEquals(told.map((each) => each.split(";")[0]), [
      "@label=before :ben!~ben@127.0.0.1 PRIVMSG #tea :before",
      `@label=poison :irc.test ${fail}`,
      `@label=after :irc.test ${fail}`,
      "@label=p :irc.test PONG irc.test :x",
    ]);
    await ben.send("PRIVMSG #tea :again");
    await ben.barrier();
    await ann.barrier();
    assertEquals(ann.take(), ["before", "again"].map((text) => `:ben!~ben@127.0.0.1 PRIVMSG #tea :${text}`));
    // What is answered is not counted any more.
    await line.kill({ kind: "now" });
    await ben.send("PRIVMSG #tea :once more");
    await line.startHub();
    await ann.until((each) => each.endsWith(":once more"));
  },
);

poisonTest(
  "hubs that are killed while they answer other lines are no reason to give up on a line",
  {},
  async (line) => {
    const [ann, ben] = [await line.enter("ann", "#tea"), await line.enter("ben", "#tea")];
    await ann.barrier();
    ann.take();
    const texts = Array.from({ length: 6 }, (_, n) => `text ${n}`);
    for (const text of texts) {
      await line.kill({ kind: "now" });
      await ben.send(`PRIVMSG #tea :${text}`);
      await line.startHub();
      await ann.until((each) => each.endsWith(text));
    }
    await ben.barrier();
    assertEquals(ben.take(), []);
    assertEquals(ann.take(), texts.map((text) => `:ben!~ben@127.0.0.1 PRIVMSG #tea :${text}`));
  },
);

poisonTest(
  "hubs that are killed before they begin to restore are no reason to give up on a line or a session",
  { fronts: 2 },
  async (line) => {
    const [ann, ben] = [await line.enter("ann", "#tea"), await line.enter("ben", "#tea")];
    await ann.barrier();
    ann.take();
    await line.kill({ kind: "now" });
    await ben.send("PRIVMSG #tea :patience");
    for (let n = 0; n < MAX_SESSION_TRIES + 2; n++) {
      await line.startHub(2, () => line.kill({ kind: "now" })); // the fronts have presented
    }
    await line.startHub();
    await ann.until((each) => each.endsWith(":patience"));
    await ben.barrier();
    assertEquals(ben.take(), []);
    assertEquals(ann.take(), [":ben!~ben@127.0.0.1 PRIVMSG #tea :patience"]);
  },
);

/** A hub with it dies of a client that registers. */
class RegistrationHandover extends Handover {
  override line(...args: Parameters<Handover["line"]>): boolean {
    if (String(args[2]).startsWith("USER poison")) throw new Killed();
    return super.line(...args);
  }
}

poisonTest(
  "a client of which two hubs have ended before it was registered is disconnected, others stay",
  { makeHandover: (hub) => new RegistrationHandover(hub) },
  async (line) => {
    const ann = await line.enter("ann", "#tea");
    const ben = await line.open();
    await ben.send("USER poison 0 * :ben\r\nNICK ben"); // nothing of it is answered before
    await line.whenLost();
    await startDyingHub(line);
    await ben.ended();
    assertEquals(ben.take(), [
      "ERROR :Closing Link: the server was restarted before you were registered; connect again",
      "(closed)",
    ]);
    await line.startHub();
    await ann.barrier();
    assertEquals(ann.take(), []);
  },
);

/** Registers with a claim key of the nick, and enters. */
async function logIn(client: SocketClient, nick: string, ...more: string[]): Promise<void> {
  const key = nick.charAt(0).repeat(43);
  await client.send(
    `CAP REQ :${CLAIM_CAPABILITY}\r\nCLAIM ${key}\r\nNICK ${nick}\r\nUSER ${nick} 0 * :${nick}`,
  );
  await client.send(["CAP END", ...more, "JOIN #tea"].join("\r\n"));
  await client.barrier();
}

/** A hub with it dies when it restores a session. */
class BrokenHandover extends Handover {
  override open(...[session, name, answered]: Parameters<Handover["open"]>): void {
    if (answered !== undefined) throw new Killed();
    super.open(session, name);
  }
}

poisonTest(
  "sessions that no hub can restore are refused in the end, and the server starts without them",
  { makeHandover: (hub) => new BrokenHandover(hub) },
  async (line) => {
    const [ann, ben, cat] = [await line.open(), await line.enter("ben", "#tea"), await line.open()];
    await logIn(ann, "ann", "REGISTER * * a-long-password");
    await logIn(cat, "cat");
    assertEquals(ann.take().filter((each) => each.includes(" REGISTER SUCCESS ")).length, 1);
    for (const client of [ann, ben, cat]) {
      await client.barrier();
      client.take();
    }
    await line.kill({ kind: "now" });
    await ben.send("PRIVMSG #tea :lost");
    for (let n = 0; n < 4; n++) await startDyingHub(line);
    await line.startHub();
    for (const client of [ann, ben, cat]) {
      await client.ended();
      assertEquals(client.take(), [
        "ERROR :Closing Link: The server ended each time it was given the session; connect again",
        "(closed)",
      ]);
    }
    const dan = await line.enter("dan", "#tea");
    await dan.send("NAMES #tea");
    await dan.until((each) => / 353 /.test(each));
    const names = dan.take().find((each) => / 353 /.test(each))?.split(":").at(-1);
    assertEquals(names, "ann cat dan", "those with an account or a key are in their grace period");
    const again = await line.open();
    await logIn(again, "cat"); // unseen
    await again.send("PRIVMSG #tea :back");
    await line.enter("ben", "#tea"); // its name is free
    await dan.until((each) => / JOIN /.test(each));
    assertEquals(dan.take().map((each) => each.replace(/^:(\w+)!\S+/, "$1")), [
      "cat PRIVMSG #tea :back",
      "ben JOIN #tea",
    ]);
  },
);
