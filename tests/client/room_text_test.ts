import { assertEquals } from "@std/assert";
import { describeMembers } from "../../lib/client/conversation/model/room_text.ts";
import { pureTest } from "../support/test.ts";

function room(count: number) {
  const members = new Map(Array.from({ length: count }, (_, i) => [`u${i}`, `U${i}`]));
  return { name: "#lobby", members, topic: "" };
}

pureTest("room: up to 20 people are named; of more, the ten that spoke last and are there", () => {
  assertEquals(describeMembers(room(2), []), "2 people in #lobby: U0, U1");
  assertEquals(describeMembers(room(20), []).split(",").length, 20);
  assertEquals(describeMembers(room(500), []), "500 people in #lobby (all: /who #lobby)");
  const senders = [...Array.from({ length: 12 }, (_, i) => `U${i}`), "gone", "u3", "U11"];
  assertEquals(
    describeMembers(room(500), senders),
    "500 people in #lobby; spoke last: U11, U3, U10, U9, U8, U7, U6, U5, U4, U2 (all: /who #lobby)",
  );
});
