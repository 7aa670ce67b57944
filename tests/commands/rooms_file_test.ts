import { assertEquals } from "@std/assert";
import { MAX_KEPT_ROOMS, RoomsFile } from "../../commands/join/rooms_file.ts";
import type { Address } from "../../lib/net/address.ts";
import { withTempDir } from "../support/temp_dir.ts";

const HOME: Address = { kind: "tcp", host: "127.0.0.1", port: 6667 };

Deno.test({
  name: "rooms file: rooms and the current view are kept per server and name, for the person alone",
  permissions: { read: true, write: true },
  fn: () =>
    withTempDir((dir) => {
      const file = new RoomsFile(`${dir}/rooms`, HOME, "alice");
      assertEquals(file.read(), { kind: "ok", kept: { rooms: [], current: undefined } });
      file.write({ rooms: ["#lobby"], current: undefined });
      assertEquals(file.read(), { kind: "ok", kept: { rooms: ["#lobby"], current: undefined } });
      file.write({ rooms: ["#lobby", "#чай"], current: "bob" });
      assertEquals(new RoomsFile(`${dir}/rooms`, HOME, "ALICE").read(), {
        kind: "ok",
        kept: { rooms: ["#lobby", "#чай"], current: "bob" },
      });
      assertEquals(new RoomsFile(`${dir}/rooms`, HOME, "bob").read().kind, "ok");
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
      file.write({ rooms, current: "#room7" });
      const read = file.read();
      assertEquals(read.kind === "ok" && [read.kept.rooms.length, read.kept.rooms[0]], [
        MAX_KEPT_ROOMS,
        "#room5",
      ]);
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
      }
    }),
});
