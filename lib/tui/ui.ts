/** The user interface of a chat: a terminal with an input line, or plain lines in and out. */
import type { CompletionWords } from "../client/conversation/chat.ts";
import type { StyledSpan } from "./view/styled_line.ts";

export interface ChatUi {
  /** Shows lines, in order. */
  show(lines: readonly (readonly StyledSpan[])[]): void;
  /** Sets the prompt before the input line. */
  prompt(text: string): void;
  /**
   * Calls `take` for each line of input and waits for it; resolves at the end of input. `pageUp`: the person wants to see
   * what came before.
   */
  run(
    take: (line: string) => void | Promise<void>,
    completionWords: () => CompletionWords,
    pageUp: () => void,
  ): Promise<InputEnd>;
  /** Restores the terminal. */
  close(): void;
}

/**
 * Why input ended: Ctrl-C or end of file (Ctrl-D), both on an empty line; a closed terminal; or a read error (a
 * folder).
 */
export type InputEnd = "interrupt" | "end" | "gone" | "unreadable";
