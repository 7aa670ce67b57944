/**
 * Readers of one conversation in miniature: `logs` and the chat, against a server that overwrites, crashes
 * and is cut off.
 */
import { assert, assertEquals } from "@std/assert";
import { Chat } from "../../lib/client/conversation/chat.ts";
import type { GapEntry, HistoryItem } from "../../lib/client/conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import { startPositionOf } from "../../lib/client/conversation/sync/history_read.ts";
import type { HistoryRange } from "../../lib/client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../lib/client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../lib/client/conversation/sync/seen_messages.ts";
import { readFromServer } from "../../lib/client/history/history_reader.ts";
import type { HistoryReadOutcome, HistorySource } from "../../lib/client/history/history_reader.ts";
import type { Message, MessageParts } from "../../lib/irc/message.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { formatHistoryGap } from "../../lib/irc/vendor_extensions.ts";
import { Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

const JUMP = 2 ** 32;
const RANGE: HistoryRange = { target: "#a" };
/** Messages of a page. */
const PAGE = 3;

/** A log of one conversation in miniature: it overwrites, crashes, and sends each message to its listener. */
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

  /** `to`: the target of all messages: a channel, or the reader. */
  constructor(readonly random: Random, readonly capacity: number, readonly to = "#a") {}

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

  /** Ends without having saved a few of the newest messages. */
  crash(): void {
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
      `@time=${time};msgid=${seq}-${this.logId};chatterbox.chat/seq=${seq} :bob!b@h PRIVMSG ${this.to} :${seq}`,
    )!;
  }

  answer([which, , anchor = "", limit = ""]: readonly string[]): Message[] {
    if (which === "LATEST") return this.#kept.slice(-Number(limit)).map((seq) => this.lineOf(seq));
    const time = anchor.startsWith("timestamp=") ? Date.parse(anchor.slice("timestamp=".length)) : undefined;
    const [, id = "", log] = /^msgid=(\d+)-(.*)$/.exec(anchor) ?? [];
    if (time === undefined && log !== this.logId) {
      return [
        parseMessage(":s FAIL CHATHISTORY MESSAGE_ERROR AFTER #a :The msgid is not from this server's log")!,
      ];
    }
    const after = time === undefined ? Number(id) : this.said[time - 1] ?? 0;
    const page = this.#kept.filter((seq) => seq > after).slice(0, Math.min(PAGE, Number(limit)));
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

/** What happens between two lines of the server. */
type Between = () => void;

/** As `logs --follow`: any number of connections. */
class Follower {
  newLogs = 0;
  readonly seen = new SeenMessages();
  readonly merge: LiveMerge;

  /** `shown` and `position` are those of the runs before. */
  constructor(
    readonly server: MiniServer,
    readonly random: Random,
    readonly shown: HistoryItem[] = [],
    position?: ReadPosition,
  ) {
    this.merge = new LiveMerge({ seen: this.seen, position });
  }

  /** Another run of the program, which goes on by the cursor of this one. */
  restarted(): Follower {
    return new Follower(this.server, this.random, this.shown, this.merge.position);
  }

  /** A connection that lives until `loseIn` requests are answered. */
  async connect(loseIn: number, between: Between): Promise<HistoryReadOutcome> {
    const { server, merge, seen } = this;
    server.listener = (line) => {
      const entry = parseMessageEntry(line, 0)!;
      if (seen.addIfNew(entry.id)) this.#show(merge.mergeLive(entry) as HistoryItem[]);
    };
    let left = loseIn;
    const link: HistorySource = {
      session: { caps: new Set(["draft/chathistory"]), isupport: new Map() },
      request: ({ params = [] }) => {
        between();
        if (left-- === 0 || server.listener === undefined) {
          return Promise.resolve({ kind: "lost", text: "" });
        }
        const lines = server.answer(params);
        between(); // sent behind the response, and received with it
        return Promise.resolve({ kind: "answered", lines });
      },
    };
    const outcome = await readFromServer({
      link,
      range: RANGE,
      merge,
      now: 0,
      signal: new AbortController().signal,
      show: (items) => Promise.resolve(this.#show(items)),
      onNewLog: () => this.newLogs++,
    });
    if (outcome.kind === "done" && server.listener !== undefined) {
      this.#show(merge.finishHistory(startPositionOf(RANGE)) as HistoryItem[]);
      for (let i = this.random.below(4); i > 0 && server.listener !== undefined; i--) between();
    }
    server.listener = undefined;
    merge.dropHeld();
    return outcome;
  }

  #show(items: readonly HistoryItem[]): void {
    this.shown.push(...items);
  }
}

/** As `join`: the chat in #a, with bob speaking there or to it directly. */
class ChatReader {
  readonly shown: HistoryItem[] = [];
  readonly #chat = new Chat({ nick: "alice", home: "#a", clock: String, newId: () => "id" });
  #requests: { id: number; message: MessageParts }[] = [];
  #again = false;

  constructor(readonly server: MiniServer, readonly random: Random) {}

  restarted(): this {
    return this; // a chat keeps no cursor
  }

  /** A connection that lives until `loseIn` requests are answered. */
  connect(loseIn: number, between: Between): Promise<void> {
    const { server } = this;
    server.listener = (line) => {
      this.#chat.handleLine(line, 0);
      this.#takeEffects();
    };
    const caps = new Set(["draft/chathistory", "message-tags", "server-time", "echo-message"]);
    this.#chat.handleConnected({ nick: "alice", caps, isClaimed: false }, this.#again, 0);
    this.#takeEffects();
    for (let left = loseIn; this.#requests.length > 0; left--) {
      between();
      if (left === 0 || server.listener === undefined) break;
      const { id, message } = this.#requests.shift()!;
      const lines = this.#respond(message);
      between(); // sent behind the response, and received with it
      this.#chat.handleResult(id, { kind: "answered", lines }, 0);
      this.#takeEffects();
    }
    for (let i = this.random.below(4); i > 0 && server.listener !== undefined; i--) between();
    server.listener = undefined;
    this.#requests = [];
    this.#chat.handleDisconnected("cut", 1000, 0);
    this.#takeEffects();
    this.#again = true;
    return Promise.resolve();
  }

  #respond({ command, params = [] }: MessageParts): Message[] {
    const { server } = this;
    if (command === "JOIN") return [parseMessage(":alice!a@h JOIN #a")!];
    if (params[0] !== "TARGETS") return isSameTarget(params[1]!, server.to) ? server.answer(params) : [];
    const last = server.said.at(-1);
    const time = last === undefined ? "" : server.lineOf(last).tags.get("time");
    return server.to === "alice" ? [parseMessage(`:s CHATHISTORY TARGETS bob ${time}`)!] : [];
  }

  #takeEffects(): void {
    for (const effect of this.#chat.takeEffects()) {
      if (effect.kind === "ask") this.#requests.push(effect);
      else if (effect.kind === "show" && (effect.entry.kind === "message" || effect.entry.kind === "gap")) {
        this.shown.push(effect.entry);
      }
    }
  }
}

/** Alice reads messages to her under the name of their sender. */
function isSameTarget(target: string, to: string): boolean {
  return target === (to === "alice" ? "bob" : to);
}

/**
 * Nothing twice, nothing out of order, and what is missing is told in its place, with its number where it is
 * known.
 */
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

const READERS = {
  "logs": (server: MiniServer, random: Random) => new Follower(server, random),
  "join, in a room": (server: MiniServer, random: Random) => new ChatReader(server, random),
  "join, directly": (server: MiniServer, random: Random) => new ChatReader(server, random),
};

for (const [name, make] of Object.entries(READERS)) {
  pureTest(
    `${name}: history, live lines and losses in any order: nothing is missed untold, and nothing comes twice`,
    () =>
      forAll(1500, async (random) => {
        const server = new MiniServer(
          random,
          2 + random.below(8),
          name === "join, directly" ? "alice" : "#a",
        );
        // The first message is seen by all: what is lost before a reader has seen anything is no loss to it.
        let isFirst = true;
        const sayFirst = () => {
          if (isFirst) server.say();
          isFirst = false;
        };
        let reader: Follower | ChatReader = make(server, random);
        await reader.connect(Infinity, sayFirst);
        const between = () => {
          for (let i = random.chance(2) ? 0 : random.below(6); i > 0; i--) server.say();
          if (random.chance(6)) server.others();
          if (random.chance(12)) server.crash();
        };
        for (let i = 1 + random.below(5); i > 0; i--) {
          if (random.chance(2)) between(); // while nobody is connected
          await reader.connect(random.below(6), random.chance(3) ? () => {} : between);
          if (random.chance(3)) reader = reader.restarted();
        }
        await reader.connect(Infinity, () => {});
        judge(reader.shown, server.said);
      }),
  );
}

pureTest("a server with another log: by time, and it is said", async () => {
  const server = new MiniServer(new Random(1), 100);
  server.say();
  const follower = new Follower(server, server.random);
  await follower.connect(Infinity, () => {});
  server.wipe();
  server.say();
  server.say();
  await follower.connect(Infinity, () => {});
  assertEquals([follower.newLogs, follower.shown.map((item) => item.kind === "message" && item.seq)], [
    1,
    server.said,
  ]);
});

pureTest("what was lost before the first page came is asked for again from the beginning", async () => {
  const server = new MiniServer(new Random(1), 100);
  server.say();
  const follower = new Follower(server, server.random);
  assertEquals((await follower.connect(0, () => server.say())).kind, "lost");
  assertEquals(follower.shown, []);
  await follower.connect(Infinity, () => {});
  assertEquals(follower.shown.length, server.said.length);
});
