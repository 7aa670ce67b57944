import { assert, assertEquals } from "@std/assert";
import type { HistorySource } from "../../lib/client/history/history_page.ts";
import type { ReadPosition } from "../../lib/client/history/history_gap.ts";
import { resumeHistoryRead } from "../../lib/client/history/resumed_read.ts";
import type { HistoryRange, HistoryReadOutcome } from "../../lib/client/history/history_reader.ts";
import { startPositionOf } from "../../lib/client/history/history_reader.ts";
import { LiveMerge } from "../../lib/client/history/live_merge.ts";
import type { Message } from "../../lib/irc/message.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { formatHistoryGap } from "../../lib/irc/vendor_extensions.ts";
import { Random } from "../irc/property.ts";
import type { GapEntry, HistoryItem, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";

const JUMP = 2 ** 32;
const RANGE: HistoryRange = { target: "#a", isWanted: () => true };

/** A log of one channel in miniature: it overwrites, is cut off, and shows each message to who listens. */
class MiniServer {
  /** Numbers of all messages that were ever said and shown to anybody, lost or not. */
  readonly said: number[] = [];
  /** Those that it still has. */
  #kept: number[] = [];
  #next = 1;
  /** The oldest number that has not been overwritten. */
  #oldest = 1;
  listener: ((line: Message) => void) | undefined;
  logId = "x";

  constructor(readonly random: Random, readonly capacity: number) {}

  say(): void {
    this.#next += this.random.below(3); // other channels have a part of the numbers
    const seq = this.#next++;
    this.said.push(seq);
    this.#kept.push(seq);
    this.#overwrite(this.#kept.length - this.capacity);
    this.listener?.(this.lineOf(seq));
  }

  /** Other channels take the place of some messages of this one. */
  others(): void {
    this.#overwrite(this.random.below(this.#kept.length + 1));
  }

  #overwrite(count: number): void {
    for (const seq of this.#kept.splice(0, Math.max(0, count))) this.#oldest = seq + 1;
  }

  /** Nothing that was not saved, a few of the newest, survives. */
  cutOff(): void {
    const unsaved = this.random.below(3);
    this.#kept.splice(Math.max(0, this.#kept.length - unsaved));
    this.#next = (Math.floor(this.#next / JUMP) + 1) * JUMP + this.#next % JUMP;
    this.listener = undefined;
  }

  /** Begins a new log, whose times go on. */
  wipe(): void {
    this.#kept = [];
    this.logId += "y";
    this.listener = undefined;
  }

  lineOf(seq: number): Message {
    const time = new Date(this.said.indexOf(seq) + 1).toISOString();
    return parseMessage(
      `@time=${time};msgid=${seq}-${this.logId};chatterbox.chat/seq=${seq} :b!b@h PRIVMSG #a :${seq}`,
    )!;
  }

  answer([, , anchor = "", limit = ""]: readonly string[]): Message[] {
    const time = anchor.startsWith("timestamp=") ? Date.parse(anchor.slice("timestamp=".length)) : undefined;
    const [, id = "", log] = /^msgid=(\d+)-(.*)$/.exec(anchor) ?? [];
    if (time === undefined && log !== this.logId) {
      return [
        parseMessage(":s FAIL CHATHISTORY MESSAGE_ERROR AFTER #a :The msgid is not from this server's log")!,
      ];
    }
    const after = time === undefined ? Number(id) : this.said[time - 1] ?? 0;
    const page = this.#kept.filter((seq) => seq > after).slice(0, Number(limit));
    const gap = time === undefined ? this.#gapAfter(after, page[0] ?? this.#next) : [];
    return [...gap, ...page.map((seq) => this.lineOf(seq))];
  }

  #gapAfter(after: number, next: number): Message[] {
    const gone = this.said.filter((seq) => seq > after && seq < this.#oldest).length;
    const jumped = Math.floor(after / JUMP) !== Math.floor(next / JUMP);
    if (gone === 0 && !jumped) return [];
    const gap = jumped
      ? { target: "#a", count: undefined, why: "restart" as const }
      : { target: "#a", count: gone, why: "overwritten" as const };
    return [parseMessage(`:s ${formatHistoryGap(gap)}`)!];
  }
}

/** One who follows, over any number of connections; between two lines of the server anything may happen. */
class Follower {
  newLogs = 0;
  readonly seam: LiveMerge;

  /** `shown` and `position` are those of the runs before. */
  constructor(
    readonly server: MiniServer,
    readonly random: Random,
    readonly shown: HistoryItem[] = [],
    position?: ReadPosition,
  ) {
    this.seam = new LiveMerge(position);
  }

  /** A connection that lives until `loseIn` requests are answered. */
  async connect(loseIn: number, between: () => void): Promise<HistoryReadOutcome> {
    const { server, seam } = this;
    server.listener = (line) => this.shown.push(...seam.mergeLive(parseMessageEntry(line, 0)!));
    let left = loseIn;
    const link: HistorySource = {
      session: { caps: new Set(["draft/chathistory"]), isupport: new Map([["CHATHISTORY", "3"]]) },
      request: ({ params = [] }) => {
        between();
        if (left-- === 0 || server.listener === undefined) {
          return Promise.resolve({ kind: "lost", text: "" });
        }
        const lines = server.answer(params);
        between(); // said behind the answer, and read with it
        return Promise.resolve({ kind: "answered", lines });
      },
    };
    const outcome = await resumeHistoryRead({
      link,
      range: RANGE,
      merge: seam,
      now: 0,
      signal: new AbortController().signal,
      show: (items) => (this.shown.push(...items), Promise.resolve()),
      onNewLog: () => this.newLogs++,
    });
    if (outcome.kind === "done" && server.listener !== undefined) {
      this.shown.push(...seam.finishHistory(startPositionOf(RANGE)));
      for (let i = this.random.below(4); i > 0 && server.listener !== undefined; i--) between();
    }
    server.listener = undefined;
    seam.dropHeld();
    return outcome;
  }
}

/** Nothing twice, nothing out of order, and what is missing is told in its place, with its number where it is known. */
function judge(shown: readonly HistoryItem[], said: readonly number[]): void {
  const seqs = shown.flatMap((item) => item.kind === "gap" ? [] : [item.seq!]);
  assertEquals(seqs, [...new Set(seqs)].sort((a, b) => a - b), "in order, each once");
  let from = 0;
  let losses: GapEntry[] = [];
  const close = (to: number) => {
    const missing = said.filter((seq) => seq > from && seq < to).length;
    const exact = losses.every(({ count }) => count !== undefined);
    const told = losses.reduce((sum, { count = 0 }) => sum + count, 0);
    const where = `between ${from} and ${to}: ${JSON.stringify(losses)}`;
    if (exact) assertEquals(told, missing, where);
    else assert(told <= missing, where);
    losses = [];
  };
  for (const item of shown) {
    if (item.kind === "gap") losses.push(item);
    else {
      close(item.seq!);
      from = item.seq!;
    }
  }
  close(Infinity);
}

async function forAll(runs: number, claim: (random: Random) => Promise<void>, only?: number): Promise<void> {
  for (let run = 0; run < (only === undefined ? runs : 1); run++) {
    const seed = only ?? Math.floor(Math.random() * 0x1_0000_0000);
    try {
      await claim(new Random(seed));
    } catch (cause) {
      throw new Error(`fails with seed ${seed}: ${(cause as Error).message}`, { cause });
    }
  }
}

Deno.test({
  name: "history, live lines and losses in any order: nothing is missed untold, and nothing comes twice",
  permissions: "none",
  fn: () =>
    forAll(1500, async (random) => {
      const server = new MiniServer(random, 2 + random.below(8));
      server.say(); // the first message is seen by all: what is lost before one has seen anything is no loss
      let follower = new Follower(server, random);
      await follower.connect(Infinity, () => {});
      const between = () => {
        for (let i = random.chance(2) ? 0 : random.below(6); i > 0; i--) server.say();
        if (random.chance(6)) server.others();
        if (random.chance(12)) server.cutOff();
      };
      for (let i = 1 + random.below(5); i > 0; i--) {
        await follower.connect(random.below(6), between);
        // The program ends here, and another run goes on by its cursor.
        if (random.chance(3)) follower = new Follower(server, random, follower.shown, follower.seam.position);
      }
      await follower.connect(Infinity, () => {});
      judge(follower.shown, server.said);
    }),
});

Deno.test({
  name: "a server with another log: by time, and it is said",
  permissions: "none",
  async fn() {
    const server = new MiniServer(new Random(1), 100);
    server.say();
    const follower = new Follower(server, server.random);
    await follower.connect(Infinity, () => {});
    server.wipe();
    server.say();
    server.say();
    await follower.connect(Infinity, () => {});
    assertEquals([follower.newLogs, follower.shown.map((item) => (item as MessageEntry).seq)], [
      1,
      server.said,
    ]);
  },
});

Deno.test({
  name: "what was lost before the first page came is asked for again from the beginning",
  permissions: "none",
  async fn() {
    const server = new MiniServer(new Random(1), 100);
    server.say();
    const follower = new Follower(server, server.random);
    assertEquals((await follower.connect(0, () => server.say())).kind, "lost");
    assertEquals(follower.shown, []);
    await follower.connect(Infinity, () => {});
    assertEquals(follower.shown.length, server.said.length);
  },
});
