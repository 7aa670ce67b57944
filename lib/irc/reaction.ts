/** Reactions to messages (https://ircv3.net/specs/client-tags/react, https://ircv3.net/specs/client-tags/reply), as clients show them. Pure. */
import type { Message } from "./message.ts";
import { parseSource } from "./message.ts";

export const REACT_TAG = "+draft/react";
const UNREACT_TAG = "+draft/unreact";
export const REPLY_TAG = "+draft/reply";

/** What was reacted to is quoted up to so many characters: enough to recognise it. */
const MAX_EXCERPT_CHARACTERS = 40;
/** A reaction is an emoji or a word; a server lets longer ones through. */
const MAX_REACTION_CHARACTERS = 20;

export interface Reaction {
  /** The channel that it was sent to, or the person. */
  readonly target: string;
  readonly from: string;
  /** At most {@link MAX_REACTION_CHARACTERS} characters, and a mark where it was cut. */
  readonly text: string;
  /** It is taken back. */
  readonly removed: boolean;
  /** The id of the message that it is about; undefined: it does not say. */
  readonly to: string | undefined;
}

/** The reaction in `message`; undefined: it is none. */
export function parseReaction({ command, tags, source, params: [target] }: Message): Reaction | undefined {
  if (command !== "TAGMSG" || source === undefined || target === undefined) return undefined;
  const text = tags.get(REACT_TAG) || tags.get(UNREACT_TAG);
  if (text === undefined || text === "") return undefined;
  return {
    target,
    from: parseSource(source).nick,
    text: truncateCharacters(text, MAX_REACTION_CHARACTERS),
    removed: !tags.get(REACT_TAG),
    to: tags.get(REPLY_TAG) || tags.get("+reply"),
  };
}

/** The beginning of `text`, to recognise it by. */
export function makeExcerpt(text: string): string {
  return truncateCharacters(text.replace(/\s+/g, " "), MAX_EXCERPT_CHARACTERS);
}

function truncateCharacters(text: string, most: number): string {
  const characters = Array.from(text.slice(0, 2 * most + 2)); // two units make a character at the most
  return characters.length <= most ? text : characters.slice(0, most).join("") + "…";
}
