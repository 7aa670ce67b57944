import { assertEquals } from "@std/assert";
import { WantedChannels } from "../../lib/client/conversation/model/wanted_channels.ts";

Deno.test({
  name: "wanted rooms: a key goes with its room: to its new name, and away when the room is left",
  permissions: "none",
  fn() {
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
  },
});

Deno.test({
  name:
    "wanted rooms: the current one keeps being so under a new name; left, there is none until another is chosen",
  permissions: "none",
  fn() {
    const wanted = new WantedChannels();
    wanted.add("#ops");
    wanted.choose("#ops");
    wanted.rename("#Ops", "#crew");
    assertEquals([wanted.current, wanted.left], ["#crew", undefined]);
    wanted.remove("#other");
    assertEquals(wanted.current, "#crew");
    wanted.remove("#Crew");
    assertEquals([wanted.current, wanted.left], [undefined, "#Crew"]);
    wanted.choose("#lobby");
    assertEquals([wanted.current, wanted.left], ["#lobby", undefined]);
  },
});
