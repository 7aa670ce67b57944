/** What a chat keeps on disk, and what is told where that fails. */
import { callAfter as callLater } from "../base/deadlines.ts";
import type { Chat } from "../client/conversation/chat.ts";
import type { Effect } from "../client/conversation/effects.ts";
import type { UnsentMessageStore } from "../client/conversation/unsent_message.ts";

/** Where to go on the next time. */
export interface KeptRooms {
  readonly rooms: readonly string[];
  /** A room or a person; undefined: no view is current. */
  readonly current: string | undefined;
}

/** Each saves something, and may throw a disk error; left out: it ends with the program. */
export interface ChatStorage {
  /** Keeps messages until they are acknowledged. */
  readonly store?: UnsentMessageStore | undefined;
  readonly keepIgnored?: ((names: readonly string[]) => void) | undefined;
  readonly keepSettings?: ((name: string, value: string) => void) | undefined;
  /** The rooms that we want to be in, and the current view. */
  readonly keepRooms?: ((kept: KeptRooms) => void) | undefined;
  /** Calls `then` after `ms`; the function returned cancels it. */
  readonly later?: typeof callLater;
}

/** The current view on disk is at most so old: a person may go through many. */
const VIEW_AGE_MS = 500;

type SavedEffect = Effect & { readonly kind: "keep" | "drop" | "ignored" | "settings" };

/** Saves; what it returns tells of a failure. */
export class ChatSaver {
  readonly #storage: ChatStorage;
  #storeFailed = false;
  /** The rooms kept last, in one text; undefined: none were. */
  #keptRooms: string | undefined;
  #keptView: string | undefined;
  /** Cancels the timer that keeps the current view; undefined: it is not set. */
  #cancelTimer: (() => void) | undefined;
  /** A failure of that timer, to be told with the next change. */
  #failure: string | undefined;

  constructor(storage: ChatStorage) {
    this.#storage = storage;
  }

  save(effect: SavedEffect): string | undefined {
    const { keepIgnored, keepSettings } = this.#storage;
    switch (effect.kind) {
      case "keep":
        return this.#changeStore((store) => store.add(effect.message));
      case "drop":
        return this.#changeStore((store) => store.remove(effect.id));
      case "ignored":
        return trySaving("ignore list", () => keepIgnored?.(effect.names));
      case "settings":
        return trySaving("choice", () => keepSettings?.(effect.name, effect.chosen[effect.name] ?? ""));
    }
  }

  /** Keeps the rooms if they have changed, and soon the current view; when `leaving`, at once. */
  saveRooms(chat: Chat, leaving: boolean): string | undefined {
    if (this.#storage.keepRooms === undefined) return undefined;
    const { current } = chat.views;
    if (leaving || this.#keptRooms !== [...chat.wantedChannels].join(" ")) this.#saveRooms(chat);
    else if (current !== this.#keptView && this.#cancelTimer === undefined) {
      const { later = callLater } = this.#storage;
      this.#cancelTimer = later(VIEW_AGE_MS, () => this.#saveRooms(chat));
    }
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  #saveRooms({ wantedChannels, views: { current } }: Chat): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const rooms = [...wantedChannels];
    const text = rooms.join(" ");
    if (text === this.#keptRooms && current === this.#keptView) return;
    this.#keptRooms = text;
    this.#keptView = current;
    this.#failure = trySaving("list of rooms", () => this.#storage.keepRooms?.({ rooms, current }));
  }

  /** Changes the stored messages. The first failure is told; the chat goes on without a store. */
  #changeStore(change: (store: UnsentMessageStore) => void): string | undefined {
    const { store } = this.#storage;
    if (store === undefined) return undefined;
    try {
      change(store);
      return undefined;
    } catch (error) {
      if (this.#storeFailed) return undefined;
      this.#storeFailed = true;
      const why = error instanceof Error ? error.message : String(error);
      return `unsent messages cannot be saved, and are lost if this program crashes: ${why}`;
    }
  }
}

function trySaving(what: string, save: () => void): string | undefined {
  try {
    save();
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `the ${what} cannot be saved, and ends with this program: ${why}`;
  }
}
