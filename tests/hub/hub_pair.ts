/**
 * Two hubs that are told the same: one has a log that keeps everything, the other a small one and an archive. All their
 * sessions have to be told the same.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import type { EventLog } from "../../lib/hub/log/event_log.ts";
import { MAX_AHEAD_MS } from "../../lib/hub/model/timeline.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import type { ArchiveAnswer, ArchiveOrder, ArchiveQuery } from "../../lib/log/archive.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { START, TestHub } from "../support/hub.ts";
import { login } from "../support/hub_accounts.ts";
import { MemoryEventLog } from "../support/memory_event_log.ts";
import { ModelArchive } from "../support/model_archive.ts";

/** Some hundred short messages. */
const SMALL_LOG_BYTES = 16 * 1024;

/** One line leads to less records than that. */
const LINE_MAX_RECORDS = 40;

/** An archive that a test has follow a log. */
export interface FollowingArchive {
  /** Takes in the records of `log` below `until`. */
  follow(log: EventLog, until: number): void;
  obey(order: ArchiveOrder): void;
  answer(query: ArchiveQuery): ArchiveAnswer;
}

export class HubPair {
  /** The archive lags behind the log by as many records, but never so far that the log overwrites what it has not got. */
  lag = () => 0;
  /** Whether both have to answer the same. */
  isCompared = true;
  whole: TestHub;
  small: TestHub;
  readonly #config: Partial<HubConfig>;
  readonly #logs: readonly [EventLog, EventLog] = [
    new MemoryEventLog(),
    new MemoryEventLog(SMALL_LOG_BYTES),
  ];
  readonly #facts = [new Map<string, SavedFact>(), new Map<string, SavedFact>()] as const;
  /** By nick: the session in each. */
  #sessions = new Map<string, readonly [Session, Session]>();
  /** What the session `nick` was told in the last turn, as the hub with the small log told it. */
  heard = new Map<string, readonly string[]>();

  constructor(readonly archive: FollowingArchive = new ModelArchive(), config: Partial<HubConfig> = {}) {
    this.#config = config;
    [this.whole, this.small] = this.#start(START);
    this.#settle();
  }

  get now(): number {
    return this.small.now;
  }

  set now(now: number) {
    for (const chat of this.#hubs) chat.now = now;
  }

  has(nick: string): boolean {
    return this.#sessions.has(nick);
  }

  session(nick: string): Session {
    return this.#sessions.get(nick)![1];
  }

  enter(nick: string, ...caps: string[]): void {
    const sessions = this.#hubs.map((chat) => chat.enter(nick, ...caps));
    this.#sessions.set(nick, [sessions[0]!, sessions[1]!]);
    this.#settle();
  }

  /** As {@link enter}, logged in to the account called `nick`, which is made where there is none. */
  login(nick: string, ...caps: string[]): void {
    const sessions = this.#hubs.map((chat) => login(chat, nick, undefined, { caps }));
    this.#sessions.set(nick, [sessions[0]!, sessions[1]!]);
    this.#settle();
  }

  /** Both hubs get `lines` from `nick`; what all sessions are told has to be the same. Nothing if `nick` is not here. */
  say(nick: string, ...lines: string[]): readonly string[] {
    const sessions = this.#sessions.get(nick);
    if (sessions === undefined) return [];
    for (const [nth, chat] of this.#hubs.entries()) {
      for (const line of lines) {
        chat.say(sessions[nth]!, line);
        if (chat === this.small) this.#archive();
        work(chat);
      }
    }
    this.#settle(`${nick}> ${lines.at(-1)}`);
    return this.heard.get(nick) ?? [];
  }

  /** The archive catches up with the log. */
  catchUp(): void {
    this.archive.follow(this.small.log, this.small.log.nextSeq);
  }

  advance(ms: number): void {
    for (const chat of this.#hubs) chat.advance(ms);
    this.#settle();
  }

  /** New servers open the logs and the facts; all sessions are gone, and the archive has caught up. */
  restart(): void {
    for (const [nth, chat] of this.#hubs.entries()) {
      chat.hub.disconnectAll("restart", chat.now);
      for (const fact of chat.takeFacts()) this.#facts[nth]!.set(`${fact.kind} ${fact.key}`, fact);
    }
    this.catchUp();
    this.#sessions.clear();
    const now = this.now + 2 * MAX_AHEAD_MS; // no time of a conversation is ahead of it
    [this.whole, this.small] = this.#start(now);
    this.#settle();
  }

  get #hubs(): readonly [TestHub, TestHub] {
    return [this.whole, this.small];
  }

  #start(now: number): [TestHub, TestHub] {
    const [whole, small] = [false, true].map((hasArchive, nth) =>
      new TestHub({ ...this.#config, hasArchive }, this.#logs[nth]!, [...this.#facts[nth]!.values()], now)
    );
    small!.archive = (query) => this.archive.answer(query);
    return [whole!, small!];
  }

  #archive(): void {
    this.small.deliver();
    const { oldestSeq, nextSeq } = this.small.log;
    const most = Math.max(0, nextSeq - oldestSeq - LINE_MAX_RECORDS);
    this.archive.follow(this.small.log, nextSeq - Math.min(this.lag(), most));
    for (const order of this.small.archiveOrders.splice(0)) this.archive.obey(order);
  }

  #settle(what = ""): void {
    for (const chat of this.#hubs) work(chat);
    this.#archive();
    this.heard = new Map();
    for (const [nick, sessions] of this.#sessions) {
      const [whole, small] = this.#hubs.map((chat, nth) =>
        sortTargets(withoutRefs(chat.heard(sessions[nth]!)))
      );
      if (this.isCompared) assertEquals(small, whole, `${nick}: ${what}`);
      this.heard.set(nick, small!);
      if (sessions[1].closeReason !== undefined) this.#sessions.delete(nick);
    }
    assertEquals(this.small.log.nextSeq, this.whole.log.nextSeq);
  }
}

/** Does what the hub cannot do itself, at once. */
function work(chat: TestHub): void {
  for (let jobs = chat.takeJobs(); jobs.length > 0; jobs = chat.takeJobs()) {
    for (const job of jobs) {
      assert(job.kind === "archive" || job.kind === "yield" || job.kind === "save", job.kind);
      const answer = job.kind === "archive" ? chat.archive!(job.query) : undefined;
      const go = () => job.kind === "archive" ? job.done(answer) : job.done(undefined);
      chat.hub.resume(job.session, go, chat.now);
      chat.say(job.session); // what it has sent meanwhile
    }
  }
}

/** Lines with batches named by their order. */
function withoutRefs(lines: readonly string[]): string[] {
  const refs = new Map<string, string>();
  const renamed = (ref: string) => {
    if (!refs.has(ref)) refs.set(ref, `b${refs.size}`);
    return refs.get(ref)!;
  };
  return lines.map((line) => {
    const message = parseMessage(line);
    if (message?.command === "BATCH") {
      const sign = message.params[0]![0]!;
      line = line.replace(` ${message.params[0]} `, ` ${sign}${renamed(message.params[0]!.slice(1))} `)
        .replace(
          new RegExp(` \\${sign}${message.params[0]!.slice(1)}$`),
          ` ${sign}${renamed(message.params[0]!.slice(1))}`,
        );
    }
    const ref = message?.tags.get("batch");
    return ref === undefined ? line : line.replace(`batch=${ref}`, `batch=${renamed(ref)}`);
  });
}

/** Of rows of CHATHISTORY TARGETS with the same time any may be first. */
function sortTargets(lines: readonly string[]): string[] {
  const timeOf = (line: string) => / CHATHISTORY TARGETS \S+ (\S+)$/.exec(line)?.[1];
  return lines.toSorted((a, b) => {
    const time = timeOf(a);
    return time === undefined || time !== timeOf(b) ? 0 : a < b ? -1 : 1;
  });
}
