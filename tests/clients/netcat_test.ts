/** netcat: a person who types the protocol by hand, and asks for what was said before. */
import { assertEquals } from "@std/assert";
import { linesOf } from "../commands/program.ts";
import { needs } from "../tools.ts";
import { BEFORE, inTime, Lobby } from "./lobby.ts";

Deno.test({
  name: "netcat enters, asks what was said before, talks and hears",
  ...needs("nc"),
  async fn() {
    await using lobby = await Lobby.open();
    await using nc = new Deno.Command("nc", {
      args: ["127.0.0.1", String(lobby.port)],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const keys = nc.stdin.getWriter();
    const type = (line: string) => keys.write(new TextEncoder().encode(line + "\n")); // LF alone, as typed
    const lines = linesOf(nc.stdout);
    const shows = async (line: RegExp) => {
      for (let next = await lines.next(); !next.done; next = await lines.next()) {
        if (line.test(next.value)) return;
      }
      throw new Error(`ended before ${line}`);
    };

    await type("NICK netcat");
    await type("USER netcat 0 * :by hand");
    await inTime("welcome", shows(/ 001 netcat /));
    await type("CAP REQ draft/chathistory");
    await type("JOIN #lobby");
    await inTime("names", shows(/ 366 netcat #lobby /));
    await type("CHATHISTORY LATEST #lobby * 10");
    await inTime("history", shows(new RegExp(`^:bystander!\\S+ PRIVMSG #lobby :${BEFORE}\\r$`)));
    await type("PRIVMSG #lobby :hello from netcat");
    await lobby.hears("netcat", "hello from netcat");
    await lobby.say("welcome");
    await inTime("answer", shows(/^:bystander!\S+ PRIVMSG #lobby :welcome\r$/));
    await type("QUIT");
    await lobby.seesOff("netcat");
    await inTime("ERROR", shows(/^ERROR :/));
    await keys.close().catch(() => {}); // it has ended
    assertEquals((await inTime("netcat ends", nc.status)).code, 0);
  },
});
