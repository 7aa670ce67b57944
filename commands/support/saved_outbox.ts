/** What somebody at a terminal had typed when he was here last, and the server has not got. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { stateDir } from "../../lib/cli/files/user_dirs.ts";
import type { ClientLogin } from "./client_login.ts";
import { openOutbox, OutboxError } from "../../lib/client/sending/outbox_store.ts";
import type { OutboxStore } from "../../lib/client/sending/outbox_store.ts";
import type { UnsentMessage } from "../../lib/client/conversation/unsent_message.ts";

/** What was typed and not acknowledged, and where that is kept; no store: nowhere. */
export interface SavedOutbox {
  readonly store: OutboxStore | undefined;
  readonly unsent: readonly UnsentMessage[];
}

/** What comes through a pipe is its sender's to keep: the exit code tells whether all of it was sent. */
export const NO_SAVED_OUTBOX: SavedOutbox = { store: undefined, unsent: [] };

/** What is kept under the name. Where that cannot be known, it is said, and nothing is kept. */
export function openSavedOutbox({ address, name }: ClientLogin, io: Io): SavedOutbox {
  const without = (why: string): SavedOutbox => {
    io.stderr.write(
      `chatterbox: what you type is not kept on disk until it has arrived: ${toPrintable(why)}\n`,
    );
    return NO_SAVED_OUTBOX;
  };
  const dir = stateDir(io.env);
  if (dir === undefined) return without("no folder is known for it (HOME is not set)");
  const opened = openOutbox(`${dir}/outbox`, address, name);
  if (opened.kind === "bad") return without(`${opened.path}: ${opened.why}`);
  const { store } = opened;
  try {
    const unsent = store.list();
    for (const path of store.setAside) {
      io.stderr.write(`chatterbox: a message that was kept is damaged; set aside as ${toPrintable(path)}\n`);
    }
    return { store, unsent };
  } catch (error) {
    if (error instanceof OutboxError) return without(error.message);
    throw error;
  }
}
