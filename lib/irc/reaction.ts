/**
 * Reactions to messages (https://ircv3.net/specs/client-tags/react, https://ircv3.net/specs/client-tags/reply) in the
 * form that clients show. Pure.
 */
import type { Message } from "./message.ts";
import { parseSource } from "./message.ts";

export const REACT_TAG = "+draft/react";
export const UNREACT_TAG = "+draft/unreact";
export const REPLY_TAG = "+draft/reply";

/** Longest quote of the message reacted to: enough to recognise it. */
const MAX_EXCERPT_CHARACTERS = 40;
/** Longest reaction shown, an emoji or a word; servers also relay longer ones. */
const MAX_REACTION_CHARACTERS = 20;

export interface Reaction {
  /** The channel or nick that it was sent to. */
  readonly target: string;
  readonly from: string;
  /** At most {@link MAX_REACTION_CHARACTERS} characters; "…" marks a cut. */
  readonly text: string;
  /** The reaction is withdrawn. */
  readonly removed: boolean;
  /** Id of the message reacted to; undefined if the client did not state it. */
  readonly to: string | undefined;
}

/** The reaction in `message`; undefined if it holds none. */
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

/** The beginning of `text`, long enough to recognise it. */
export function makeExcerpt(text: string): string {
  return truncateCharacters(text.replace(/\s+/g, " "), MAX_EXCERPT_CHARACTERS);
}

function truncateCharacters(text: string, most: number): string {
  const characters = Array.from(text.slice(0, 2 * most + 2)); // a character has at most two units
  return characters.length <= most ? text : characters.slice(0, most).join("") + "…";
}
