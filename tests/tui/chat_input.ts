import type { ViewKey } from "../../lib/client/conversation/model/views.ts";
import type { ChatInput } from "../../lib/tui/ui.ts";

/** What a user interface does with input: nothing, but for `parts`. */
export function makeInput(parts: Partial<ChatInput> = {}): ChatInput {
  return {
    take: () => {},
    completionWords: () => ({ names: [], channels: [] }),
    pageUp: () => {},
    ...parts,
  };
}

const views = new Map<string, ViewKey>();

/** The view called `name`: each time the same. */
export function viewOf(name: string): ViewKey {
  const folded = name.toLowerCase();
  const view = views.get(folded) ?? { name };
  views.set(folded, view);
  return view;
}
