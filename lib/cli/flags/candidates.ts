/** What a shell offers for the value of a flag, where the table does not say it. */
import type { Candidates, CandidateSource, Flag } from "../command_syntax.ts";

/** What the value is that these placeholders stand for. */
const PATH_SOURCES: Readonly<Record<string, CandidateSource>> = {
  FILE: "files",
  PATH: "files",
  DIR: "folders",
};

/**
 * The values of `flag`: those that it declares, its choices, what its placeholder names (`FILE`), or the words in
 * lower case of a placeholder such as `DURATION|always`. Empty: any text. Undefined: it takes no value.
 */
export function valueCandidates(flag: Flag): Candidates | undefined {
  if (flag.type === "boolean") return undefined;
  if (flag.completes !== undefined) return flag.completes;
  if (flag.choices !== undefined) return { words: flag.choices };
  const source = PATH_SOURCES[flag.value ?? ""];
  if (source !== undefined) return { sources: [source] };
  const words = (flag.value ?? "").split("|").filter((word) => /^[a-z]+$/.test(word));
  return words.length === 0 ? {} : { words };
}
