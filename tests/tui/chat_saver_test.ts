import { assertEquals } from "@std/assert";
import type { Chat } from "../../lib/client/conversation/chat.ts";
import { ChatSaver } from "../../lib/tui/chat_saver.ts";
import type { KeptRooms } from "../../lib/tui/chat_saver.ts";
import { pureTest } from "../support/test.ts";

/** A saver with a timer of the test's. */
class Bench {
  readonly kept: KeptRooms[] = [];
  readonly timers = new Map<() => void, number>();
  readonly #state = { wantedChannels: new Set(["#tea"]), views: { current: "#tea" } };
  readonly #saver: ChatSaver;
  fault: Error | undefined;

  constructor() {
    this.#saver = new ChatSaver({
      keepRooms: (kept) => {
        if (this.fault !== undefined) throw this.fault;
        this.kept.push(kept);
      },
      later: (ms, run) => {
        this.timers.set(run, ms);
        return () => void this.timers.delete(run);
      },
    });
  }

  save(current: string, leaving = false): string | undefined {
    this.#state.views.current = current;
    return this.#saver.saveRooms(this.#state as unknown as Chat, leaving);
  }

  enter(room: string): void {
    this.#state.wantedChannels.add(room);
  }

  runTimers(): void {
    for (const run of this.timers.keys()) {
      this.timers.delete(run);
      run();
    }
  }
}

pureTest("chat saver: rooms are kept at once, the current view within a second, by one timer", () => {
  const bench = new Bench();
  bench.save("#tea");
  assertEquals(bench.kept.splice(0), [{ rooms: ["#tea"], current: "#tea" }]);
  for (const view of ["bob", "carol", "dave"]) bench.save(view);
  assertEquals([bench.kept, [...bench.timers.values()].map((ms) => ms <= 1000)], [[], [true]]);
  bench.runTimers();
  assertEquals(bench.kept.splice(0), [{ rooms: ["#tea"], current: "dave" }]);
  bench.save("dave");
  bench.save("bob");
  bench.save("dave");
  bench.runTimers();
  assertEquals(bench.kept, [], "nothing has changed");
  bench.save("bob");
  bench.enter("#dev");
  bench.save("bob");
  assertEquals([bench.kept.splice(0), bench.timers.size], [[{ rooms: ["#tea", "#dev"], current: "bob" }], 0]);
  bench.save("#dev");
  bench.save("#dev", true);
  assertEquals([bench.kept, bench.timers.size], [[{ rooms: ["#tea", "#dev"], current: "#dev" }], 0]);
});

pureTest("chat saver: a failure of the timer is told with the next change, once", () => {
  const bench = new Bench();
  bench.save("#tea");
  bench.fault = new Error("the disk is full");
  assertEquals(bench.save("bob"), undefined);
  bench.runTimers();
  assertEquals(
    bench.save("bob"),
    "the list of rooms cannot be saved, and ends with this program: the disk is full",
  );
  assertEquals(bench.save("bob"), undefined);
});
