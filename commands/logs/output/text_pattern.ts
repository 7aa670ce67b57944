/** The pattern of `logs --grep`: RE2, so that no pattern takes more than linear time. */
import type { TextRange } from "../../../lib/base/search_terms.ts";
import { UsageError } from "../../../lib/cli/flags/command_definition.ts";

/** Longest pattern, in UTF-16 code units. */
const MAX_PATTERN_LENGTH = 1000;

/** `\S`, `\p{Lu}`, `\x1F`, `(?P<Name>`: upper case that is not the text's. */
const NOT_LITERAL = /\\(?:[pP](?:\{[^}]*\}|.)|x\{[^}]*\}|x..|u\{[^}]*\}|u....|.)|\(\?P?<\w+>/gsu;

export interface TextPattern {
  /** Steps that it may take for each character of a text. */
  readonly size: number;
  isIn(text: string): boolean;
  /** In order, without overlap, none of them empty. */
  findAll(text: string): TextRange[];
}

export type CaseChoice = "ignore" | "respect" | "smart";

/**
 * Smart case: upper and lower case differ if the pattern has upper case.
 *
 * @throws {UsageError} The pattern is none that RE2 knows, or too long.
 */
export async function compilePattern(source: string, choice: CaseChoice): Promise<TextPattern> {
  if (source.length > MAX_PATTERN_LENGTH) {
    throw new UsageError(`--grep: the pattern is longer than ${MAX_PATTERN_LENGTH} characters`);
  }
  const { RE2JS, RE2JSException } = await import("re2js");
  const ignoresCase = choice === "ignore" || choice === "smart" && !hasUpperCase(source);
  try {
    const flags = ignoresCase ? RE2JS.CASE_INSENSITIVE : 0;
    const compiled = RE2JS.compile(RE2JS.translateRegExp(source), flags);
    return {
      size: compiled.programSize(),
      isIn: (text) => compiled.test(text),
      findAll(text) {
        const ranges: TextRange[] = [];
        const matcher = compiled.matcher(text);
        while (matcher.find()) {
          const [start, end] = [matcher.start(), matcher.end()];
          if (start < end) ranges.push({ start, end });
        }
        return ranges;
      },
    };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const hint = /\(\?<?[=!]|\\[1-9]/.test(source)
      ? "; lookaround and backreferences are not known, because they can take exponential time"
      : "";
    throw new UsageError(`--grep: ${error.message.replace("(?i)", "")}${hint}`);
  }
}

function hasUpperCase(source: string): boolean {
  return /\p{Lu}/u.test(source.replace(NOT_LITERAL, ""));
}
