/** Parts that the lines of entries share: the names of people and channels, details, and reasons. Pure. */
import { toPrintable, toPrintableText } from "../../base/printable_text.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import type { StyledSpan } from "./styled_line.ts";

export interface RenderContext {
  readonly nick: string;
  /** The current channel; messages of other channels are shown with their name. */
  readonly channel: string | undefined;
  /** Words that are mentions, besides the nick. */
  readonly highlights?: readonly string[] | undefined;
  /** The conversation that is read: a channel, or the nick of the other user; undefined: unknown. */
  readonly view?: string | undefined;
}

export function isCurrent(channel: string, reader: RenderContext): boolean {
  return reader.channel !== undefined && isSameName(channel, reader.channel);
}

export function makeName(nick: string): StyledSpan {
  return { text: toPrintable(nick), style: "name" };
}

export function makeChannel(channel: string): StyledSpan {
  return { text: toPrintable(channel), style: "channel" };
}

export function makeDim(text: string): StyledSpan {
  return { text, style: "dim" };
}

export function renderReason(reason: string): StyledSpan[] {
  return reason === "" ? [] : [makeDim(` (${toPrintableText(reason)})`)];
}
