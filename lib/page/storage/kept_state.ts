/** What the browser keeps of one name between two visits: rooms, people, unsent messages and drafts. */
import { casefold, isSameName } from "../../irc/names/casemap.ts";
import type { UnsentMessage } from "../../client/conversation/unsent_message.ts";
import type { Database, StoreName } from "./database.ts";
import type { TabGroup } from "./tab_group.ts";

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

/** An unsent message as it is kept. */
interface KeptMessage extends UnsentMessage {
  /** The folded name of the person. */
  readonly owner: string;
  /** The tab that sends it; once that one has gone, another one that takes it over. */
  readonly tab?: string;
  /** Why the server has refused it: it is sent again only if the person wants it. */
  readonly failure?: string | undefined;
}

/** A message that has been typed and not sent. */
export interface Unsent {
  readonly message: UnsentMessage;
  readonly failure: string | undefined;
}

export class KeptState {
  readonly #database: Database;
  readonly #name: string;
  readonly #tabs: TabGroup;
  /** Unsent messages of this tab, by their ids. */
  readonly #messages: Map<string, UnsentMessage>;
  readonly rooms: KeptRooms;
  /** Those of this tab, oldest first. */
  readonly unsent: readonly Unsent[];
  /** As `Drafts.list` has given them. */
  readonly drafts: unknown;
  /** Called where the browser does not keep something. */
  onFault: (error: unknown) => void = () => {};

  private constructor(
    database: Database,
    name: string,
    tabs: TabGroup,
    kept: Pick<KeptState, "rooms" | "unsent" | "drafts">,
  ) {
    this.#database = database;
    this.#name = name;
    this.#tabs = tabs;
    this.rooms = kept.rooms;
    this.unsent = kept.unsent;
    this.#messages = new Map(kept.unsent.map(({ message }) => [message.id, message]));
    this.drafts = kept.drafts;
  }

  static async open(database: Database, name: string, tabs: TabGroup): Promise<KeptState> {
    const owner = casefold(name);
    const { value: rooms = NO_ROOMS } =
      await database.get<{ value?: KeptRooms }>("settings", `rooms ${owner}`) ?? {};
    const drafts = await database.get<{ value: unknown }>("settings", `drafts ${owner}`);
    await tabs.join();
    const unsent = await adopt(database, owner, tabs);
    return new KeptState(database, name, tabs, { rooms, unsent, drafts: drafts?.value });
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
    await database.change<{ value: LastLogin }>(
      "settings",
      LAST_LOGIN,
      (kept) => isSameName(kept?.value.name ?? "", name) ? undefined : kept,
    );
    for (const what of ["rooms", "drafts"]) await database.delete("settings", `${what} ${owner}`);
    for (const each of await database.getAll<KeptMessage>("unsent")) {
      if (each.owner === owner) await database.delete("unsent", each.id);
    }
  }

  /** Takes over what tabs that have gone have left. */
  async adopt(): Promise<readonly Unsent[]> {
    return await adopt(this.#database, casefold(this.#name), this.#tabs);
  }

  /** Resolves once the browser keeps it, or has said that it does not. */
  noteLogin(login: Omit<LastLogin, "name">): Promise<void> {
    return this.#put("settings", { key: LAST_LOGIN, value: { name: this.#name, ...login } });
  }

  saveRooms(value: KeptRooms): void {
    void this.#put("settings", { key: `rooms ${casefold(this.#name)}`, value });
  }

  /** `failure`: why the server has refused it. */
  keepUnsent(message: UnsentMessage, failure?: string): void {
    this.#messages.set(message.id, message);
    void this.#put("unsent", { ...message, owner: casefold(this.#name), tab: this.#tabs.id, failure });
  }

  /** The server has refused the message `id`, because of `failure`. */
  noteFailure(id: string, failure: string): void {
    const message = this.#messages.get(id);
    if (message !== undefined) this.keepUnsent(message, failure);
  }

  dropUnsent(id: string): void {
    this.#messages.delete(id);
    this.#database.delete("unsent", id).catch((error) => this.onFault(error));
  }

  /** In place of those before. */
  saveDrafts(value: readonly (readonly [string, object])[]): void {
    void this.#put("settings", { key: `drafts ${casefold(this.#name)}`, value });
  }

  #put(store: StoreName, value: object): Promise<void> {
    return this.#database.put(store, value).catch((error) => this.onFault(error));
  }
}

/** Makes the unsent messages of `owner` those of this tab, except those of other tabs that are open. */
async function adopt(database: Database, owner: string, tabs: TabGroup): Promise<readonly Unsent[]> {
  return await tabs.adopt(async (isAlive) => {
    const left = (await database.getAll<KeptMessage>("unsent")).filter((kept) =>
      kept.owner === owner && !isAlive(kept.tab)
    );
    for (const { id } of left) {
      await database.change<KeptMessage>("unsent", id, (kept) => kept && { ...kept, tab: tabs.id });
    }
    return left.sort((a, b) => a.at - b.at).map(({ owner: _, tab: __, failure, ...message }) => ({
      message,
      failure,
    }));
  });
}
