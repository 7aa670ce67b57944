/** The bounds of what accounts own, and of what addresses make, in numbers. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { AddressSet } from "../../lib/base/ip.ts";
import { beyondFairTotal } from "../../lib/hub/services/idle_channels.ts";
import {
  MAX_OPERATED_CHANNELS_PER_ACCOUNT,
  MAX_REMEMBERED_OPERATORS,
  OperatorQuota,
} from "../../lib/hub/services/limits/operator_quota.ts";
import { ChannelQuota } from "../../lib/hub/services/limits/channel_quota.ts";
import { pureTest } from "../support/test.ts";

/** Takes as many as there may be, and no more than `max`; answers how many. */
function upTo(max: number, may: (taken: number) => boolean, take: (taken: number) => void): number {
  let taken = 0;
  for (; taken < max && may(taken); taken++) take(taken);
  return taken;
}

pureTest(
  "shares of rooms: accounts that take all they may leave one room for others until all is taken",
  () => {
    const channels = new OperatorQuota();
    let accounts = 0;
    for (let total = 0; total < MAX_REMEMBERED_OPERATORS * 0.9; accounts++) {
      const owner = `o${accounts}`;
      const taken = upTo(1000, () => channels.canAdd(owner), () => channels.add(owner));
      assert(taken > 0, "an account that has none may have one");
      total += taken;
    }
    assert(
      accounts > 2 * MAX_REMEMBERED_OPERATORS * 0.9 / MAX_OPERATED_CHANNELS_PER_ACCOUNT,
      `${accounts} accounts`,
    );
    assert(channels.canAdd("another"), "there is something left");
    upTo(MAX_REMEMBERED_OPERATORS, (at) => channels.canAdd(`x${at}`), (at) => channels.add(`x${at}`));
    assertEquals([channels.allowance, channels.canAdd("another")], [0, false]);
    channels.remove("o0");
    assertEquals(channels.canAdd("another"), true);
  },
);

pureTest("shares of rooms: addresses that make all the rooms they may leave some for the next one", () => {
  const shares = new ChannelQuota(10_000, new AddressSet(["127.0.0.0/8"]));
  let all = 1;
  const counts = Array.from({ length: 30 }, (_, at) => {
    const host = `192.0.2.${at}`;
    const made = upTo(10_000, (made) => shares.canCreate(host, all + made), () => shares.addChannel(host));
    all += made;
    return made;
  });
  assertEquals(counts[0], 2000);
  assert(counts.every((count) => count > 0), counts.join());
  assert(shares.canCreate("2001:db8::1", all), "there is something left");
  assert(!shares.canCreate("192.0.2.0", all), "that address has its share");
  assertEquals([shares.addChannel("127.0.0.1"), shares.addChannel("2001:db8::1")], ["", "2001:db8:0:0::/64"]);
  for (let left = 1900; left > 0; left--) shares.removeChannel("192.0.2.0");
  assert(shares.canCreate("192.0.2.0", all - 1900), "what is gone counts no more");
});

pureTest("shares of rooms: of too many the newest of every sharer are kept, alike", () => {
  const channels = ["aaaaaaaa", "bb", "ccc"].flatMap((all, nth) =>
    Array.from(all, (quotaKey, at) => ({ folded: `${quotaKey}${at}`, quotaKey, at: 10 * at + nth }))
  );
  const kept = (max: number) => {
    const gone = beyondFairTotal(channels, max);
    return channels.filter((channel) => !gone.includes(channel)).map(({ folded }) => folded).sort();
  };
  assertEquals(kept(13).length, 13);
  assertEquals(kept(7), ["a5", "a6", "a7", "b0", "b1", "c1", "c2"]);
  assertEquals(kept(3), ["a7", "b1", "c2"]);
  assertEquals(kept(8), ["a5", "a6", "a7", "b0", "b1", "c0", "c1", "c2"]);
});
