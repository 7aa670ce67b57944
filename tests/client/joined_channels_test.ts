import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { JoinedChannels, stripMemberPrefix } from "../../lib/client/conversation/model/joined_channels.ts";
import { pureTest } from "../support/test.ts";

function learn(channels: JoinedChannels, ...lines: string[]) {
  for (const line of lines) channels.applyLine(parseMessage(line)!, "alice");
}

const members = (channels: JoinedChannels, name: string) =>
  [...channels.get(name)?.members.values() ?? []].sort();

pureTest("joined channels: members follow the lines of the server", () => {
  const channels = new JoinedChannels();
  learn(channels, ":bob!b@h JOIN #dev");
  assertEquals(channels.names, []);
  learn(
    channels,
    ":alice!a@h JOIN #Dev",
    ":s 332 alice #dev :work",
    ":s 353 alice = #dev :@op +bob",
    ":s 353 alice = #dev :alice",
  );
  learn(
    channels,
    ":s 366 alice #dev :End",
    ":carol!c@h JOIN #dev",
    ":bob!b@h NICK rob",
    ":op!o@h PART #dev",
  );
  assertEquals(members(channels, "#DEV"), ["alice", "carol", "rob"]);
  assertEquals(channels.get("#dev")?.topic, "work");
  learn(channels, ":carol!c@h QUIT :x", ":rob!b@h KICK #dev carol :x", ":s 331 alice #dev :No topic");
  assertEquals(members(channels, "#dev"), ["alice", "rob"]);
  assertEquals(channels.get("#dev")?.topic, "");
  learn(channels, ":s 353 alice = #dev :alice", ":s 366 alice #dev :End");
  assertEquals(members(channels, "#dev"), ["alice"]);
  learn(channels, ":rob!b@h KICK #dev Alice :out");
  assertEquals(channels.names, []);
  learn(channels, ":alice!a@h JOIN #x");
  channels.clear();
  assertEquals(channels.get("#x"), undefined);
});

pureTest("joined channels: prefixes and hosts are no part of a nick", () => {
  assertEquals(["@+bob", "~bob!b@h", "bob", "%"].map(stripMemberPrefix), ["bob", "bob", "bob", ""]);
});
