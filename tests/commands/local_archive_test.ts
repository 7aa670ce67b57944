/** `logs --local` beyond the ring: a small ring with an archive gives what a ring gives that holds everything. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { LazyArchive } from "../../commands/logs/lazy_archive.ts";
import { LocalHistory } from "../../commands/logs/local_history.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import type { HistoryRange } from "../../lib/client/conversation/sync/history_read.ts";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import type { RecordedEvent } from "../../lib/hub/model/state/event.ts";
import { formatMsgid } from "../../lib/hub/output/render.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { ArchiveFollower } from "../../lib/server/archive/archive_follower.ts";
import { Random } from "../irc/property.ts";
import { tempDirTest } from "../support/test.ts";

const LOG = "log1";
const START = 1_700_000_000_000;
const NOW = START + 3_600_000_000;
const BOUNDS = { maxBytes: Infinity, maxAgeMs: Infinity };
const STEPS = 1500;
/** From here on nothing is archived. */
const LAST_STEPS = STEPS - 20;
const PADDING = "x".repeat(300);

/** Everything in one ring, and in a small one with an archive. */
class TwoLogs {
  readonly whole = Ring.create(256 * RING_MIN_BYTES);
  readonly small = Ring.create(RING_MIN_BYTES);
  readonly #dir: string;
  readonly #follower: ArchiveFollower;
  time = START;

  constructor(dir: string) {
    this.#dir = dir;
    const path = `${dir}/archive.sqlite`;
    this.#follower = new ArchiveFollower(this.small, { path, logId: LOG, bounds: BOUNDS });
  }

  append(event: RecordedEvent): number {
    const scratch = new Uint8Array(8192);
    const length = encodeEvent(event, scratch);
    const seq = this.small.append(this.time, scratch, length);
    assertEquals(this.whole.append(this.time, scratch, length), seq);
    return seq;
  }

  say(channel: string, text: string): number {
    const target = { kind: "channel", name: channel } as const;
    const source = "bob!b@h";
    return this.append({
      kind: "message",
      verb: "PRIVMSG",
      source,
      target,
      text,
      tags: "",
      from: "o",
      id: undefined,
    });
  }

  archive(): void {
    while (this.#follower.cursor < this.small.nextSeq) this.#follower.archiveBatch(this.small.nextSeq);
  }

  /** Messages in another room, until the small ring has gone round; `archived`: each is archived in time. */
  flood(archived: boolean): void {
    for (let bytes = 0; bytes < RING_MIN_BYTES; bytes += 2000) {
      this.say("#flood", "x".repeat(2000));
      if (archived) this.archive();
    }
  }

  /** History of the small ring, and why its archive cannot be read, as far as it is read. */
  fromDamaged(range: HistoryRange): { history: LocalHistory; failures: string[] } {
    const failures: string[] = [];
    const archive = new LazyArchive(this.#dir, LOG, (_, why) => failures.push(why));
    const history = new LocalHistory({
      range,
      position: undefined,
      onNewLog: () => {},
      now: () => NOW,
      signal: new AbortController().signal,
      source: { ring: this.small, logId: LOG, archive },
    });
    return { history, failures };
  }

  histories(range: HistoryRange, position?: ReadPosition): readonly LocalHistory[] {
    const common = {
      range,
      position,
      onNewLog: () => {},
      now: () => NOW,
      signal: new AbortController().signal,
    };
    const archive = new LazyArchive(this.#dir, LOG, (_, why) => assert(false, why));
    return [
      new LocalHistory({ ...common, source: { ring: this.whole, logId: LOG } }),
      new LocalHistory({ ...common, source: { ring: this.small, logId: LOG, archive } }),
    ];
  }

  close(): void {
    this.#follower.close();
  }
}

/** The position behind message `seq`. */
function behind(seq: number, time: number): ReadPosition {
  return { seq, id: formatMsgid(seq, LOG), time };
}

/** Messages and gaps, and where reading goes on. */
async function readAll(history: LocalHistory, limit?: number): Promise<unknown[]> {
  const shown: unknown[] = [];
  for await (const entry of history.read()) {
    if (entry.kind === "message") shown.push([entry.channel, entry.text, entry.time, entry.id]);
    else if (entry.kind === "gap" && limit === undefined) shown.push([entry.why, entry.after, entry.before]);
  }
  for await (const entry of limit === undefined ? [] : history.readEarlier()) {
    shown.unshift([entry.channel, entry.text, entry.time, entry.id]);
  }
  return [...shown.slice(limit === undefined ? 0 : -limit), history.isNamed, history.position];
}

tempDirTest(
  "local archive: what a ring shows that holds everything, by time, position, number",
  async (dir) => {
    const random = new Random(11);
    const logs = new TwoLogs(dir);
    const rooms = ["#A", "#b", "#c"];
    const said: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      logs.time += random.below(3) * 1000;
      const at = random.below(rooms.length);
      const channel = rooms[at]!;
      const source = "bob!b@h";
      const target = { kind: "channel", name: channel } as const;
      if (random.chance(60)) {
        rooms[at] = `#R${step}`;
        logs.append({ kind: "rename", source, channel, to: rooms[at], reason: "" });
      } else if (random.chance(20) && said.length > 0) {
        const msgid = formatMsgid(random.pick(said), LOG);
        logs.append({ kind: "redact", source, target, from: "o", msgid, reason: "" });
      } else if (random.chance(20)) logs.append({ kind: "join", source, channel, realname: "" });
      else said.push(logs.say(channel, `${step} ${PADDING}`));
      if (step < LAST_STEPS && random.chance(15)) logs.archive();
    }
    assert(logs.small.oldestSeq > 1000, "most of it is in the archive alone");
    const timeOf = () => START + random.below(logs.time - START);
    for (let query = 0; query < 80; query++) {
      const target = random.pick([...rooms, rooms[0]!.toLowerCase(), "#none"]);
      const seq = random.pick(said);
      const time = logs.whole.timeOf(seq)!;
      const until = random.chance(3) ? timeOf() : undefined;
      const limit = random.pick([undefined, undefined, 0, 1, 30, 2000]);
      const range = { target, since: random.chance(2) ? timeOf() : undefined, until, limit };
      const isBehind = limit === undefined && random.chance(2);
      const position = isBehind ? behind(seq, time) : undefined;
      const [whole, small] = logs.histories(range, position);
      const what = JSON.stringify({ range, position });
      assertEquals(await readAll(small!, limit), await readAll(whole!, limit), what);
    }
    logs.close();
  },
);

tempDirTest("local archive: only what the archive has lost, or does not have yet, is a gap", async (dir) => {
  const logs = new TwoLogs(dir);
  const at = (second: number) => logs.time = START + second * 1000;
  const read = async (position: ReadPosition) => {
    const [, small] = logs.histories({ target: "#tea" }, position);
    return (await readAll(small!)).slice(0, -2).map((entry) => (entry as unknown[]).join(" "));
  };
  const gap = (after: number, before?: number) =>
    ["overwritten", START + after * 1000, before === undefined ? "" : START + before * 1000].join(" ");
  const shown = (text: string, second: number, seq: number) =>
    ["#tea", text, START + second * 1000, formatMsgid(seq, LOG)].join(" ");
  at(1);
  const one = logs.say("#tea", "one");
  const start = behind(one, START + 1000);
  logs.flood(true);
  assertEquals(await read(start), []);
  at(2);
  const two = logs.say("#tea", "two");
  logs.flood(true);
  assertEquals(await read(start), [shown("two", 2, two)]);
  at(3);
  logs.flood(false);
  assertEquals(await read(start), [shown("two", 2, two), gap(2)], "not archived in time");
  logs.archive();
  at(4);
  const four = logs.say("#tea", "four");
  logs.flood(true);
  assertEquals(
    await read(start),
    [shown("two", 2, two), gap(2, 4), shown("four", 4, four)],
    "lost by the archive",
  );
  assertEquals(await read(behind(four, START + 4000)), []);
  at(5);
  logs.say("#late", "late");
  logs.flood(true);
  const since = async (ms: number) => {
    const [, small] = logs.histories({ target: "#late", since: START + ms });
    return (await readAll(small!)).slice(0, -2).map((entry) => (entry as unknown[])[0]);
  };
  assertEquals(await since(2500), ["overwritten", "#late"], "the loss is behind that time");
  assertEquals(await since(4500), ["#late"], "a record that follows the loss is older");
  logs.close();
  await Deno.remove(`${dir}/archive.sqlite`);
  assertEquals(await read(start), [gap(1)], "without the archive");
});

tempDirTest(
  "local archive: one of another log, or that is being created, is none; a damaged one is told",
  async (dir) => {
    const failures: string[] = [];
    const open = async (logId = LOG) => {
      const archive = new LazyArchive(dir, logId, (_, why) => failures.push(why));
      const isFound = await archive.use(() => true) ?? false;
      await archive.close();
      return isFound;
    };
    assertEquals(await open(), false);
    const path = `${dir}/archive.sqlite`;
    await Deno.writeFile(path, new Uint8Array());
    assertEquals(await open(), false);
    new TwoLogs(dir).close();
    assertEquals([await open(), await open("log2")], [true, false]);
    assertEquals(failures, []);
    await Deno.writeFile(path, new Uint8Array(8192).fill(7));
    assertEquals(await open(), false);
    assertEquals(failures.length, 1);
  },
);

tempDirTest(
  "local archive: damage in any place is told once, and the ring's messages are shown",
  async (dir) => {
    const logs = new TwoLogs(dir);
    for (let round = 0; round < 6; round++) {
      for (let nth = 0; nth < 200; nth++) {
        logs.say("#tea", `${round} ${nth} ${PADDING}`);
        if (nth % 20 === 0) logs.archive();
      }
      logs.flood(true);
    }
    logs.say("#tea", "last");
    logs.close();
    const whole = await Deno.readFile(`${dir}/archive.sqlite`);
    const [pageBytes, count] = [4096, 40];
    const ways = { all: 0, some: 0, none: 0 };
    for (let page = 1; page < whole.length / pageBytes; page += 8) {
      await Deno.writeFile(
        `${dir}/archive.sqlite`,
        whole.slice().fill(0xa5, page * pageBytes, (page + count) * pageBytes),
      );
      for (const limit of [undefined, 2000]) {
        const range = { target: "#tea", ...limit === undefined ? { since: START } : { limit } };
        const { history, failures } = logs.fromDamaged(range);
        const shown = await readAll(history, limit);
        const texts = shown.filter((one) => Array.isArray(one) && one[0] === "#tea").map((one) =>
          (one as string[])[1]
        );
        assertEquals(texts.at(-1), "last", `page ${page}`);
        assert(failures.length <= 1, failures.join());
        assertEquals(
          failures.length === 0,
          texts.length === 1201,
          `page ${page}: ${texts.length}, ${failures}`,
        );
        ways[texts.length === 1201 ? "all" : texts.length === 1 ? "none" : "some"]++;
      }
    }
    assert(ways.some > 0 && ways.none > 0, `met at once and in the middle: ${JSON.stringify(ways)}`);
  },
);
