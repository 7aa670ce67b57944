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

  /** Resolves once `value` is on its way to the disk. @throws where the browser does not keep it: its quota is used up. */
  put(store: StoreName, value: object): Promise<void> {
    return this.#write(store, (target) => commit(target.put(value)));
  }

  delete(store: StoreName, key: string): Promise<void> {
    return this.#write(store, (target) => commit(target.delete(key)));
  }

  /**
   * Puts what `decide` makes of the value `key` in its place, with no other tab in between; undefined: there is none.
   * Resolves with what is there then.
   *
   * @throws as {@link put}
   */
  async change<T extends object>(
    store: StoreName,
    key: string,
    decide: (kept: T | undefined) => T | undefined,
  ): Promise<T | undefined> {
    let value: T | undefined;
    await this.#write(store, (target) => {
      const request: IDBRequest<T | undefined> = target.get(key);
      request.onsuccess = () => {
        value = decide(request.result);
        if (value === undefined) commit(target.delete(key));
        else if (value !== request.result) commit(target.put(value));
      };
    });
    return value;
  }

  /** That the disk is full shows when the transaction is complete, not when its requests are. */
  #write(store: StoreName, run: (target: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(store, "readwrite");
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      run(transaction.objectStore(store));
    });
  }
}

/**
 * With this the last request of a transaction is kept also where the page is closed, loaded again or crashes in that
 * moment: a transaction that commits by itself does so only after the page has handled its requests.
 */
function commit({ transaction }: IDBRequest): void {
  transaction!.commit();
}

function settle<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
