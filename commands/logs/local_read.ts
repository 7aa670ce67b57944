/** `logs --local`: one reading of the ring of a server on this machine, or on and on. */
import { delay } from "../../lib/base/delay.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { ChatEntry, HistoryItem, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { MessageExcerpts } from "../../lib/client/conversation/model/message_excerpts.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import type { HistoryRange } from "../../lib/client/conversation/sync/history_read.ts";
import type { CursorOutput } from "./cursor_output.ts";
import { describeReaction, describeRedaction, describeRename } from "./follow_reports.ts";
import { LazyArchive } from "./lazy_archive.ts";
import { LocalHistory } from "./local_history.ts";
import { newestOf } from "./record_entries.ts";
import { openLocalLog } from "../support/local_log.ts";
import type { LocalLog, LocalLogOutcome } from "../support/local_log.ts";

export interface LocalRead {
  readonly dataDir: string;
  readonly log: LocalLog;
  readonly range: HistoryRange;
  /** The room was named: without a position in it, one that no record names is an error. */
  readonly isNamed: boolean;
  readonly position: ReadPosition | undefined;
  readonly follow: boolean;
  /** With `follow`: go on with the next server. */
  readonly retry: boolean;
  readonly shown: CursorOutput;
  readonly onNewLog: (position: ReadPosition) => void;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** Entries handed on at once. */
const CHUNK_ENTRIES = 1000;
/** Shortest pause between two looks at the ring; one that finds nothing doubles it. */
const MIN_POLL_MS = 2;
const MAX_POLL_MS = 50;
/** Between two looks for the next server. */
const REOPEN_MS = 250;

/** Reads the range, and with `follow` what comes then, until `signal` is aborted; returns the exit code. */
export async function readLocal(read: LocalRead): Promise<ExitCode> {
  const reader = new LocalReader(read);
  try {
    return await reader.run();
  } finally {
    await reader.close();
  }
}

class LocalReader {
  readonly #read: LocalRead;
  readonly #history: LocalHistory;
  readonly #excerpts = new MessageExcerpts();
  #log: LocalLog;
  #archive: LazyArchive;

  constructor(read: LocalRead) {
    this.#read = read;
    this.#log = read.log;
    const { range, position, onNewLog, io, signal } = read;
    const now = () => io.clock.now();
    this.#archive = this.#openArchive();
    const source = { ...read.log, archive: this.#archive };
    this.#history = new LocalHistory({ source, range, position, onNewLog, now, signal });
  }

  /** Nothing tells that there has ever been a room of that name. */
  get #isUnknownRoom(): boolean {
    return this.#read.isNamed && this.#read.position === undefined && !this.#history.isNamed;
  }

  async run(): Promise<ExitCode> {
    const { follow, signal, range, position, io } = this.#read;
    const isRunning = this.#log.isRunning();
    const isNewest = range.limit !== undefined && position === undefined;
    if (isNewest) await this.#showNewest(range.limit);
    else await this.#showNew();
    if (signal.aborted) return exitCodeForSignal(signal);
    if (this.#isUnknownRoom) await this.#history.lookUp();
    if (this.#isUnknownRoom) {
      return reportFailure(io, EXIT.noUser, `no such room: ${toPrintable(range.target)}`);
    }
    await this.#read.shown.show([], this.#history.position);
    if (follow) return await this.#follow();
    if (!isRunning) this.#report(`the server (process ${this.#log.pid}) has ended; this is what it left`);
    return EXIT.ok;
  }

  async close(): Promise<void> {
    await this.#archive.close();
  }

  /** The newest `limit` wanted messages; what is lost before them is not theirs. */
  async #showNewest(limit: number): Promise<void> {
    const { isWanted = () => true } = this.#read.range;
    let newest: MessageEntry[] = [];
    for await (const entry of this.#history.read()) {
      if (entry.kind !== "message" || !isWanted(entry)) continue;
      newest.push(entry);
      if (newest.length > 2 * limit + CHUNK_ENTRIES) newest = newestOf(newest, limit);
    }
    newest = newestOf(newest, limit);
    const isUnread = this.#history.position.id === undefined;
    if (newest.length < limit || isUnread) {
      newest = [...await this.#readEarlier(limit - newest.length), ...newest];
    }
    if (!this.#read.signal.aborted) await this.#show(newest);
  }

  /** The newest `limit` wanted messages before those in the ring, in order. */
  async #readEarlier(limit: number): Promise<MessageEntry[]> {
    const { isWanted = () => true } = this.#read.range;
    const newest: MessageEntry[] = [];
    for await (const entry of this.#history.readEarlier()) {
      if (newest.length < limit && isWanted(entry)) newest.push(entry);
      if (newest.length === limit) break;
    }
    return newest.reverse();
  }

  /** What is new since the last time; without `reports`, what is done to messages is no news. True: there was some. */
  async #showNew(reports = false): Promise<boolean> {
    let chunk: HistoryItem[] = [];
    let isNew = false;
    this.#log.refresh();
    for await (const entry of this.#history.read()) {
      if (this.#isUnknownRoom) break; // what is overwritten is not known to be of the room
      isNew = true;
      const isItem = entry.kind === "message" || entry.kind === "gap";
      if (isItem) chunk.push(entry);
      if (isItem ? chunk.length < CHUNK_ENTRIES : !reports) continue;
      await this.#show(chunk); // before a report, too: it comes behind the messages that it may be about
      if (this.#read.signal.aborted) return true;
      chunk = [];
      if (!isItem) this.#reportChange(entry);
    }
    if (chunk.length > 0) await this.#show(chunk);
    return isNew;
  }

  async #show(items: readonly HistoryItem[]): Promise<void> {
    const { target, position } = this.#history;
    for (const item of items) if (item.kind === "message") this.#excerpts.add(item, target);
    await this.#read.shown.show(items, position);
  }

  async #follow(): Promise<ExitCode> {
    const { signal, retry, io } = this.#read;
    for (let pauseMs = MIN_POLL_MS; !signal.aborted;) {
      const isRunning = this.#log.isRunning(); // asked first: what it appended before it ended is read
      if (await this.#showNew(true)) pauseMs = MIN_POLL_MS;
      else if (isRunning) {
        await delay(pauseMs, signal);
        pauseMs = Math.min(2 * pauseMs, MAX_POLL_MS);
      } else {
        const { pid, canReopen } = this.#log;
        const ended = `the server (process ${pid}) has ended`;
        if (!retry) {
          return reportFailure(io, EXIT.tryAgain, `${ended}; --no-retry: not waiting for the next one`);
        }
        if (!canReopen) return reportFailure(io, EXIT.tryAgain, `${ended}; open the segment of the next one`);
        this.#report(`${ended}; waiting for the next one`);
        await this.#awaitNextServer();
      }
    }
    return exitCodeForSignal(signal);
  }

  async #awaitNextServer(): Promise<void> {
    const { dataDir, signal } = this.#read;
    this.#log.close();
    let reported = "";
    while (!signal.aborted) {
      const outcome: LocalLogOutcome = openLocalLog(dataDir);
      if (outcome.kind === "ok" && outcome.log.isRunning()) {
        this.#log = outcome.log;
        await this.#archive.close();
        this.#archive = this.#openArchive();
        this.#history.continueIn({ ...outcome.log, archive: this.#archive });
        return this.#report(`the server runs again (process ${outcome.log.pid})`);
      }
      if (outcome.kind === "ok") outcome.log.close();
      else if ("why" in outcome && outcome.kind !== "starting" && outcome.why !== reported) {
        this.#report(reported = outcome.why);
      }
      await delay(REOPEN_MS, signal);
    }
  }

  #openArchive(): LazyArchive {
    const { dataDir, logId } = this.#log;
    return new LazyArchive(
      dataDir,
      logId,
      (path, why) =>
        this.#report(`the archive cannot be read, so older messages are missing: ${path}: ${why}`),
    );
  }

  #reportChange(entry: ChatEntry): void {
    if (entry.kind === "room_renamed") this.#report(describeRename(entry.from, entry.to));
    else if (entry.kind === "redacted") {
      const { by, id, target, reason } = entry;
      if (!this.#excerpts.isReplaced(id, by, target)) this.#report(describeRedaction(by, id, reason));
    } else if (entry.kind === "reaction") {
      this.#report(describeReaction(entry, this.#excerpts.get(entry.to)));
    }
  }

  #report(text: string): void {
    this.#read.io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  }
}
