/**
 * A bot on irc-framework as its README has it, run by irc_framework_test.ts: it carries out every `!deploy` that it hears. On standard
 * output a line of JSON for each thing that happens. Arguments: the module, port, nick, passphrase, and `+B` or nothing.
 */
import { createRequire } from "node:module";
import process from "node:process";

const [module, port, nick, password, mode] = process.argv.slice(2);
const { Client } = createRequire(module)(module);
const told = (what, more = {}) => process.stdout.write(JSON.stringify({ what, ...more }) + "\n");

const bot = new Client();
bot.on("registered", () => {
  if (mode !== undefined) bot.mode(nick, mode);
  bot.join("#lobby");
});
bot.on("join", (event) => event.nick === nick && told("joined"));
bot.on("message", ({ type, nick: from, message, batch }) => {
  const inHistory = batch?.type === "chathistory";
  told("heard", { type, from, message, inHistory });
  if (type === "privmsg" && message.startsWith("!deploy") && !inHistory) told("deployed", { message });
});
bot.on("socket close", () => told("closed"));
bot.connect({
  host: "127.0.0.1",
  port: Number(port),
  nick,
  username: nick,
  account: { account: nick, password },
  auto_reconnect: false,
});
process.stdin.on("data", () => bot.quit()).resume();
