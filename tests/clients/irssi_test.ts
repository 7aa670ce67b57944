/** irssi at a terminal, as README has it. */
import { assertEquals } from "@std/assert";
import { Pty } from "../commands/pty.ts";
import { needs } from "../tools.ts";
import { AWAY, BEFORE, inTime, Lobby, PASSWORD } from "./lobby.ts";

/** Commands at once, not two seconds apart; and a channel that one enters comes to the front. */
const config = (port: number) =>
  `settings = {
  "irc/core" = { cmd_queue_speed = "10msec"; };
  "fe-common/core" = { window_auto_change = "yes"; };
};
chatnets = {
  home = {
    type = "IRC"; nick = "irssi";
    sasl_mechanism = "PLAIN"; sasl_username = "irssi"; sasl_password = "${PASSWORD}";
  };
};
servers = ( { address = "127.0.0.1"; port = "${port}"; chatnet = "home"; autoconnect = "yes"; } );
`;

Deno.test({
  name: "irssi logs in, sees what was said before and who is away, talks, hears, and changes its name",
  ...needs("irssi", "script"),
  async fn() {
    await using lobby = await Lobby.open();
    await lobby.register("irssi");
    const folder = await lobby.folder("irssi");
    await Deno.writeTextFile(`${folder}/config`, config(lobby.port));
    await using irssi = new Pty(["--home", folder], {}, ["irssi"]);
    const shows = (line: RegExp) => inTime(`irssi shows ${line}`, irssi.line(line));

    await shows(/ No message of the day/);
    assertEquals(await lobby.isLoggedIn("irssi"), true);
    irssi.press("/join #lobby\r");
    irssi.press("/msg HistServ #lobby\r"); // it knows no batches, so nothing is replayed to it
    await inTime("irssi shows it", irssi.shows((lines) => whole(lines).includes(`<bystander> ${BEFORE}`)));
    irssi.press("/window 2\r");
    irssi.press("hello from irssi\r");
    await lobby.hears("irssi", "hello from irssi");
    await lobby.say("welcome");
    await shows(/^\d\d:\d\d <.?bystander> welcome$/);
    await lobby.away();
    irssi.press("/window 1\r/whois bystander\r");
    await shows(new RegExp(`^\\d\\d:\\d\\d -!- +away +: ${AWAY}$`));
    irssi.press("/window 2\r/nick irssi2\r");
    await lobby.seesRenamed("irssi", "irssi2");
    await shows(/ You're now known as irssi2$/);
    irssi.press("/quit\r");
    await lobby.seesOff("irssi2");
    assertEquals(await inTime("irssi ends", irssi.end()), { code: 0, restored: true });
  },
});

/** What is on the screen, rows that go on in the next one joined. */
function whole(lines: readonly string[]): string {
  return lines.join(" ").replace(/\s+/g, " ");
}

Deno.test({
  name: "irssi is told once of what came while it was away, and sees it",
  ...needs("irssi", "script"),
  async fn() {
    await using lobby = await Lobby.open();
    await lobby.register("irssi");
    await lobby.tell("irssi", "while you were away");
    const folder = await lobby.folder("irssi");
    await Deno.writeTextFile(`${folder}/config`, config(lobby.port));
    for (const waits of [true, false]) {
      await using irssi = new Pty(["--home", folder], {}, ["irssi"]);
      const shows = (text: string) =>
        inTime(`irssi shows ${text}`, irssi.shows((lines) => whole(lines).includes(text)));
      await shows(waits ? "1 message for you while you were away, from bystander" : "No message of the day");
      irssi.press("/msg HistServ LIST\r");
      await shows(waits ? "bystander: 1 message unread" : "You have no unread messages");
      irssi.press("/msg HistServ bystander\r");
      await shows("<bystander> while you were away");
      irssi.press("/window 1\r");
      const lines = await shows("No message of the day");
      assertEquals(whole(lines).includes("1 message for you"), waits);
      irssi.press("/quit\r");
      await inTime("irssi ends", irssi.end());
    }
  },
});
