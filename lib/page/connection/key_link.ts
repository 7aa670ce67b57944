/** A link that adds this browser to a name. */
import { isTargetName } from "../../irc/names/name_rules.ts";

export interface AdditionInput {
  readonly name: string;
  /** As typed. */
  readonly code: string;
}

const MALFORMED: AdditionInput = { name: "", code: "" };

/**
 * Name and code in a fragment (`#add=alice:CODE`), both empty where it has not both; undefined: it is about something
 * else. Pure.
 */
export function parseAddition(fragment: string): AdditionInput | undefined {
  const [, text] = /^#add=(.*)/is.exec(fragment) ?? [];
  if (text === undefined) return undefined;
  try {
    const [, name = "", code = ""] = /^(.+?):(.+)/.exec(decodeURIComponent(text)) ?? [];
    return isTargetName(name) ? { name, code } : MALFORMED;
  } catch {
    return MALFORMED;
  }
}

/** What the address of the page has of {@link parseAddition}: it is removed from there and from the history. */
export function takeAddition(): AdditionInput | undefined {
  const addition = parseAddition(location.hash);
  if (addition !== undefined) history.replaceState(null, "", location.pathname);
  return addition;
}
