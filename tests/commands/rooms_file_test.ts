import { assertEquals, assertThrows } from "@std/assert";
import { chooseRooms, MAX_KEPT_ROOMS, RoomsFile } from "../../commands/join/rooms_file.ts";
import type { Address } from "../../lib/net/address.ts";
import type { KeptRooms } from "../../lib/tui/chat_saver.ts";
import type { ClientLogin } from "../../commands/support/client_login.ts";
import type { ClientFlags } from "../../commands/support/client_options.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { withTempDir } from "../support/temp_dir.ts";

const NONE: KeptRooms = { rooms: [], current: undefined };
const HOME: Address = { kind: "tcp", host: "127.0.0.1", port: 6667 };

Deno.test({
  name: "rooms file: rooms and the current view are kept per server and name, for the person alone",
  permissions: { read: true, write: true },
  fn: () =>
    withTempDir((dir) => {
      const file = new RoomsFile(`${dir}/rooms`, HOME, "alice");
      assertEquals(file.read(), { kind: "missing" });
      file.change(NONE, { rooms: ["#lobby"], current: undefined });
      assertEquals(file.read(), { kind: "ok", kept: { rooms: ["#lobby"], current: undefined } });
      file.change({ rooms: ["#lobby"], current: undefined }, { rooms: ["#lobby", "#чай"], current: "bob" });
      assertEquals(new RoomsFile(`${dir}/rooms`, HOME, "ALICE").read(), {
        kind: "ok",
        kept: { rooms: ["#lobby", "#чай"], current: "bob" },
      });
      assertEquals(new RoomsFile(`${dir}/rooms`, HOME, "bob").read().kind, "missing");
      if (Deno.build.os !== "windows") assertEquals(Deno.statSync(file.path).mode! & 0o777, 0o600);
    }),
});

Deno.test({
  name: "rooms file: what is no list of rooms is not used, and a list has a bound",
  permissions: { read: true, write: true },
  fn: () =>
    withTempDir((dir) => {
      const file = new RoomsFile(`${dir}/rooms`, HOME, "alice");
      const rooms = Array.from({ length: MAX_KEPT_ROOMS + 5 }, (_, nth) => `#room${nth}`);
      file.change(NONE, { rooms, current: "#room7" });
      const read = file.read();
      assertEquals(read.kind === "ok" && [read.kept.rooms.length, read.kept.rooms[0]], [
        MAX_KEPT_ROOMS,
        "#room5",
      ]);
      file.change(NONE, { rooms: ["#lobby", "#a,b"], current: "a,b" });
      assertEquals(file.read().kind, "ok", "what is written can be read");
      const wrong = [
        "",
        "[]",
        "null",
        '{"rooms":"#lobby"}',
        '{"rooms":["lobby"]}',
        '{"rooms":["#two words"]}',
        '{"rooms":["#a,#b"]}',
        '{"rooms":["#a"],"current":"two words"}',
        '{"rooms":["#a"],"current":7}',
        JSON.stringify({ rooms }),
        "x".repeat(100_000),
      ];
      for (const text of wrong) {
        Deno.writeTextFileSync(file.path, text);
        assertEquals(file.read(), { kind: "bad", why: "not a list of rooms" }, text.slice(0, 40));
        assertThrows(() => file.change(NONE, NONE), Error, "not a list of rooms");
        assertEquals(Deno.readTextFileSync(file.path), text);
      }
    }),
});

Deno.test({
  name:
    "rooms file: of two processes each changes what it has entered and left; the view is that of the last to change it",
  permissions: { read: true, write: true },
  fn: () =>
    withTempDir(async (dir) => {
      const io = new FakeIo({ env: { XDG_STATE_HOME: dir, XDG_CONFIG_HOME: dir } });
      const open = () =>
        chooseRooms({ address: HOME, name: "alice" } as ClientLogin, [], {} as ClientFlags, io);
      const kept = async () => {
        const { rooms, current } = await open();
        return [rooms.join(" "), current];
      };
      (await open()).keep?.({ rooms: ["#a", "#b", "#c"], current: "#a" });
      const [one, other] = [await open(), await open()];
      one.keep?.({ rooms: ["#a", "#b", "#c", "#one"], current: "#a" });
      other.keep?.({ rooms: ["#a", "#b", "#c", "#other"], current: "#b" });
      assertEquals(await kept(), ["#a #b #c #other #one", "#b"]);
      one.keep?.({ rooms: ["#a", "#c", "#one"], current: "#a" }); // /part #b
      assertEquals(await kept(), ["#a #c #one #other", "#a"], "a view that is no more has no effect");
      other.keep?.({ rooms: ["#A", "#b", "#c", "#other"], current: "bob" });
      assertEquals(await kept(), ["#A #c #other #one", "bob"]);
      other.keep?.({ rooms: ["#A", "#c", "#other"], current: "bob" });
      other.keep?.({ rooms: ["#A", "#c", "#other", "#b"], current: "bob" }); // it enters the room again
      one.keep?.({ rooms: [], current: undefined });
      assertEquals(await kept(), ["#other #b", "#other"]);
      Deno.removeSync(new RoomsFile(`${dir}/chatterbox/rooms`, HOME, "alice").path);
      other.keep?.({ rooms: ["#A", "#other"], current: "#A" });
      assertEquals(
        await kept(),
        ["#A #other", "#A"],
        "a file that is removed says nothing of rooms that were left",
      );
    }),
});
