/** What a chat keeps on disk, and what is told where that fails. */
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
  readonly keepSettings?: ((chosen: Readonly<Record<string, string>>) => void) | undefined;
  /** The rooms that we want to be in, and the current view. */
  readonly keepRooms?: ((kept: KeptRooms) => void) | undefined;
}

type SavedEffect = Effect & { readonly kind: "keep" | "drop" | "ignored" | "settings" };

/** Saves; what it returns tells of a failure. */
export class ChatSaver {
  readonly #storage: ChatStorage;
  #storeFailed = false;
  /** The rooms kept last, in one text; undefined: none were. */
  #keptRooms: string | undefined;

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
        return trySaving("choice", () => keepSettings?.(effect.chosen));
    }
  }

  /** Keeps the rooms if they have changed; when `leaving`, also the current view. */
  saveRooms({ wantedChannels, views }: Chat, leaving: boolean): string | undefined {
    const { keepRooms } = this.#storage;
    const rooms = [...wantedChannels];
    const text = rooms.join(" ");
    if (keepRooms === undefined || text === this.#keptRooms && !leaving) return undefined;
    this.#keptRooms = text;
    return trySaving("list of rooms", () => keepRooms({ rooms, current: views.current }));
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
