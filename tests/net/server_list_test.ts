import { assertEquals } from "@std/assert";
import { formatAddress } from "../../lib/net/address.ts";
import { MAX_SERVERS, parseServerList } from "../../lib/net/server_list.ts";
import { pureTest } from "../support/test.ts";

/** The addresses in `text`, or why it is no list. */
function parse(text: string): string[] | string {
  const parsed = parseServerList(text);
  return parsed.kind === "bad" ? parsed.why : parsed.addresses.map(formatAddress);
}

const hosts = (count: number) => Array.from({ length: count }, (_, nth) => `chat${nth}`).join(",");

pureTest("lists of servers: in the order given, with schemes of their own", () => {
  assertEquals(parse("chat1"), ["chat1:6667"]);
  assertEquals(parse("ircs://chat1, irc://chat2:7000 ,[::1]:6668"), [
    "ircs://chat1:6697",
    "chat2:7000",
    "[::1]:6668",
  ]);
});

pureTest("lists of servers: the path of a Unix socket may have commas", () => {
  assertEquals(parse("unix:/run/a,b"), ["unix:/run/a,b"]);
  assertEquals(parse("unix:/run/a,b,ircs://chat2,unix:/c"), [
    "unix:/run/a,b",
    "ircs://chat2:6697",
    "unix:/c",
  ]);
});

pureTest("lists of servers: what is wrong names the address", () => {
  assertEquals(parse("chat1,,chat2"), "there is nothing before or behind a comma");
  assertEquals(parse("chat1,"), "there is nothing before or behind a comma");
  assertEquals(parse("chat1,irc://chat1:6667"), "chat1:6667 is in the list twice");
  assertEquals(parse("chat1,chat2:x"), 'chat2:x: "chat2:x" is not HOST:PORT');
});

pureTest("lists of servers: 8 addresses, and not one more", () => {
  assertEquals(parse(hosts(MAX_SERVERS)).length, 8);
  assertEquals(parse(hosts(MAX_SERVERS + 1)), "9 addresses; at most 8 are possible");
});
