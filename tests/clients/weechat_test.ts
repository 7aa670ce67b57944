/** WeeChat without a terminal (Debian packages `weechat-headless` and `weechat-plugins`): told by its pipe, told by its log files. */
import { assertEquals } from "@std/assert";
import { needs } from "../tools.ts";
import { BEFORE, holds, inTime, Lobby } from "./lobby.ts";

/** A message at once, not two seconds after the one before; and each on disk at once. The names of WeeChat 3, and of 4. */
const CONFIG = {
  "irc.conf": "[server_default]\nanti_flood_prio_high = 0\nanti_flood_prio_low = 0\nanti_flood = 0\n",
  "logger.conf": "[file]\nflush_delay = 0\n",
  "fifo.conf": '[file]\npath = "${weechat_runtime_dir}/fifo"\n',
};

Deno.test({
  name: "WeeChat enters, sees what was said before, talks and hears",
  ...needs("weechat-headless"),
  async fn() {
    await using lobby = await Lobby.open();
    const folder = await lobby.folder("weechat");
    for (const [name, text] of Object.entries(CONFIG)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await using weechat = new Deno.Command("weechat-headless", {
      args: ["--dir", folder, `irc://weechat@127.0.0.1:${lobby.port}/#lobby`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const type = (line: string) => Deno.writeTextFile(`${folder}/fifo`, line + "\n", { create: false });
    const log = `${folder}/logs/irc.127.0.0.1.#lobby.weechatlog`;

    await holds(log, new RegExp(`\tbystander\t${BEFORE}$`, "m"));
    await type("irc.127.0.0.1.#lobby *hello from WeeChat");
    await lobby.hears("weechat", "hello from WeeChat");
    await lobby.say("welcome");
    await holds(log, /\tbystander\twelcome$/m);
    await type("*/quit");
    await lobby.seesOff("weechat");
    assertEquals((await inTime("WeeChat ends", weechat.status)).code, 0);
  },
});
