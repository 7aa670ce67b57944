/** What is done by code that is loaded later (`ui/on_demand/second_part.ts`). */
import type { addKey, forgetName } from "./key_addition.ts";
import type { executePageCommand } from "./page_commands.ts";

export interface LateActions {
  readonly addKey: typeof addKey;
  readonly forgetName: typeof forgetName;
  readonly executePageCommand: typeof executePageCommand;
}
