/** The bounds of what accounts own, and of what addresses make, in numbers. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { AddressSet } from "../../lib/base/ip.ts";
import { oldestShares } from "../../lib/hub/idle_rooms.ts";
import { MAX_OWNED_ROOMS, MAX_OWNED_ROOMS_OF_ACCOUNT, OwnedRooms } from "../../lib/hub/owned_rooms.ts";
import { RoomShares } from "../../lib/hub/room_shares.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `shares of rooms: ${name}`, permissions: "none", fn });
}

/** Takes as many as there may be, and no more than `max`; answers how many. */
function upTo(max: number, may: (taken: number) => boolean, take: (taken: number) => void): number {
  let taken = 0;
  for (; taken < max && may(taken); taken++) take(taken);
  return taken;
}

test("accounts that take all they may leave one room for others until all is taken", () => {
  const rooms = new OwnedRooms();
  let accounts = 0;
  for (let total = 0; total < MAX_OWNED_ROOMS * 0.9; accounts++) {
    const owner = `o${accounts}`;
    const taken = upTo(1000, () => rooms.mayAdd(owner), () => rooms.add(owner));
    assert(taken > 0, "an account that has none may have one");
    total += taken;
  }
  assert(accounts > 2 * MAX_OWNED_ROOMS * 0.9 / MAX_OWNED_ROOMS_OF_ACCOUNT, `${accounts} accounts`);
  assert(rooms.mayAdd("another"), "there is something left");
  upTo(MAX_OWNED_ROOMS, (at) => rooms.mayAdd(`x${at}`), (at) => rooms.add(`x${at}`));
  assertEquals([rooms.allowance, rooms.mayAdd("another")], [0, false]);
  rooms.remove("o0");
  assertEquals(rooms.mayAdd("another"), true);
});

test("addresses that make all the rooms they may leave some for the next one", () => {
  const shares = new RoomShares(10_000, new AddressSet(["127.0.0.0/8"]));
  let all = 1;
  const counts = Array.from({ length: 30 }, (_, at) => {
    const host = `192.0.2.${at}`;
    const made = upTo(10_000, (made) => shares.mayMake(host, all + made), () => shares.made(host));
    all += made;
    return made;
  });
  assertEquals(counts[0], 2000);
  assert(counts.every((count) => count > 0), counts.join());
  assert(shares.mayMake("2001:db8::1", all), "there is something left");
  assert(!shares.mayMake("192.0.2.0", all), "that address has its share");
  assertEquals([shares.made("127.0.0.1"), shares.made("2001:db8::1")], ["", "2001:db8:0:0::/64"]);
  for (let left = 1900; left > 0; left--) shares.gone("192.0.2.0");
  assert(shares.mayMake("192.0.2.0", all - 1900), "what is gone counts no more");
});

test("of too many the newest of every sharer are kept, alike", () => {
  const rooms = ["aaaaaaaa", "bb", "ccc"].flatMap((all, nth) =>
    Array.from(all, (sharer, at) => ({ folded: `${sharer}${at}`, sharer, at: 10 * at + nth }))
  );
  const kept = (max: number) => {
    const gone = oldestShares(rooms, max);
    return rooms.filter((room) => !gone.includes(room)).map(({ folded }) => folded).sort();
  };
  assertEquals(kept(13).length, 13);
  assertEquals(kept(7), ["a5", "a6", "a7", "b0", "b1", "c1", "c2"]);
  assertEquals(kept(3), ["a7", "b1", "c2"]);
  assertEquals(kept(8), ["a5", "a6", "a7", "b0", "b1", "c0", "c1", "c2"]);
});
