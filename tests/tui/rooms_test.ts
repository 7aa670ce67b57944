import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { RoomBook, withoutPrefix } from "../../lib/tui/rooms.ts";

function learn(rooms: RoomBook, ...lines: string[]) {
  for (const line of lines) rooms.learn(parseMessage(line)!, "alice");
}

const members = (rooms: RoomBook, name: string) => [...rooms.get(name)?.members.values() ?? []].sort();

Deno.test({
  name: "rooms: who is where, by what the server says",
  permissions: "none",
  fn() {
    const rooms = new RoomBook();
    learn(rooms, ":bob!b@h JOIN #dev");
    assertEquals(rooms.names, []);
    learn(
      rooms,
      ":alice!a@h JOIN #Dev",
      ":s 332 alice #dev :work",
      ":s 353 alice = #dev :@op +bob",
      ":s 353 alice = #dev :alice",
    );
    learn(rooms, ":s 366 alice #dev :End", ":carol!c@h JOIN #dev", ":bob!b@h NICK rob", ":op!o@h PART #dev");
    assertEquals(members(rooms, "#DEV"), ["alice", "carol", "rob"]);
    assertEquals(rooms.get("#dev")?.topic, "work");
    learn(rooms, ":carol!c@h QUIT :x", ":rob!b@h KICK #dev carol :x", ":s 331 alice #dev :No topic");
    assertEquals(members(rooms, "#dev"), ["alice", "rob"]);
    assertEquals(rooms.get("#dev")?.topic, "");
    learn(rooms, ":s 353 alice = #dev :alice", ":s 366 alice #dev :End");
    assertEquals(members(rooms, "#dev"), ["alice"]);
    learn(rooms, ":rob!b@h KICK #dev Alice :out");
    assertEquals(rooms.names, []);
    learn(rooms, ":alice!a@h JOIN #x");
    rooms.clear();
    assertEquals(rooms.get("#x"), undefined);
  },
});

Deno.test({
  name: "rooms: prefixes and hosts are no part of a name",
  permissions: "none",
  fn() {
    assertEquals(["@+bob", "~bob!b@h", "bob", "%"].map(withoutPrefix), ["bob", "bob", "bob", ""]);
  },
});
