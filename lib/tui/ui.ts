/** The user interface of a chat: a terminal with an input line, or plain lines in and out. */
import type { CompletionWords } from "../client/conversation/chat.ts";
import type { SendingPlan } from "../client/commands/messages/text_sending.ts";
import type { ViewMove } from "../client/commands/view_commands.ts";
import type { ChatEntry } from "../client/conversation/model/chat_entry.ts";
import type { RenderContext } from "./view/spans.ts";
import type { ViewKey } from "../client/conversation/model/views.ts";
import type { StyledSpan } from "./view/styled_line.ts";

export interface ChatUi {
  /** Shows lines, in order; at a terminal in the place of the last `replaced` rows that have been shown. */
  show(lines: readonly (readonly StyledSpan[])[], replaced?: number): void;
  /** Columns of the terminal; left out: there is none, and each entry is a line. */
  readonly columns?: number | undefined;
  /** The last rows of what was shown that can still be replaced; left out: none. */
  readonly replaceableRows?: number;
  /**
   * The lines of `entry` where the interface has a form of its own; left out: it has none. `view`: as for {@link prompt}.
   */
  renderEntry?(entry: ChatEntry, reader: RenderContext, view: string | undefined): StyledSpan[][];
  /** Sets the prompt before the input line. `view`: the conversation that is shown; undefined: none. */
  prompt(text: string, view: ViewKey | undefined): void;
  /** Shows messages that the server has not acknowledged, above the input line, in place of those of the last call. */
  showUnsent?(lines: readonly (readonly StyledSpan[])[]): void;
  /** Clears the screen, if there is one. */
  clear?(): void;
  /** Hands over all input; resolves at its end. */
  run(input: ChatInput): Promise<InputEnd>;
  /** Restores the terminal. */
  close(): void;
}

/** What became of a text in the person's editor. `why`: it is not changed. */
export type OutsideEdit = { readonly text: string } | { readonly why: string };

/** Texts that have not been sent, in as few as the input line can hold; the first one is to be sent first. */
export interface UnsentTexts {
  readonly view: ViewKey;
  readonly texts: readonly string[];
}

/** Sends lines as the outbox has room for them. */
export interface LineSender {
  /** Sends `text`, which is no command, to `view`; false: nothing can be said there. */
  say(text: string, view: ViewKey): boolean;
  /** Whether a line that a person enters now is sent at once. */
  hasRoom(): boolean;
  /** Resolves when there is room for another message, also where that takes a connection. */
  waitForRoom(): Promise<void>;
}

/** What a user interface does with input. */
export interface ChatInput {
  /** Called for each line; the next one of a pipe waits for the end of what is returned. */
  take(line: string): void | Promise<void>;
  /** Left out: each line is taken, and keys wait for the end of what {@link take} returns. */
  readonly sender?: LineSender;
  /**
   * `line` may ask for the person's editor, which `open` opens with a text; undefined: it does not. Resolves with a text
   * that could not be sent.
   */
  editMessage?(
    line: string,
    open: (text: string) => Promise<OutsideEdit>,
  ): Promise<string | undefined> | undefined;
  /** `line` was put into the line, without a key: the draft of the view. */
  restored?(line: string): void;
  /** A key was pressed, and the line is `line` now. */
  typed?(line: string): void;
  /**
   * The words that the key Tab completes behind `before`, a part of the line; `later` is called when further ones are
   * known.
   */
  completionWords(before: string, later: () => void): CompletionWords;
  /** The person wants to see what came before (the key PgUp). */
  pageUp(): void;
  /** What becomes of `line` if it is entered now; undefined: it is no message, or goes nowhere. */
  plan?(line: string): SendingPlan | undefined;
  /** The line that stands for `line` while it is typed; undefined: it stays. */
  expand?(line: string): string | undefined;
  /** The person wants another view to be the current one. */
  goTo?(move: ViewMove): void;
  /** The terminal says whether it gets what is typed. */
  focus?(isFocused: boolean): void;
}

/**
 * Why input ended: Ctrl-C or end of file (Ctrl-D), both on an empty line; a closed terminal; or a read error (a
 * folder).
 */
export type InputEnd = "interrupt" | "end" | "gone" | "unreadable";
