/** The engines of the fact store keep what its port promises: one in memory answers as SQLite does. */
import { assertEquals } from "@std/assert";
import type { SavedFact } from "../../lib/log/fact.ts";
import type { FactStore } from "../../lib/log/fact_store.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { FactSaver } from "../../lib/store/facts/fact_saver.ts";
import { SqliteFactStore } from "../../lib/store/facts/sqlite_fact_store.ts";
import { Random } from "../irc/property.ts";
import { MemoryFactStore } from "../support/memory_fact_store.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { pureTest } from "../support/test.ts";

function randomFact(random: Random): SavedFact {
  const value = random.chance(4) ? undefined : JSON.stringify(random.text('aä😀"\\', 0, 8));
  const [kind, key] = [random.pick(["topic", "ban", "account"]), random.text("aä", 0, 2)];
  return { kind, key, value, seq: random.below(1000) };
}

/** Facts of one save; of each kind and key one, as the hub gives them. */
function randomBatch(random: Random): SavedFact[] {
  const facts = Array.from({ length: random.below(6) }, () => randomFact(random));
  return [...new Map(facts.map((fact) => [`${fact.kind} ${fact.key}`, fact])).values()];
}

function contents(store: FactStore): unknown {
  const name = ({ kind, key }: SavedFact) => `${kind} ${key}`;
  const facts = store.readFacts().sort((a, b) => name(a) < name(b) ? -1 : 1);
  return { facts, logId: store.logId, saves: store.mark.saves };
}

Deno.test("fact store engines: what the one in memory holds is what SQLite holds", () =>
  withTempDir((folder) => {
    const seed = Math.floor(Math.random() * 0x1_0000_0000);
    const random = new Random(seed);
    const path = `${folder}/state.sqlite`;
    let sqlite = new SqliteFactStore(path);
    const memory = new MemoryFactStore();
    let logId = "log1";
    for (let save = 0; save < 60; save++) {
      const before = sqlite.mark;
      assertEquals(contents(memory), contents(sqlite), `seed ${seed}`);
      if (random.chance(10)) logId = random.pick(["log1", "log2", "log3"]);
      const facts = randomBatch(random);
      const marks = [memory.save(facts, logId), sqlite.save(facts, logId)];
      assertEquals(marks, [memory.mark, { id: before.id, saves: before.saves + 1 }]);
      if (!random.chance(10)) continue;
      sqlite.close();
      sqlite = new SqliteFactStore(path);
    }
    assertEquals(contents(memory), contents(sqlite), `seed ${seed}`);
    sqlite.close();
    return Promise.resolve();
  }));

pureTest("fact store engines: facts are saved to the one that is in place, in any of them", async () => {
  const stores = [new MemoryFactStore(), new MemoryFactStore()];
  let opened = -1;
  let isInPlace = true;
  const place = {
    name: "memory",
    isInPlace: () => isInPlace,
    open: () => {
      isInPlace = true;
      return Promise.resolve(stores[++opened]!);
    },
  };
  const saver = new FactSaver(Ring.create(RING_MIN_BYTES), place, "log1");
  const save = async (key: string, number: number) => {
    saver.add([{ kind: "ban", key, value: "1", seq: 0 }], number);
    return await saver.save(undefined);
  };
  assertEquals([await save("a", 1), await save("b", 2)], [
    { ...stores[0]!.mark, saves: 1 },
    { ...stores[0]!.mark, saves: 2 },
  ]);
  isInPlace = false;
  assertEquals(await save("c", 3), stores[1]!.mark);
  assertEquals(stores.map((store) => store.readFacts().map(({ key }) => key)), [["a", "b"], ["c"]]);
});
