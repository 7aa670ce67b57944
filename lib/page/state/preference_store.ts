/** The preferences of this browser, the same in all its tabs. */
import { signal } from "@preact/signals";
import { readPreferences } from "../model/preferences.ts";
import type { Preferences } from "../model/preferences.ts";
import type { Database } from "../storage/database.ts";

const KEY = "preferences";

export class PreferenceStore {
  readonly value = signal(readPreferences(undefined));
  readonly #channel = new BroadcastChannel("chatterbox preferences");
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
    this.#channel.onmessage = ({ data }) => this.#show(readPreferences(data));
  }

  static async open(database: Database): Promise<PreferenceStore> {
    const store = new PreferenceStore(database);
    store.#show(readPreferences((await database.get<{ value: unknown }>("settings", KEY))?.value));
    return store;
  }

  /** @throws where the browser does not keep them; they hold until the page is closed. */
  async change(change: Partial<Preferences>): Promise<void> {
    const value = { ...this.value.value, ...change };
    this.#show(value);
    this.#channel.postMessage(value);
    await this.#database.put("settings", { key: KEY, value });
  }

  /** The style sheet has both themes: `data-theme` chooses one. */
  #show(value: Preferences): void {
    this.value.value = value;
    const { dataset } = document.documentElement;
    if (value.theme === "system") delete dataset.theme;
    else dataset.theme = value.theme;
  }
}
