/** ii: the files of a folder are the chat. It negotiates nothing by itself; a line after a slash goes to the server as it is. */
import { assertEquals } from "@std/assert";
import { needs } from "../tools.ts";
import { AWAY, BEFORE, holds, isThere, Lobby, PASSWORD } from "./lobby.ts";

Deno.test({
  name:
    "ii logs in with NickServ, asks what was said before and who is away, talks, hears, and changes its name",
  ...needs("ii"),
  async fn() {
    await using lobby = await Lobby.open();
    await lobby.register("owner");
    const folder = await lobby.folder("ii");
    await using _ii = new Deno.Command("ii", {
      args: ["-s", "127.0.0.1", "-p", String(lobby.port), "-n", "ii", "-i", folder],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const server = `${folder}/127.0.0.1`;
    const channel = `${server}/#lobby`;
    const type = async (where: string, line: string) => {
      await isThere(`${where}/in`); // else this would make a file of it
      await Deno.writeTextFile(`${where}/in`, line + "\n");
    };

    await holds(`${server}/out`, / No message of the day$/m);
    await type(server, `/PRIVMSG NickServ :IDENTIFY owner ${PASSWORD}`);
    await holds(`${server}/nickserv/out`, /"You are logged in as owner/);
    assertEquals(await lobby.isLoggedIn("ii", "owner"), true);
    await type(server, "/CAP REQ draft/chathistory");
    await type(server, "/j #lobby");
    await holds(`${channel}/out`, /^\d+ -!- ii\(\S+\) has joined #lobby$/m);
    await type(server, "/CHATHISTORY LATEST #lobby * 10");
    await holds(`${channel}/out`, new RegExp(`^\\d+ <bystander> ${BEFORE}$`, "m"));
    await type(server, "/n owner");
    await lobby.seesRenamed("ii", "owner");
    await type(channel, "hello from ii");
    await lobby.hears("owner", "hello from ii");
    await lobby.say("welcome");
    await holds(`${channel}/out`, /^\d+ <bystander> welcome$/m);
    await lobby.away();
    await type(server, "/WHOIS bystander");
    await holds(`${server}/out`, new RegExp(` bystander ${AWAY}$`, "m"));
    await type(server, "/n ii");
    await lobby.seesRenamed("owner", "ii");
    await type(server, "/QUIT");
    await lobby.seesOff("ii");
  },
});
