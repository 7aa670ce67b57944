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
