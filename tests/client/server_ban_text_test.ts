import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { describeServerBans } from "../../lib/client/commands/server_ban_text.ts";
import { pureTest } from "../support/test.ts";

const NOW = 1_000_000_000;

function text(...lines: string[]): string[] {
  return describeServerBans(lines.map((line) => parseMessage(line)!), NOW);
}

pureTest("server bans: mask, duration, operator and reason", () => {
  assertEquals(
    text(
      ":s BANS ban account:bob 1970-01-12T15:46:40.000Z alice :no spam",
      ":s BANS mute address:192.0.2.0/24 * alice :",
      ":s BANS *",
    ),
    [
      "account:bob is banned for another 2h, by alice: no spam",
      "address:192.0.2.0/24 is muted, by alice",
    ],
  );
  assertEquals(text(":s BANS *"), ["there are no bans and no mutes on this server"]);
  assertEquals(text(":s NOTICE alice :another server says it in words"), [
    "another server says it in words",
  ]);
});
