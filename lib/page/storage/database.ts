/** What the page keeps in the browser (IndexedDB): keys of names, unsent messages, drafts and settings. */

const DATABASE = "chatterbox";
const VERSION = 1;

/** A store, and the property that identifies its values. */
const STORES = { keys: "name", unsent: "id", settings: "key" } as const;

export type StoreName = keyof typeof STORES;

export class Database {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  /** @throws where the browser keeps nothing, as in some private windows. */
  static async open(): Promise<Database> {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) {
        request.result.createObjectStore(name, { keyPath });
      }
    };
    return new Database(await settle(request));
  }

  get<T>(store: StoreName, key: string): Promise<T | undefined> {
    return settle(this.#database.transaction(store).objectStore(store).get(key));
  }

  getAll<T>(store: StoreName): Promise<T[]> {
    return settle(this.#database.transaction(store).objectStore(store).getAll());
  }

  /** Resolves once `value` is on its way to the disk. */
  async put(store: StoreName, value: object): Promise<void> {
    await settle(this.#write(store).put(value));
  }

  async delete(store: StoreName, key: string): Promise<void> {
    await settle(this.#write(store).delete(key));
  }

  #write(store: StoreName): IDBObjectStore {
    return this.#database.transaction(store, "readwrite").objectStore(store);
  }
}

function settle<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
