/**
 * Channels that users are in, while the archive is written. Of many changes in one transaction the last one of each
 * user is written, and of that only the difference: a user may be in hundreds of channels.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ConversationTable } from "./conversation_table.ts";

export class MemberTable {
  readonly #db: DatabaseSync;
  readonly #conversations: ConversationTable;
  readonly #get: StatementSync;
  readonly #join: StatementSync;
  readonly #leave: StatementSync;
  /** Channels (folded) by folded nick, not written yet. */
  readonly #changed = new Map<string, readonly string[]>();

  constructor(db: DatabaseSync, conversations: ConversationTable) {
    this.#db = db;
    this.#conversations = conversations;
    this.#get = db.prepare("SELECT conversation FROM member WHERE nick = ?");
    this.#join = db.prepare("INSERT INTO member VALUES (?, ?)");
    this.#leave = db.prepare("DELETE FROM member WHERE nick = ? AND conversation = ?");
  }

  /** Channels (folded) of each user (folded nick), as written. */
  read(): Map<string, string[]> {
    const members = new Map<string, string[]>();
    const rows = this.#db.prepare(
      "SELECT nick, name FROM member JOIN conversation ON id = conversation WHERE retired = 0 ORDER BY nick, name",
    ).all();
    for (const { nick, name } of rows) {
      const channels = members.get(String(nick)) ?? [];
      channels.push(String(name));
      members.set(String(nick), channels);
    }
    return members;
  }

  /** From here on the user is in `channels` (folded) alone. */
  set(nick: string, channels: readonly string[]): void {
    this.#changed.set(nick, channels);
  }

  /** From here on no user is in any channel. */
  clear(): void {
    this.#changed.clear();
    this.#db.exec("DELETE FROM member");
  }

  /** Writes what has changed; before the transaction ends, and before a name belongs to another conversation. */
  flush(): void {
    for (const [nick, channels] of this.#changed) this.#write(nick, channels);
    this.#changed.clear();
  }

  /** Forgets what is not written, after a transaction that was rolled back. */
  discard(): void {
    this.#changed.clear();
  }

  #write(nick: string, channels: readonly string[]): void {
    const left = new Set(this.#get.all(nick).map(({ conversation }) => Number(conversation)));
    for (const name of channels) {
      const { id } = this.#conversations.findOrCreate({ kind: "channel", name }, name);
      if (!left.delete(id)) this.#join.run(nick, id);
    }
    for (const id of left) this.#leave.run(nick, id);
  }
}
