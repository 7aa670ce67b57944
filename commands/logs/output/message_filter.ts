/** Which messages `logs` was asked for, by their sender and text. */
import type { MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { isCtcp } from "../../../lib/client/conversation/model/entry_parser.ts";
import { casefold } from "../../../lib/irc/names/casemap.ts";
import { stripFormatting } from "../../../lib/tui/view/message_text.ts";
import type { CaseChoice, TextPattern } from "./text_pattern.ts";

export interface FilterFlags {
  readonly from?: string | undefined;
  readonly grep?: string | undefined;
  readonly "ignore-case": boolean;
  readonly "case-sensitive": boolean;
  readonly "after-context"?: number | undefined;
  readonly "before-context"?: number | undefined;
  readonly context?: number | undefined;
}

export interface MessageFilter {
  readonly pattern: TextPattern | undefined;
  readonly isWanted: (entry: MessageEntry) => boolean;
  /** Not for people. */
  readonly isHidden: (entry: MessageEntry) => boolean;
  readonly before: number;
  readonly after: number;
}

/**
 * `isJson`: programs get CTCP queries, too.
 *
 * @throws {UsageError} The pattern is none.
 */
export async function makeMessageFilter(flags: FilterFlags, isJson: boolean): Promise<MessageFilter> {
  const { from, grep, context = 0 } = flags;
  const author = from === undefined ? undefined : casefold(from);
  let pattern: TextPattern | undefined;
  if (grep !== undefined) {
    const { compilePattern } = await import("./text_pattern.ts");
    pattern = await compilePattern(grep, chooseCase(flags));
  }
  const isHidden = isJson ? () => false : isCtcp;
  return {
    pattern,
    isHidden,
    isWanted: (entry) =>
      !isHidden(entry) && (author === undefined || casefold(entry.from) === author) &&
      (pattern === undefined || pattern.isIn(stripFormatting(entry.text))),
    before: flags["before-context"] ?? context,
    after: flags["after-context"] ?? context,
  };
}

function chooseCase(flags: FilterFlags): CaseChoice {
  if (flags["ignore-case"]) return "ignore";
  return flags["case-sensitive"] ? "respect" : "smart";
}
