/** Ways to messages that are not loaded: history is read back until they are. */
import { effect } from "@preact/signals";
import { isSameName } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { MessageParts } from "../../../irc/message.ts";
import type { Chat } from "../../../client/conversation/chat.ts";
import type { RequestResult } from "../../../client/conversation/effects.ts";
import {
  HISTORY_PAGE_MESSAGES,
  makeGapMessage,
  readPage,
} from "../../../client/conversation/history_page.ts";
import type { PageModel } from "../../model/page_model.ts";
import type { GapRow, RowList } from "../../model/row.ts";
import type { ChatSignals, Seek } from "../chat_signals.ts";

/** The session. */
export interface PlaceHost extends Pick<ChatSignals, "current" | "loadState" | "seek" | "target"> {
  readonly chat: Chat;
  readonly model: PageModel;
  /** Of the open conversation. */
  readonly rows: RowList;
  /** The next page of history, which has come, or will not. */
  readonly nextPage: { readonly promise: Promise<void> };
  readonly isClosed: boolean;
  loadEarlier(): boolean;
  open(name: string): void;
  enter(name: string): void;
  request(message: MessageParts): Promise<RequestResult>;
  update(origin: "person", change: (now: number) => void): void;
}

/** Asks once more for what is missing at `row`: the server may have it in its archive. */
export async function loadGap(host: PlaceHost, row: GapRow): Promise<void> {
  const { chat, model } = host;
  const result = await host.request(makeGapMessage(row.gap));
  host.update("person", (now) => {
    const lines = result.kind === "answered" ? result.lines : [];
    const { items } = readPage({ for: "page", target: row.gap.target }, lines, now);
    const found = chat.acceptHistory(items).filter((item) => !chat.ignoreList.isHidden(item));
    const last = found.at(-1);
    if (last === undefined || found.every(({ kind }) => kind === "gap")) {
      return chat.note("the server does not have the messages of the gap", now);
    }
    // Of a long gap the rest is a gap again.
    const rest = items.length < HISTORY_PAGE_MESSAGES
      ? []
      : [{ ...row.gap, count: undefined, after: last.time }];
    model.rows(row.gap.target).fillGap(row.key, [...found, ...rest]);
  });
}

/** Shows the message `id` of the open conversation, which may have to be loaded. What else sets `seek` ends that. */
export async function goToMessage(host: PlaceHost, id: string): Promise<void> {
  const { seek, target } = host;
  const name = host.current.value;
  while (host.rows.indexOfMessage(id) === undefined) {
    if (!host.chat.isOnline) {
      return fail(host, "Earlier messages are on the server: try again when you are connected.");
    }
    const isLoading = host.loadEarlier() || host.model.loadState(name ?? "").isLoading;
    if (!isLoading) return fail(host, "The server no longer has this message.");
    const { count } = host.rows;
    const shown: Seek = { count, time: count === 0 ? undefined : host.rows.at(0).time, fault: "" };
    seek.value = shown;
    await host.nextPage.promise;
    if (seek.value !== shown || host.isClosed) return;
    if (host.current.value !== name) return void (seek.value = undefined);
    const { failure } = host.model.loadState(name ?? "");
    if (failure !== "") return fail(host, `Earlier messages could not be read: ${failure}`);
  }
  seek.value = undefined;
  target.value = { id, nth: (target.value?.nth ?? 0) + 1 };
}

function fail({ seek }: PlaceHost, fault: string, missing: Pick<Seek, "room" | "id"> = {}): void {
  seek.value = { count: 0, time: undefined, fault, ...missing };
}

/** Opens the conversation `where`, and shows the message `id` there. */
export async function goToFound(
  host: PlaceHost,
  { where, id }: { readonly where: string; readonly id: string | undefined },
): Promise<void> {
  if (isChannelName(where) && !host.chat.wantedChannels.has(where)) {
    return fail(host, `You are not in ${where}: enter it to read this message there.`, { room: where, id });
  }
  host.open(where);
  if (id !== undefined) await goToMessage(host, id);
}

/** Enters the room of `seek`, and shows the message there. */
export function enterSought(host: PlaceHost): void {
  const { room = "", id } = host.seek.value ?? {};
  host.enter(room);
  const stop = effect(() => {
    if (!isSameName(host.current.value ?? "", room)) return;
    queueMicrotask(() => {
      stop();
      if (id !== undefined) void goToMessage(host, id);
    });
  });
}
