/** Shows the history of one target and goes on with live messages, over any number of connections. */
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { FollowLink } from "./rooms/follow_link.ts";
import { describeReaction, describeRedaction, describeRename } from "./follow_reports.ts";
import { parseSource } from "../../lib/irc/message.ts";
import type { Message } from "../../lib/irc/message.ts";
import { parseReaction } from "../../lib/irc/reaction.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import type { ChatEntry, HistoryItem, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";
import { MessageExcerpts } from "../../lib/client/conversation/model/message_excerpts.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import { startPositionOf } from "../../lib/client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../lib/client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../lib/client/conversation/sync/seen_messages.ts";
import { readFromServer, resolveRange } from "../../lib/client/history/history_reader.ts";
import type { HistoryReadFailure, WantedRange } from "../../lib/client/history/history_reader.ts";
import { explainFailure, findFailureReply } from "../../lib/client/session/failure_reply.ts";
import { suggestTarget } from "./rooms/unknown_target.ts";

export interface FollowOptions {
  readonly access: ClientLogin;
  readonly range: WantedRange;
  /** How far an earlier run has got; undefined: `range` says where to begin. */
  readonly position: ReadPosition | undefined;
  /** Whether to connect again after a connection loss. */
  readonly retry: boolean;
  readonly io: Io;
  readonly signal: AbortSignal;
  /**
   * Called in order; resolves when `items` are shown, after which nothing up to `position` need be shown
   * again.
   */
  readonly show: (items: readonly HistoryItem[], position: ReadPosition | undefined) => Promise<void>;
  readonly onNewLog: (position: ReadPosition) => void;
  /**
   * The history could not be read, or the server does not let us follow: returns an exit code, or undefined
   * to go on.
   */
  readonly onTrouble: (trouble: HistoryReadFailure, advice: string) => ExitCode | undefined;
}

/** FOLLOW's and JOIN's codes for a target that does not exist. */
const NO_SUCH_TARGET = new Set(["NO_SUCH_CHANNEL", "NO_SUCH_NICK"]);

/**
 * Runs until `signal` is aborted, the server refuses for good, or a loss without `retry`; returns the exit
 * code.
 */
export async function followTarget(options: FollowOptions): Promise<ExitCode> {
  return await new LiveFollower(options).run();
}

class LiveFollower {
  readonly #options: FollowOptions;
  readonly #seen = new SeenMessages();
  readonly #merge: LiveMerge;
  readonly #excerpts = new MessageExcerpts();
  readonly #link: FollowLink;
  /** What is followed: a channel may be renamed meanwhile. */
  #target: string;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#target = options.range.target;
    this.#merge = new LiveMerge({ seen: this.#seen, position: options.position });
    this.#link = new FollowLink({
      ...options,
      resume: (link) => this.#resume(link),
      onLoss: () => this.#merge.dropHeld(),
      onLine: (line) => this.#handleLine(line),
    });
  }

  run(): Promise<ExitCode> {
    return this.#link.run();
  }

  /** Follows, then reads what came before: everything asked for the first time, later what was missed. */
  async #resume(link: Link): Promise<void> {
    const { signal, onNewLog, io, range: wanted } = this.#options;
    if (wanted.isLobby) this.#target = resolveRange(link.session.isupport, wanted).target;
    const range = { ...wanted, target: this.#target };
    await io.stdout.flush(); // a reader too slow to keep up must not be given more meanwhile
    const command = link.session.isObserver ? "FOLLOW" : "JOIN";
    const followed = await link.request({ command, params: [range.target] });
    const failure = followed.kind === "answered" ? findFailureReply(followed.lines) : undefined;
    if (failure !== undefined) {
      const kind = NO_SUCH_TARGET.has(failure.params[1] ?? "") ? "no_such_target" : "failed";
      return void await this.#handleTrouble({ kind, text: explainFailure(failure) }, link);
    }
    const merge = this.#merge;
    const show = (items: readonly HistoryItem[]) => this.#show(items);
    const outcome = await readFromServer({ link, range, merge, now: io.clock.now(), signal, show, onNewLog });
    if (outcome.kind === "lost" || !link.isAlive) return; // the next connection goes on from here
    if (outcome.kind !== "done" && await this.#handleTrouble(outcome, link)) return;
    await this.#show(merge.finishHistory(startPositionOf(range)));
  }

  /** True where that is the end. */
  async #handleTrouble(trouble: HistoryReadFailure, link: Link): Promise<boolean> {
    const advice = trouble.kind === "no_such_target" && !this.#options.range.isLobby
      ? await suggestTarget(link, this.#target)
      : "";
    const code = this.#options.onTrouble(trouble, advice);
    if (code !== undefined) this.#link.end(code);
    return code !== undefined;
  }

  #handleLine(message: Message): void {
    if (message.command === "RENAME") return this.#handleRename(message);
    if (message.command === "REDACT") return this.#handleRedaction(message);
    if (message.command === "TAGMSG") {
      return this.#link.afterResume(() => this.#handleReaction(message)); // its message may be about to be shown
    }
    const entry = parseMessageEntry(message, this.#options.io.clock.now());
    if (entry === undefined || !isForTarget(entry, this.#target) || !this.#seen.addIfNew(entry.id)) return;
    const items = this.#merge.mergeLive(entry);
    if (this.#merge.held.isFull) this.#link.abort("too many new messages while history was read");
    if (items.length > 0) this.#link.show(() => this.#show(items));
  }

  #handleRename({ params: [from = "", to = ""] }: Message): void {
    if (!isSameName(from, this.#target)) return;
    this.#target = to;
    this.#link.report(describeRename(from, to));
  }

  /** A message is redacted: history no longer has it. */
  #handleRedaction({ source, params: [target = "", id = "", reason = ""] }: Message): void {
    const by = parseSource(source ?? "").nick;
    if (!isSameName(target, this.#target) && !isSameName(by, this.#target)) return;
    if (this.#excerpts.isReplaced(id, by, target)) return; // it has been edited, as the new text says
    this.#link.report(describeRedaction(by, id, reason));
  }

  /** Reactions are in no page of history, and so no items. */
  #handleReaction(message: Message): void {
    const reaction = parseReaction(message);
    if (reaction === undefined) return;
    const { from, target, to } = reaction;
    if (!isSameName(target, this.#target) && !isSameName(from, this.#target)) return;
    this.#link.report(describeReaction(reaction, this.#excerpts.get(to)));
  }

  #show(entries: readonly ChatEntry[]): Promise<void> {
    const items = entries.filter((entry) => entry.kind === "message" || entry.kind === "gap");
    for (const item of items) if (item.kind === "message") this.#excerpts.add(item, this.#target);
    return this.#options.show(items, this.#merge.position);
  }
}

/** Whether `message` is in the channel `target`, or between us and the user `target`. */
export function isForTarget({ channel, from, to }: MessageEntry, target: string): boolean {
  if (channel !== undefined) return isSameName(channel, target);
  return isSameName(from, target) || isSameName(to, target);
}
