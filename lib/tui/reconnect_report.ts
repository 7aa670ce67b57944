/** After a lost connection, one line that says how long it was and what was missed. Pure. */
import type { ChatEntry, GapEntry } from "../client/conversation/model/chat_entry.ts";

interface Loss {
  readonly since: number;
  /** When the connection was back; undefined: it is not yet. */
  back: number | undefined;
  missed: number;
  /** Conversations in which messages are lost. */
  gaps: number;
  /** Messages that are lost in them; undefined: the number is not known of all. */
  lost: number | undefined;
  /** The server ended without saving, and how much is lost is not known. */
  crash: CrashGap | undefined;
  /** That has been said. */
  isCrashTold: boolean;
}

type CrashGap = GapEntry & { readonly why: "restart"; readonly count: undefined };

/** Of the chat. */
interface SyncState {
  readonly isOnline: boolean;
  readonly joinSync: { readonly isSettled: boolean };
  readonly directSync: { readonly isSettled: boolean };
}

export class ReconnectReport {
  readonly #clock: (time: number) => string;
  #loss: Loss | undefined;
  /** The loss that the last line was about. */
  #reported: Loss | undefined;
  #wasOnline = false;

  /** `clock`: a time of day. */
  constructor(clock: (time: number) => string) {
    this.#clock = clock;
  }

  /**
   * An entry is about to be shown: one of before the return was missed. Returns whether it is to be left out: that the
   * server ended without saving concerns all conversations, and is said once.
   */
  noteEntry(entry: ChatEntry, nick: string): boolean {
    const loss = this.#loss;
    if (loss?.back === undefined) return isCrashGap(entry) && this.#isToldAlready(entry);
    if (isCrashGap(entry)) {
      loss.crash = loss.crash === undefined ? entry : { ...loss.crash, most: undefined };
      loss.isCrashTold = true;
      return true;
    }
    if (entry.kind === "message" && entry.time <= loss.back && entry.from !== nick) loss.missed++;
    if (entry.kind !== "gap") return false;
    loss.gaps++;
    loss.lost = entry.count === undefined || loss.lost === undefined ? undefined : loss.lost + entry.count;
    return false;
  }

  /** Of a conversation that is shown later. */
  #isToldAlready({ after = -Infinity, before = Infinity }: CrashGap): boolean {
    const loss = this.#reported;
    if (loss === undefined || after > loss.since || before < loss.since) return false;
    const isTold = loss.isCrashTold;
    loss.isCrashTold = true;
    return isTold;
  }

  /** Called after each change of the chat. The line, once everything that was missed has been read. */
  observe(chat: SyncState, now: number): string | undefined {
    if (!chat.isOnline) {
      // A connection that breaks again before all has been read goes on with the loss before.
      if (this.#wasOnline) {
        this.#loss ??= {
          since: now,
          back: undefined,
          missed: 0,
          gaps: 0,
          lost: 0,
          crash: undefined,
          isCrashTold: false,
        };
      }
      if (this.#loss !== undefined) this.#loss.back = undefined;
      return undefined;
    }
    this.#wasOnline = true;
    const loss = this.#loss;
    if (loss === undefined) return undefined;
    loss.back ??= now;
    if (!chat.joinSync.isSettled || !chat.directSync.isSettled) return undefined;
    this.#loss = undefined;
    this.#reported = loss;
    return `back after ${describeDuration(loss.back - loss.since)}; ${this.#describeMissed(loss)}`;
  }

  #describeMissed({ missed, gaps, lost, crash }: Loss): string {
    const shown = `${missed} missed ${missed === 1 ? "message is" : "messages are"} above`;
    if (crash !== undefined) {
      const when = crash.after === undefined ? "" : ` after ${this.#clock(crash.after)}`;
      const most = crash.most === undefined ? "its last messages" : `up to ${formatMessages(crash.most)}`;
      return `the server ended without saving${when}: ${most} may be missing${
        missed > 0 ? `; ${shown}` : ""
      }`;
    }
    if (gaps > 0) {
      const before = missed > 0 ? `${shown}, ` : "";
      if (lost !== undefined) return `${before}${formatMessages(lost)} lost: see the gap above`;
      return `${before}not all that was missed is known: see the gap above`;
    }
    return missed === 0 ? "nothing missed" : shown;
  }
}

function isCrashGap(entry: ChatEntry): entry is CrashGap {
  return entry.kind === "gap" && entry.why === "restart" && entry.count === undefined;
}

function formatMessages(count: number): string {
  return `${count} ${count === 1 ? "message" : "messages"}`;
}

/** `8 s`, `2 min`, `3 h 5 min`. */
function describeDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? "" : ` ${rest} min`}`;
}
