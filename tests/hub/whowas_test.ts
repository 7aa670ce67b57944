import { assertEquals } from "@std/assert";
import { MutableUser } from "../../lib/hub/model/state/mutable_entities.ts";
import { MAX_PAST_NAMES, Whowas } from "../../lib/hub/services/whowas.ts";
import { pureTest } from "../support/test.ts";

const user = (nick: string, username = "u") =>
  new MutableUser(nick, username, "host", "Real Name", "~1", 0, false);

pureTest("whowas: the latest first, at most as many as are asked for, in any letters", () => {
  const whowas = new Whowas();
  whowas.addPastName(user("Bob", "one"), 1000);
  whowas.addPastName(user("alice"), 2000);
  whowas.addPastName(user("bob", "two"), 3000);
  const found = (count: number) => whowas.find("BOB", count).map(({ username, until }) => [username, until]);
  assertEquals(found(Infinity), [["two", 3000], ["one", 1000]]);
  assertEquals(found(1), [["two", 3000]]);
  assertEquals(whowas.find("nobody", Infinity), []);
});

pureTest("whowas: of too many the oldest are forgotten", () => {
  const whowas = new Whowas();
  for (let nth = 0; nth <= MAX_PAST_NAMES; nth++) whowas.addPastName(user(`n${nth}`), nth);
  assertEquals(whowas.find("n0", Infinity), []);
  assertEquals(whowas.find("n1", Infinity).length, 1);
  assertEquals(whowas.find(`n${MAX_PAST_NAMES}`, Infinity).length, 1);
});
