/** Presence of people, and their ranks, from the lines of a server. */
import { assertEquals } from "@std/assert";
import { parseMessage } from "../../../lib/irc/message.ts";
import { formatPresence, MAX_KNOWN_PRESENCES, Presence } from "../../../lib/page/model/presence.ts";
import { listMembers } from "../../../lib/page/state/late/member_list.ts";
import { PresenceRequests } from "../../../lib/page/state/presence_requests.ts";
import { pureTest } from "../../support/test.ts";

function receive(presence: Presence, ...lines: string[]): string[] {
  for (const [at, line] of lines.entries()) presence.apply(parseMessage(line)!, at + 1);
  return listMembers(presence, "#Dev", ["dave", "alice", "Bob", "carol"]).map((member) =>
    [member.nick, member.rank, formatPresence(member, String)].filter((word) => word !== "").join(" ")
  );
}

pureTest("presence: members are listed by rank and name, with what WHO, AWAY and MONITOR tell", () => {
  const presence = new Presence();
  assertEquals(receive(presence, ":s 353 me = #dev :@carol +Bob alice dave"), [
    "carol operator",
    "Bob voice",
    "alice",
    "dave",
  ]);
  assertEquals(
    receive(
      presence,
      ":s 352 me #dev ~c h s carol G@ :0 x",
      ":s 352 me #dev ~a h s alice H :0 x",
      ":bob!b@h AWAY :lunch",
      ":s 301 me bob :lunch",
    ),
    ["carol operator away", "Bob voice away since 3: lunch", "alice online", "dave"],
  );
  assertEquals(
    receive(
      presence,
      ":s 301 me carol :gone",
      ":bob!b@h AWAY",
      ":s 352 me #dev ~c h s carol G@ :0 x",
      ":s 731 me :dave,alice",
    ),
    ["carol operator away: gone", "Bob voice online", "alice offline since 4", "dave offline"],
  );
  assertEquals(receive(presence, ":s 730 me :dave!d@h", ":alice!a@h JOIN #dev")[3], "dave online");
  presence.clear();
  assertEquals(receive(presence), ["alice", "Bob", "carol", "dave"]);
});

pureTest("presence: ranks follow MODE, nicks and departures", () => {
  const presence = new Presence();
  const ranks = (...lines: string[]) =>
    receive(presence, ...lines).filter((text) => text.includes(" ")).map((text) =>
      text.replace(/ o\w+line.*/, "")
    );
  assertEquals(ranks(":x MODE #dev +kol-b+v key alice 20 *!*@x bob"), ["alice operator", "Bob voice"]);
  assertEquals(ranks(":x MODE #dev -v+v alice alice"), ["alice operator", "Bob voice"]);
  assertEquals(ranks(":x MODE #dev -o alice", ":bob!b@h NICK dave"), ["dave voice"]);
  assertEquals(ranks(":dave!b@h PART #dev", ":x MODE #dev +o carol", ":x KICK #dev carol :out"), []);
});

pureTest("presence: what others make it remember is bounded", () => {
  const presence = new Presence();
  const names = Array.from({ length: MAX_KNOWN_PRESENCES + 1 }, (_, nth) => `@n${nth}`);
  presence.apply({
    command: "353",
    tags: new Map(),
    source: "s",
    params: ["me", "=", "#dev", names.join(" ")],
  }, 0);
  presence.apply({
    command: "731",
    tags: new Map(),
    source: "s",
    params: ["me", names.join().replaceAll("@", "")],
  }, 0);
  const last = MAX_KNOWN_PRESENCES;
  assertEquals([presence.rank("#dev", `n${last - 1}`), presence.rank("#dev", `n${last}`)], ["operator", ""]);
  assertEquals([presence.get(`n${last - 1}`).state, presence.get(`n${last}`).state], ["offline", "unknown"]);
});

pureTest("presence: each thing is asked once over a connection, and so many watched", () => {
  const asked: string[] = [];
  const requests = new PresenceRequests({
    request({ command, params }) {
      asked.push([command, ...params ?? []].join(" "));
      return Promise.resolve({ kind: "answered", lines: [] });
    },
    receive() {},
  });
  requests.handleConnected(new Map());
  requests.watch(["bob"]);
  assertEquals(asked, []);
  requests.handleConnected(new Map([["MONITOR", "100"]]));
  requests.watch(["OnCall", "bob", "Bob", "NickServ"]); // services have no presence
  requests.askRoom("#dev");
  requests.askRoom("#Dev");
  requests.askPerson("bob");
  assertEquals(asked.splice(0), ["MONITOR + bob", "WHO #dev", "WHOIS bob"]);
  requests.watch(Array.from({ length: 101 }, (_, nth) => `n${nth}`));
  assertEquals(asked.splice(0).length, 99);
  requests.handleConnected(new Map([["MONITOR", ""]]));
  requests.watch(["bob"]);
  assertEquals(asked, ["MONITOR + bob"]);
});
