/** Keys that come to this browser from another device, and what may go wrong; and keys that go from it. */
import { toPrintable } from "../../../base/printable_text.ts";
import { deriveParcelId, openParcel, parseShareCode } from "../../../irc/key_share.ts";
import type { Message } from "../../../irc/message.ts";
import { isTargetName } from "../../../irc/names/name_rules.ts";
import { fetchParcel } from "../../connection/key_fetch.ts";
import { BrowserKey } from "../../storage/browser_key.ts";
import type { Database } from "../../storage/database.ts";
import { KeptState } from "../../storage/kept_state.ts";
import { logOutTabs } from "../../storage/other_tabs.ts";
import type { AdditionInput } from "../../connection/key_link.ts";

/** The page (`app.ts`). */
export interface KeyHost {
  readonly database: Database | undefined;
  readonly url: string;
  begin(): () => boolean;
  enter(login: { readonly name: string; readonly passphrase: ""; readonly password: "" }): Promise<void>;
  ask(view: { readonly name: string }): Promise<void>;
  showAddition(input: AdditionInput, view: { readonly problem: string }): void;
}

/** Fetches the key for a code, keeps it, and enters, unless the person wants something else by then. */
export async function addBrowser(app: KeyHost, input: AdditionInput): Promise<void> {
  const isCurrent = app.begin();
  const problem = await addKey(app.database!, app.url, input);
  if (!isCurrent()) return;
  if (problem === undefined) await app.enter({ name: input.name, passphrase: "", password: "" });
  else app.showAddition(input, { problem });
}

/** Forgets the key of `name`, and all that is kept of it, after the tabs that would keep more have logged out. */
export async function forgetName(app: KeyHost, name: string): Promise<void> {
  const isCurrent = app.begin();
  const database = app.database!;
  await logOutTabs(name);
  await BrowserKey.forget(database, name);
  await KeptState.forget(database, name);
  if (isCurrent()) await app.ask({ name: "" });
}

/** Fetches the key from the server at `url` and keeps it. The value says why that is not possible; undefined: done. */
async function addKey(
  database: Database,
  url: string,
  { name, code: typed }: AdditionInput,
): Promise<string | undefined> {
  const code = parseShareCode(typed);
  if (!isTargetName(name)) return "A name has no spaces and no commas.";
  if (code === undefined) return "A code has 16 letters and digits, such as 7ZQK-4M0X-V1D8-RBTA.";
  if (await BrowserKey.has(database, name)) {
    return `This browser has a key of ${name} already: enter with it, or have it forgotten first.`;
  }
  const answer = await fetchParcel(url, await deriveParcelId(code, name));
  if (answer?.command !== "KEYSHARE") return describeFetchFailure(answer, name);
  const key = await openParcel(code, name, answer.params[2] ?? "");
  if (key === undefined) return "What the server has for this code cannot be opened. Make another code.";
  return await BrowserKey.keep(database, name, key)
    ? undefined
    : `Meanwhile another tab has made a key of ${name}, which stays; the key of the code is not kept.`;
}

/** The words for an answer without a parcel; undefined: there was none. */
export function describeFetchFailure(answer: Message | undefined, name: string): string {
  switch (answer?.params[1]) {
    case "NO_SUCH_PARCEL":
      return `There is no such code for ${name}. Check both.`;
    case "ALREADY_FETCHED":
      return "This code has been used already. Make another one; if you did not use it, change the key.";
    case "PARCEL_EXPIRED":
      return "This code has expired or was withdrawn. Make another one.";
    default:
      return answer === undefined
        ? "The server cannot be reached. Try again."
        : `The server refuses: ${toPrintable(answer.params.at(-1) ?? "")}`;
  }
}
