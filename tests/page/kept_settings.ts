/** What a browser keeps for the page, as a test reads it. */
import type { Page } from "playwright-core";

/** Keys of the settings that the browser of `page` keeps, once all that was being stored is stored. */
export function keptSettings(page: Page): Promise<IDBValidKey[]> {
  return page.evaluate(() =>
    new Promise((resolve) => {
      const opening = indexedDB.open("chatterbox");
      opening.onsuccess = () => {
        const { result: database } = opening;
        const reading = database.transaction("settings").objectStore("settings").getAllKeys();
        reading.onsuccess = () => {
          database.close();
          resolve(reading.result);
        };
      };
    })
  );
}
