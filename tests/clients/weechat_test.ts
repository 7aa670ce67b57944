/** WeeChat without a terminal (Debian packages `weechat-headless` and `weechat-plugins`): told by its pipe, told by its log files. */
import { assertEquals } from "@std/assert";
import { needs } from "../tools.ts";
import { AWAY, BEFORE, holds, inTime, Lobby, PASSWORD } from "./lobby.ts";

/** A message at once, not two seconds after the one before; and each on disk at once. The names of WeeChat 3, and of 4. */
const config = (port: number) => ({
  "irc.conf": `[server_default]
anti_flood_prio_high = 0
anti_flood_prio_low = 0
anti_flood = 0
[server]
home.addresses = "127.0.0.1/${port}"
home.ssl = off
home.tls = off
home.nicks = "weechat"
home.sasl_mechanism = scram-sha-256
home.sasl_username = "weechat"
home.sasl_password = "${PASSWORD}"
home.sasl_fail = disconnect
home.autoconnect = on
home.autojoin = "#lobby"
`,
  "logger.conf": "[file]\nflush_delay = 0\n",
  "fifo.conf": '[file]\npath = "${weechat_runtime_dir}/fifo"\n',
});

Deno.test({
  name:
    "WeeChat logs in by SCRAM, sees what was said before and who is away, talks, hears, and changes its name",
  ...needs("weechat-headless"),
  async fn() {
    await using lobby = await Lobby.open();
    await lobby.register("weechat");
    const folder = await lobby.folder("weechat");
    for (const [name, text] of Object.entries(config(lobby.port))) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await using weechat = new Deno.Command("weechat-headless", {
      args: ["--dir", folder],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const type = (line: string) => Deno.writeTextFile(`${folder}/fifo`, line + "\n", { create: false });
    const server = `${folder}/logs/irc.server.home.weechatlog`;
    const channel = `${folder}/logs/irc.home.#lobby.weechatlog`;

    await holds(channel, /weechat .*has joined/);
    await type("irc.home.#lobby */quote HISTORY #lobby"); // it knows no batches, so nothing is replayed to it
    await holds(server, new RegExp(`#lobby .* <bystander> ${BEFORE}$`, "m"));
    assertEquals(await lobby.isLoggedIn("weechat"), true);
    await type("irc.home.#lobby *hello from WeeChat");
    await lobby.hears("weechat", "hello from WeeChat");
    await lobby.say("welcome");
    await holds(channel, /\tbystander\twelcome$/m);
    await lobby.away();
    await type("irc.home.#lobby */whois bystander");
    await holds(server, new RegExp(`\t\\[bystander\\] is away: ${AWAY}$`, "m"));
    await type("irc.home.#lobby */nick weechat2");
    await lobby.seesRenamed("weechat", "weechat2");
    await holds(channel, /\tYou are now known as weechat2$/m);
    await type("*/quit");
    await lobby.seesOff("weechat2");
    assertEquals((await inTime("WeeChat ends", weechat.status)).code, 0);
  },
});
