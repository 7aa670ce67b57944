/**
 * Direct messages after a loss: with which users they were exchanged meanwhile, and the messages. What comes in while these are read
 * is held, for all users together, so that everything is shown once, and in order.
 */
import { isDirect } from "../model/chat_entry.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import type { Message, MessageParts } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { describeFailure } from "../../session/failure_reply.ts";
import { HeldMessages } from "./held_messages.ts";
import type { ReceivedEntry } from "./held_messages.ts";
import {
  askMissed,
  askNextMissed,
  dropHeld,
  END_OF_TIME,
  formatHistoryTime,
  readHistoryPage,
  reportUnknown,
  retryMissed,
  showPastItem,
} from "./missed_history.ts";
import type { HistoryHost, MissedPurpose } from "./missed_history.ts";

/** Users with whom messages were exchanged while we were away. */
export interface DirectSyncPurpose {
  readonly for: "partners";
}

/** What {@link DirectSync} needs of the chat. */
export interface DirectSyncHost extends HistoryHost {
  ask(message: MessageParts, purpose: DirectSyncPurpose | MissedPurpose, now: number): void;
}

/** Channels and people in whose conversations with us is looked for what came during a loss; the channels that we are in are among them. */
const MAX_PARTNERS = 200;

export class DirectSync {
  readonly #host: DirectSyncHost;
  /** Direct messages held, while some of what was missed of them is on its way. */
  #present: HeldMessages | undefined;
  /** Answers that have not come yet. */
  #awaited = 0;

  constructor(host: DirectSyncHost) {
    this.#host = host;
  }

  /** True when nothing of what was missed is still to be read. */
  get isSettled(): boolean {
    return this.#present === undefined;
  }

  /** Asks for the users with whom messages were exchanged. */
  start(now: number): void {
    const params = [
      "TARGETS",
      formatHistoryTime(this.#host.seenMessages.lostAt),
      formatHistoryTime(END_OF_TIME),
      `${MAX_PARTNERS}`,
    ];
    this.#present = new HeldMessages();
    this.#awaited = 1;
    this.#host.ask({ command: "CHATHISTORY", params }, { for: "partners" }, now);
  }

  /** Takes what is said to us while not all that came before is known yet; false: show it. */
  hold(heard: ReceivedEntry, now: number): boolean {
    if (this.#present === undefined || !isDirect(heard.entry)) return false;
    this.#present.hold(heard);
    if (!this.#present.isFull) return true;
    this.#host.alarm("too much happens to show what was missed", now);
    this.#host.keepUnread(undefined);
    this.#show();
    return true;
  }

  /** The connection is gone. What was held will be part of the past. */
  abandon(): void {
    if (this.#present !== undefined) dropHeld(this.#host, this.#present);
    this.#present = undefined;
    this.#awaited = 0;
  }

  /** Asks for what was missed from the people that the answer names, and from those in `unsure`. */
  handlePartners(lines: readonly Message[], unsure: readonly string[], now: number): void {
    // CHATHISTORY TARGETS <target> <timestamp>
    const named = lines.filter(({ command }) => command === "CHATHISTORY").map(({ params }) =>
      params[1] ?? ""
    );
    const people = [...unsure, ...named].filter((name) => name !== "" && !isChannelName(name));
    if (named.length >= MAX_PARTNERS) {
      this.#host.alarm("others may have written to you meanwhile, too: not all are looked at", now);
      this.#host.keepUnread(undefined);
    }
    const distinct = new Map(people.map((name) => [casefold(name), name]));
    for (const name of distinct.values()) {
      this.#awaited++;
      askMissed(this.#host, name, now);
    }
    this.#done();
  }

  /** The server does not list the conversations. */
  handlePartnersUnknown(why: string, now: number): void {
    this.#host.alarm(`what was said to you meanwhile is not known: ${why}`, now);
    this.#host.keepUnread(undefined);
    this.#done();
  }

  handleMissed(
    purpose: MissedPurpose,
    lines: readonly Message[],
    failure: Message | undefined,
    now: number,
  ): void {
    const { target } = purpose;
    if (failure !== undefined) {
      if (!retryMissed(this.#host, purpose, now)) this.handleUnknown(target, describeFailure(failure), now);
      return;
    }
    if (this.#present === undefined) return this.#done(); // too much was said meanwhile
    const page = readHistoryPage(this.#host, target, lines, this.#present, now);
    for (const item of page.items) showPastItem(this.#host, item);
    if (!askNextMissed(this.#host, purpose, page, now)) this.#done();
  }

  /** The history with `target` cannot be read. */
  handleUnknown(target: string, why: string, now: number): void {
    reportUnknown(this.#host, target, why, now);
    this.#done();
  }

  #done(): void {
    if (--this.#awaited <= 0) this.#show();
  }

  #show(): void {
    const held = this.#present?.held ?? [];
    this.#present = undefined;
    for (const heard of held) this.#host.showReceived(heard);
  }
}
