/** What the browser keeps of one name between two visits: rooms, people, unsent messages and drafts. */
import { casefold } from "../../irc/names/casemap.ts";
import type { UnsentMessage } from "../../client/conversation/unsent_message.ts";
import type { Database } from "./database.ts";

export interface LastLogin {
  readonly name: string;
  readonly isByPassphrase: boolean;
  /** Of the server; "": it has none. */
  readonly password: string;
}

/** The conversations that were open. */
interface KeptRooms {
  readonly rooms: readonly string[];
  readonly direct: readonly string[];
  readonly current: string | undefined;
  readonly ignored: readonly string[];
}

const NO_ROOMS: KeptRooms = { rooms: [], direct: [], current: undefined, ignored: [] };
const LAST_LOGIN = "last login";

interface Owned {
  /** The folded name of the person. */
  readonly owner: string;
}

export class KeptState {
  readonly #database: Database;
  readonly #name: string;
  readonly rooms: KeptRooms;
  /** Oldest first. */
  readonly unsent: readonly UnsentMessage[];
  /** As `Drafts.list` has given them. */
  readonly drafts: unknown;

  private constructor(
    database: Database,
    name: string,
    kept: Pick<KeptState, "rooms" | "unsent" | "drafts">,
  ) {
    this.#database = database;
    this.#name = name;
    this.rooms = kept.rooms;
    this.unsent = kept.unsent;
    this.drafts = kept.drafts;
  }

  static async open(database: Database, name: string): Promise<KeptState> {
    const owner = casefold(name);
    const isOwn = (value: Owned) => value.owner === owner;
    const { value: rooms = NO_ROOMS } =
      await database.get<{ value?: KeptRooms }>("settings", `rooms ${owner}`) ?? {};
    const unsent = (await database.getAll<UnsentMessage & Owned>("unsent")).filter(isOwn);
    const drafts = await database.get<{ value: unknown }>("settings", `drafts ${owner}`);
    return new KeptState(database, name, {
      rooms,
      unsent: unsent.map(({ owner: _, ...message }) => message).sort((a, b) => a.at - b.at),
      drafts: drafts?.value,
    });
  }

  static async readLastLogin(database: Database): Promise<LastLogin | undefined> {
    return (await database.get<{ value: LastLogin }>("settings", LAST_LOGIN))?.value;
  }

  static async forgetLastLogin(database: Database): Promise<void> {
    await database.delete("settings", LAST_LOGIN);
  }

  /** Removes all that is kept of `name`. */
  static async forget(database: Database, name: string): Promise<void> {
    const owner = casefold(name);
    for (const what of ["rooms", "drafts"]) await database.delete("settings", `${what} ${owner}`);
    for (const each of await database.getAll<UnsentMessage & Owned>("unsent")) {
      if (each.owner === owner) await database.delete("unsent", each.id);
    }
  }

  async noteLogin(login: Omit<LastLogin, "name">): Promise<void> {
    await this.#database.put("settings", { key: LAST_LOGIN, value: { name: this.#name, ...login } });
  }

  async saveRooms(value: KeptRooms): Promise<void> {
    await this.#database.put("settings", { key: `rooms ${casefold(this.#name)}`, value });
  }

  async keepUnsent(message: UnsentMessage): Promise<void> {
    await this.#database.put("unsent", { ...message, owner: casefold(this.#name) });
  }

  async dropUnsent(id: string): Promise<void> {
    await this.#database.delete("unsent", id);
  }

  /** In place of those before. */
  async saveDrafts(value: readonly (readonly [string, object])[]): Promise<void> {
    await this.#database.put("settings", { key: `drafts ${casefold(this.#name)}`, value });
  }
}
