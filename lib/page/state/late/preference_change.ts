/** What a person chooses for the page. */
import type { Preferences } from "../../model/preferences.ts";
import type { PreferenceStore } from "../preference_store.ts";

/** The session. */
interface Host {
  readonly options: { readonly preferences: PreferenceStore };
  noteStorageFault(error: unknown): void;
}

export function changePreferences(host: Host, change: Partial<Preferences>): void {
  host.options.preferences.change(change).catch((error) => host.noteStorageFault(error));
}
