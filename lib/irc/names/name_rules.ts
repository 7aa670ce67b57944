/**
 * Rules for the names of channels, and what all names have in common; `new_name_rules.ts` has those for nicks and new
 * channels. A fault is the reason why a name is refused; `undefined` means that it is valid.
 */
import { utf8Length } from "../../base/bytes.ts";
import { CHANNELLEN } from "../limits.ts";

export type ChannelFault = "empty" | "too_long" | "no_prefix" | "bad_character" | "not_nfc";

/** CHANTYPES: channels are `#` channels only. */
export const CHANNEL_PREFIX = "#";

/** Whether `target` is meant as a channel, valid or not. */
export function isChannelName(target: string): boolean {
  return target.charCodeAt(0) === 0x23;
}

/**
 * Whether `text` can name one user or channel on any server: one parameter, without the comma that separates targets.
 * Other servers allow names that this one does not.
 */
export function isTargetName(text: string): boolean {
  return /^[^\s,:\p{Cc}][^\s,\p{Cc}]*$/u.test(text);
}

/** Whether `text` can name one channel on any server. */
export function isChannelTarget(text: string): boolean {
  return isChannelName(text) && isTargetName(text);
}

/**
 * Comma separates targets, BEL is barred by modern ("Channels"); spaces, controls, private use and everything without
 * a glyph (bidi controls, joiners, fillers, variation selectors, the braille blank) would let two channels look the
 * same.
 */
const CHANNEL_FORBIDDEN = /[,\u2800\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/u;

/** Checks a channel name: `#`, then at least one visible character, at most {@link CHANNELLEN} bytes in all. */
export function channelFault(name: string): ChannelFault | undefined {
  if (name === "" || name === CHANNEL_PREFIX) return "empty";
  if (!isChannelName(name)) return "no_prefix";
  if (name.length > CHANNELLEN || utf8Length(name) > CHANNELLEN) return "too_long";
  if (CHANNEL_FORBIDDEN.test(name)) return "bad_character";
  if (name.normalize("NFC") !== name) return "not_nfc";
  return undefined;
}
