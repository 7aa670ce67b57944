import { assertEquals } from "@std/assert";
import { utf8Length } from "../../lib/base/bytes.ts";
import * as limits from "../../lib/irc/limits.ts";
import { formatMessage } from "../../lib/irc/message.ts";
import { RPL_AWAY, RPL_WHOISUSER, RPL_WHOREPLY } from "../../lib/irc/numerics.ts";
import { pureTest } from "../support/test.ts";

const nick = "n".repeat(limits.NICKLEN);
const channel = "#" + "r".repeat(limits.CHANNELLEN - 1);
const user = "u".repeat(limits.USERLEN);
const host = "h".repeat(limits.HOSTLEN);
const server = "s".repeat(limits.SERVERNAMELEN);
const away = "away ".repeat(limits.AWAYLEN / 5);
const realname = "real ".repeat(limits.REALNAMELEN / 5);

/** Lines that a server must be able to send whole, each with the longest of everything that it bears. */
const LONGEST: Record<string, [source: string, command: string, params: string[]]> = {
  "352 RPL_WHOREPLY": [server, RPL_WHOREPLY, [
    nick,
    channel,
    user,
    host,
    server,
    nick,
    "G*@",
    `0 ${realname}`,
  ]],
  "311 RPL_WHOISUSER": [server, RPL_WHOISUSER, [nick, nick, user, host, "*", realname]],
  "301 RPL_AWAY": [server, RPL_AWAY, [nick, nick, away]],
  "AWAY": [`${nick}!${user}@${host}`, "AWAY", [away]],
  "NICK": [`${nick}!${user}@${host}`, "NICK", [nick]],
  "JOIN": [`${nick}!${user}@${host}`, "JOIN", [channel]],
};

for (const [what, [source, command, params]] of Object.entries(LONGEST)) {
  pureTest(`limits: the longest ${what} fits a line`, () => {
    const bytes = utf8Length(formatMessage({ source, command, params })) + limits.CRLF_BYTES;
    assertEquals(bytes <= limits.MAX_LINE_BYTES, true, `${bytes} bytes`);
  });
}

pureTest("limits: the tags of client and server make the combined limit of message-tags", () => {
  // '@' <tag_data 4094> ';' <tag_data 4094> ' '
  const tagData = limits.MAX_CLIENT_TAGS_BYTES - "@ ".length;
  assertEquals(limits.MAX_SERVER_TAGS_BYTES, "@".length + tagData + ";".length + tagData + " ".length);
});
