import { assertEquals } from "@std/assert";
import { WantedRooms } from "../../lib/tui/wanted_rooms.ts";

Deno.test({
  name: "wanted rooms: a key goes with its room: to its new name, and away when the room is left",
  permissions: "none",
  fn() {
    const wanted = new WantedRooms();
    wanted.add("#ops");
    wanted.keep("#OPS", "sesame");
    wanted.keep("#ops", "");
    assertEquals(wanted.keyOf("#ops"), "sesame", "entering without one is no other key");
    assertEquals(wanted.rename("#Ops", "#crew"), true);
    assertEquals([[...wanted], wanted.keyOf("#ops"), wanted.keyOf("#crew")], [["#crew"], "", "sesame"]);
    wanted.remove("#crew");
    wanted.add("#crew");
    assertEquals([wanted.keyOf("#crew"), wanted.rename("#ops", "#x")], ["", false]);
  },
});
