import { assertEquals } from "@std/assert";
import { WantedChannels } from "../../lib/client/conversation/model/wanted_channels.ts";
import { pureTest } from "../support/test.ts";

pureTest("wanted rooms: a key goes with its room: to its new name, and away when the room is left", () => {
  const wanted = new WantedChannels();
  wanted.add("#ops");
  wanted.setKey("#OPS", "sesame");
  wanted.setKey("#ops", "");
  assertEquals(wanted.getKey("#ops"), "sesame", "entering without one is no other key");
  assertEquals(wanted.rename("#Ops", "#crew"), true);
  assertEquals([[...wanted], wanted.getKey("#ops"), wanted.getKey("#crew")], [["#crew"], "", "sesame"]);
  wanted.remove("#crew");
  wanted.add("#crew");
  assertEquals([wanted.getKey("#crew"), wanted.rename("#ops", "#x")], ["", false]);
});
