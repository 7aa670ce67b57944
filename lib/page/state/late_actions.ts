/** What is done by code that is loaded later (`ui/on_demand/contents.ts`). */
import type { explainLoginFailure } from "./late/login_failure.ts";
import type { goToMessage, loadGap } from "./late/message_places.ts";
import type { executePageCommand } from "./late/page_commands.ts";

export interface LateActions {
  readonly explainLoginFailure: typeof explainLoginFailure;
  readonly executePageCommand: typeof executePageCommand;
  readonly goToMessage: typeof goToMessage;
  readonly loadGap: typeof loadGap;
}

/** Loads it, unless it is there; undefined: it cannot be loaded. `isAsked`: by the person, who is told of that. */
export type LoadActions = (isAsked?: boolean) => Promise<LateActions | undefined>;
