/** Messages that were typed in `join` and not acknowledged by the server, across runs. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { stateDir } from "../../lib/cli/files/user_dirs.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { openOutbox, OutboxError } from "../../lib/client/sending/outbox_store.ts";
import type { OutboxStore } from "../../lib/client/sending/outbox_store.ts";
import { isServiceName } from "../../lib/client/commands/arguments.ts";
import type { UnsentMessage, UnsentMessageStore } from "../../lib/client/conversation/unsent_message.ts";

/** Unacknowledged messages of earlier runs, and where they are kept; no store: nowhere. */
export interface SavedOutbox {
  readonly store: ChatOutboxStore | undefined;
  readonly unsent: readonly UnsentMessage[];
}

/** Input from a pipe is not kept: the exit code tells whether all of it was sent. */
export const NO_SAVED_OUTBOX: SavedOutbox = { store: undefined, unsent: [] };

/** Keeps what is typed, but for what is told to a service: it may be a passphrase. */
export class ChatOutboxStore implements UnsentMessageStore {
  readonly #store: OutboxStore;
  readonly #notKept = new Set<string>();

  constructor(store: OutboxStore) {
    this.#store = store;
  }

  /** Unacknowledged messages to services. */
  get notKeptCount(): number {
    return this.#notKept.size;
  }

  add(message: UnsentMessage): void {
    if (isServiceName(message.target)) this.#notKept.add(message.id);
    else this.#store.add(message);
  }

  remove(id: string): void {
    if (!this.#notKept.delete(id)) this.#store.remove(id);
  }
}

/** Opens the store of our name. If that fails, standard error says why, and nothing is kept. */
export function openSavedOutbox({ address, name }: ClientLogin, io: Io): SavedOutbox {
  const without = (why: string): SavedOutbox => {
    io.stderr.write(
      `chatterbox: unsent messages will not outlive this run: ${toPrintable(why)}\n`,
    );
    return NO_SAVED_OUTBOX;
  };
  const dir = stateDir(io.env);
  if (dir === undefined) return without("there is no state folder (HOME is not set)");
  const opened = openOutbox(`${dir}/outbox`, address, name);
  if (opened.kind === "bad") return without(`${opened.path}: ${opened.why}`);
  const { store } = opened;
  try {
    const unsent = store.list();
    for (const path of store.setAside) {
      io.stderr.write(`chatterbox: a saved message is damaged; renamed to ${toPrintable(path)}\n`);
    }
    return { store: new ChatOutboxStore(store), unsent };
  } catch (error) {
    if (error instanceof OutboxError) return without(error.message);
    throw error;
  }
}
