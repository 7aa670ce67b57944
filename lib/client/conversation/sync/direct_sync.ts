/**
 * History of direct conversations: at the first connection unread messages, by our read markers
 * (https://ircv3.net/specs/extensions/read-marker), later messages missed during a connection loss. Direct
 * messages received meanwhile are held, for all conversations together, so that everything is shown once and
 * in order.
 *
 * A conversation is read from its marker or position on, the oldest message first, so that the marker never
 * passes a message that was not shown. If not all is shown, the marker stays there (`keepUnread`).
 */
import type { Message } from "../../../irc/message.ts";
import { casefold, isSameName } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { parseWireTime } from "../../../irc/wire_number.ts";
import { conversationOf, isDirect } from "../model/chat_entry.ts";
import type { ChatEntry } from "../model/chat_entry.ts";
import { explainFailure } from "../../session/failure_reply.ts";
import { formatTimestamp, parseTimestamp, positionAt } from "../model/read_position.ts";
import type { ReadPosition } from "../model/read_position.ts";
import { HeldEntries, LiveMerge } from "./live_merge.ts";
import { ConversationRead, findSyncPosition, MAX_MISSED_MESSAGES, showUnreadCount } from "./sync_host.ts";
import type { SyncHost, SyncPurpose } from "./sync_host.ts";

type DirectPurpose = SyncPurpose & { readonly for: "partners" | "marker" | "direct" };

interface DirectConversation {
  readonly read: ConversationRead;
  /** Time of its latest message. */
  readonly latest: number;
  /** What is read is from after this time. */
  readonly since: number;
}

/** Rows asked for: the channels that we are in are among them, a hundred on a ChatterBox server. */
export const MAX_ROWS = 200;
/** At the first connection: conversations that are read, those with the latest messages. */
export const MAX_UNREAD_CONVERSATIONS = 50;
/** At the first connection: messages shown of one conversation, as many as are counted in a channel. */
export const MAX_UNREAD_SHOWN = 1000;
/** The last time that a timestamp can tell: a message from when a clock was wrong is before it. */
const END_OF_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export class DirectSync {
  readonly #host: SyncHost;
  /** Direct messages received while history is read; undefined: it is not. */
  #held: HeldEntries | undefined;
  /** It is read from read markers on. */
  #isUnread = false;
  /** The unread messages have been shown. */
  #hasShownUnread = false;
  /** Number of responses to come. */
  #awaited = 0;
  /** The server has listed all conversations. */
  #isListed = false;
  /** The server has conversations that are not read. */
  #hasMore = false;
  /** By folded name of the partner. */
  readonly #conversations = new Map<string, DirectConversation>();
  /** Folded names of the partners in conversations that have not been read whole. */
  readonly #unfinished = new Set<string>();

  constructor(host: SyncHost) {
    this.#host = host;
  }

  /** Whether everything that was missed during a connection loss has been read. */
  get isSettled(): boolean {
    return this.#held === undefined || this.#isUnread;
  }

  /** We are connected, for the first time or `again`: asks which conversations may have new messages. */
  start(again: boolean, now: number): void {
    this.#isUnread = this.#host.sendsReadMarkers && !this.#hasShownUnread;
    if (!this.#isUnread && !again) return;
    this.#held = new HeldEntries();
    this.#isListed = false;
    this.#hasMore = false;
    const since = this.#isUnread ? 0 : this.#host.seenMessages.lostAt;
    const params = ["TARGETS", formatTimestamp(END_OF_TIME), formatTimestamp(since), String(MAX_ROWS)];
    this.#ask("CHATHISTORY", params, { for: "partners" }, now);
  }

  /** Holds a direct message while history is read; false: show it. */
  hold(entry: ChatEntry, now: number): boolean {
    if (this.#held === undefined || !isDirect(entry)) return false;
    this.#held.add(entry);
    if (!this.#held.isFull) return true;
    this.#host.alarm("too many new direct messages: not all that was missed is shown", now);
    this.#finish(now);
    return true;
  }

  /** The connection is lost: what is not shown now is read again over the next one. */
  abandon(): void {
    const { seenMessages } = this.#host;
    for (const { read } of this.#conversations.values()) {
      if (this.#isUnread) read.forget(this.#host);
      else {
        read.show(this.#host);
        read.rememberGap(this.#host);
      }
    }
    for (const entry of this.#held?.takeAll() ?? []) if (isDirect(entry)) seenMessages.forget(entry.id);
    this.#clear();
  }

  /** `lines`: the response to a request with `purpose`, or why there is none. */
  handleResponse(
    purpose: DirectPurpose,
    lines: readonly Message[] | string,
    failure: Message | undefined,
    now: number,
  ): void {
    if (this.#held === undefined) return;
    this.#awaited--;
    // readHistory has another way to ask for a page that is refused.
    const why = typeof lines === "string"
      ? lines
      : failure === undefined || purpose.for === "direct"
      ? undefined
      : explainFailure(failure);
    if (why !== undefined) {
      const from = purpose.for === "partners" ? "" : ` from ${purpose.partner}`;
      this.#host.alarm(`missed direct messages${from} could not be read: ${why}`, now);
    } else if (typeof lines !== "string") this.#handle(purpose, lines, now);
    if (this.#awaited === 0) this.#finish(now);
  }

  #handle(purpose: DirectPurpose, lines: readonly Message[], now: number): void {
    switch (purpose.for) {
      case "partners":
        return this.#handlePartners(lines, now);
      case "marker":
        return this.#handleMarker(purpose, lines, now);
      case "direct":
        return this.#readOn(purpose, lines, now);
    }
  }

  /** Lines `CHATHISTORY TARGETS <target> <timestamp>`, the latest first. */
  #handlePartners(lines: readonly Message[], now: number): void {
    const rows = lines.filter(({ command }) => command === "CHATHISTORY")
      .map(({ params: [, target = "", time] }) => ({ partner: target, latest: parseWireTime(time) ?? now }));
    this.#isListed = rows.length < MAX_ROWS;
    const partners = new Map(rows.slice(0, MAX_ROWS).map((row) => [casefold(row.partner), row]));
    for (const partner of this.#host.unsureTargets) {
      if (!partners.has(casefold(partner))) partners.set(casefold(partner), { partner, latest: now });
    }
    for (const [folded, { partner }] of partners) {
      if (partner === "" || isChannelName(partner)) partners.delete(folded);
      else this.#unfinished.add(folded);
    }
    if (this.#host.settings === undefined) {
      for (const { partner, latest } of partners.values()) this.#host.views.openDirect(partner, latest);
    }
    const most = this.#isUnread ? MAX_UNREAD_CONVERSATIONS : Infinity;
    this.#hasMore = partners.size > most || !this.#isListed;
    for (const { partner, latest } of [...partners.values()].slice(0, most)) {
      if (this.#isUnread) this.#ask("MARKREAD", [partner], { for: "marker", partner, latest }, now);
      else this.#read(partner, latest, findSyncPosition(this.#host, partner), now);
    }
  }

  /** `MARKREAD <target> timestamp=…|*` */
  #handleMarker(
    { partner, latest }: DirectPurpose & { for: "marker" },
    lines: readonly Message[],
    now: number,
  ): void {
    const marker = lines.find(({ command, params }) =>
      command === "MARKREAD" && isSameName(params[0] ?? "", partner)
    );
    const since = parseTimestamp(marker?.params[1]) ?? 0;
    if (latest <= since) this.#unfinished.delete(casefold(partner));
    else this.#read(partner, latest, positionAt(since), now);
  }

  #read(partner: string, latest: number, position: ReadPosition, now: number): void {
    const host = this.#host;
    const merge = new LiveMerge({
      seen: host.seenMessages,
      position,
      held: this.#held!,
      isOwn: (message) => isSameName(conversationOf(message, host.nick), partner),
    });
    const read = new ConversationRead(partner, merge);
    this.#conversations.set(casefold(partner), { read, latest, since: position.time });
    this.#awaited++;
    read.start(
      host,
      { for: "direct", partner },
      this.#isUnread ? MAX_UNREAD_SHOWN : MAX_MISSED_MESSAGES,
      now,
    );
  }

  #readOn(purpose: DirectPurpose & { for: "direct" }, lines: readonly Message[], now: number): void {
    const read = this.#conversations.get(casefold(purpose.partner))?.read;
    if (read === undefined) return;
    read.resume(this.#host, lines, purpose, now);
    if (read.outcome === undefined) this.#awaited++;
    else if (read.outcome.kind === "whole") this.#unfinished.delete(casefold(purpose.partner));
  }

  #ask(command: string, params: string[], purpose: DirectPurpose, now: number): void {
    this.#awaited++;
    this.#host.ask({ command, params }, purpose, now);
  }

  /** Shows what has been read, the conversation with the latest message last, and then what was held. */
  #finish(now: number): void {
    const host = this.#host;
    const held = this.#held?.takeAll() ?? [];
    this.#hasShownUnread ||= this.#isUnread;
    const conversations = [...this.#conversations.values()].sort((a, b) => a.latest - b.latest);
    const shown = this.#isUnread ? this.#selectUnread(conversations) : conversations;
    for (const { read, latest, since } of shown) {
      showUnreadCount(host, read.target, read.past, since, now, read.outcome?.kind === "cut");
      read.show(host);
      read.close(host, now);
      const isWhole = read.outcome?.kind === "whole";
      if (
        isWhole && read.past.some(({ kind }) => kind === "gap") &&
        (!host.showsOneView || host.views.isSeen(read.target))
      ) {
        host.readMarkers?.markShown(read.target, latest);
      }
    }
    if (this.#hasMore) host.alarm("not all direct conversations are shown: the server has more of them", now);
    for (const partner of this.#unfinished) host.readMarkers?.keepUnread(partner);
    if (!this.#isListed) host.readMarkers?.keepUnread(undefined);
    this.#clear();
    for (const entry of held) host.showReceived(entry);
  }

  /**
   * The conversations to show. Our own messages alone are no reason, unless one of them was received live meanwhile.
   */
  #selectUnread(conversations: readonly DirectConversation[]): readonly DirectConversation[] {
    const { ignoreList, nick } = this.#host;
    const isTheirs = (entry: ChatEntry) =>
      isDirect(entry) && !isSameName(entry.from, nick) && !ignoreList.isHidden(entry);
    const isWhole = ({ read }: DirectConversation) => read.outcome?.kind === "whole";
    return conversations.filter((each) =>
      each.read.outcome?.kind === "refused" || each.read.merge.hasMet ||
      each.read.past.some((item) =>
        item.kind === "gap" || isTheirs(item) || !isWhole(each) && !ignoreList.isHidden(item)
      )
    );
  }

  #clear(): void {
    this.#held = undefined;
    this.#awaited = 0;
    this.#conversations.clear();
    this.#unfinished.clear();
  }
}
