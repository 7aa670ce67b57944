/** The two ways the chat meets a person (or a script): a terminal with a line to edit, or plain lines in and out. */
import type { CompletionWords } from "../client/conversation/chat.ts";
import type { StyledSpan } from "./view/styled_line.ts";

export interface ChatUi {
  /** Shows lines, in order. */
  show(lines: readonly (readonly StyledSpan[])[]): void;
  /** What stands before the line that is typed. */
  prompt(text: string): void;
  /** Calls `take` for each line; resolves when there will be no more. `take` may put off the next line. */
  run(take: (line: string) => void | Promise<void>, vocabulary: () => CompletionWords): Promise<InputEnd>;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** Why no more lines come: Ctrl-C on an empty line, the end of input (Ctrl-D on an empty line), or input that can't be read (a folder). */
export type InputEnd = "interrupt" | "end" | "unreadable";
