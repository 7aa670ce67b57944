import { assertEquals } from "@std/assert";
import { MAX_WAITING_ORDERS, WaitingOrders } from "../../../lib/server/archive/waiting_orders.ts";
import { pureTest } from "../../support/test.ts";

const redact = (seq: number) => ({ kind: "redact", redacted: 1, seq }) as const;
const retire = (seq: number, name = "#tea") => ({ kind: "retire", name, seq }) as const;
const keep = (seq: number, ms: number | undefined, name = "#tea") =>
  ({ kind: "keep", name, ms, seq }) as const;
const trust = (completeFrom: number, knownFrom: number) =>
  ({ kind: "trust", trust: { completeFrom, knownFrom }, seq: 0 }) as const;

function taken(orders: WaitingOrders, cursor: number) {
  const all = [];
  for (let order = orders.next(cursor); order !== undefined; order = orders.next(cursor)) {
    all.push(order);
    orders.remove(order);
  }
  return all;
}

pureTest(
  "waiting orders: the oldest first, as far as the cursor goes; it stops at those with a place",
  () => {
    const orders = new WaitingOrders([retire(7), redact(5), keep(4, 1000), redact(3), retire(5, "#a")]);
    assertEquals(orders.limit, 5);
    assertEquals(taken(orders, 6), [redact(3), keep(4, 1000), redact(5), retire(5, "#a")]);
    assertEquals(orders.limit, 7);
    assertEquals(taken(orders, 9), [retire(7)]);
    assertEquals([orders.next(9), orders.limit], [undefined, Infinity]);
  },
);

pureTest("waiting orders: owners are forgotten together, and the archiver does not stop for them", () => {
  const forget = (seq: number) => ({ kind: "forget", owner: `~${seq}`, seq }) as const;
  const orders = new WaitingOrders([forget(5), forget(3), forget(9)]);
  assertEquals([orders.limit, orders.next(9)], [Infinity, undefined]);
  assertEquals(orders.nextForgets(2), []);
  assertEquals(orders.nextForgets(6), [forget(3), forget(5)]);
  for (const order of orders.nextForgets(6)) orders.remove(order);
  assertEquals(orders.nextForgets(9), [forget(9)]);
});

pureTest("waiting orders: of a room the newest time counts, of what was said of trust the last", () => {
  const orders = new WaitingOrders([trust(3, 9), keep(4, 1000), keep(5, 2000), trust(4, 0)]);
  orders.remove(keep(4, 1000)); // the archiver took it before it had the newer one
  assertEquals(orders.all, [trust(4, 0), keep(5, 2000)]);
});

pureTest("waiting orders: beyond the bound the oldest repetitions go, which no archive may lack then", () => {
  const orders = new WaitingOrders([trust(2, 0)], 2);
  for (const seq of [3, 4, 5, 6]) orders.add(redact(seq));
  assertEquals([orders.repeats, orders.droppedUntil], [[redact(5), redact(6)], 4]);
  assertEquals(orders.trust, { completeFrom: 4, knownFrom: 0 });
  orders.add(trust(9, 1));
  assertEquals(orders.trust, { completeFrom: 9, knownFrom: 1 });
});

pureTest("waiting orders: beyond the bound no other order is taken", () => {
  const orders = new WaitingOrders();
  for (let seq = 1; seq <= MAX_WAITING_ORDERS + 1; seq++) orders.add(retire(seq));
  assertEquals(orders.all.length, 1 + MAX_WAITING_ORDERS);
  assertEquals(orders.limit, 1);
  const few = new WaitingOrders([keep(1, 1000, "#a"), keep(2, 1000, "#b"), keep(3, 1000, "#c")], 2);
  few.add(keep(4, 2000, "#a"));
  assertEquals(few.all.slice(1), [keep(2, 1000, "#b"), keep(4, 2000, "#a")]);
});
