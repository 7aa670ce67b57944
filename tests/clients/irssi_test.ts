/** irssi at a terminal, as README has it. */
import { assertEquals } from "@std/assert";
import { Pty } from "../commands/pty.ts";
import { needs } from "../tools.ts";
import { BEFORE, inTime, Lobby } from "./lobby.ts";

/** Commands at once, not two seconds apart; and a room that one enters comes to the front. */
const CONFIG = `settings = {
  "irc/core" = { cmd_queue_speed = "10msec"; };
  "fe-common/core" = { window_auto_change = "yes"; };
};
`;

Deno.test({
  name: "irssi enters, sees what was said before, talks and hears",
  ...needs("irssi", "script"),
  async fn() {
    await using lobby = await Lobby.open();
    const folder = await lobby.folder("irssi");
    await Deno.writeTextFile(`${folder}/config`, CONFIG);
    const args = ["--home", folder, "-c", "127.0.0.1", "-p", String(lobby.port), "-n", "irssi"];
    await using irssi = new Pty(args, {}, ["irssi"]);
    const shows = (line: RegExp) => inTime(`irssi shows ${line}`, irssi.line(line));

    await shows(/ No message of the day/);
    irssi.press("/join #lobby\r");
    await shows(new RegExp(`^\\d\\d:\\d\\d <.?bystander> ${BEFORE}$`));
    irssi.press("hello from irssi\r");
    await lobby.hears("irssi", "hello from irssi");
    await lobby.say("welcome");
    await shows(/^\d\d:\d\d <.?bystander> welcome$/);
    irssi.press("/quit\r");
    await lobby.seesOff("irssi");
    assertEquals(await inTime("irssi ends", irssi.end()), { code: 0, restored: true });
  },
});
