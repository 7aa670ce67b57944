/**
 * What a nick and a channel may be called. A fault says why a name is refused; `undefined` says that it is good.
 */
import { utf8Length } from "../../base/bytes.ts";
import { CHANNELLEN, NICKLEN } from "../limits.ts";
import { isSingleNumberSystem, isSingleScript } from "./scripts.ts";

export type NickFault =
  | "empty"
  | "too_long"
  | "bad_start"
  | "bad_character"
  | "bad_marks"
  | "mixed_scripts"
  | "mixed_digits"
  | "not_nfc";
export type ChannelFault = "empty" | "too_long" | "no_prefix" | "bad_character" | "not_nfc";
export type NewChannelFault = ChannelFault | "mixed_scripts" | "mixed_digits";

/** One sentence for each fault, fit for the text of 432 ERR_ERRONEUSNICKNAME or 476 ERR_BADCHANMASK. */
export const NAME_FAULT_TEXT: Readonly<Record<NickFault | ChannelFault, string>> = {
  empty: "The name is empty",
  too_long: "The name is too long",
  bad_start: "A nickname starts with a letter or one of []\\`_^{|}",
  no_prefix: "A room's name starts with #",
  bad_character: "The name has a character that names cannot have",
  bad_marks: "The name has too many marks over one letter, or one without a letter",
  mixed_scripts: "The name has letters of several scripts, which could pass for another name",
  mixed_digits: "The name has digits of several kinds",
  not_nfc: "The name has letters in decomposed form (Unicode NFC is needed)",
};

/** CHANTYPES: channels are `#` channels only. */
export const CHANNEL_PREFIX = "#";

/** True when `target` is meant as a channel, well named or not. */
export function isChannelName(target: string): boolean {
  return target.charCodeAt(0) === 0x23;
}

/**
 * True when `text` can be the name of one person or channel on whatever server: one parameter, without the comma between targets.
 * Other servers allow names that ours does not.
 */
export function isTargetName(text: string): boolean {
  return /^[^\s,:\p{Cc}][^\s,\p{Cc}]*$/u.test(text);
}

/**
 * RFC 2812 section 2.3.1: `nickname = ( letter / special ) *8( letter / digit / special / "-" )`, with letters and
 * digits of any script and at most {@link NICKLEN} bytes. A name is taken as it is or not at all: were it changed, its
 * holder would not know what others see.
 */
export function nickFault(nick: string): NickFault | undefined {
  if (nick === "") return "empty";
  if (nick.length > NICKLEN) return "too_long";
  for (let i = 0; i < nick.length; i++) {
    const unit = nick.charCodeAt(i);
    if (unit >= 0x80) return unicodeNickFault(nick);
    if (isLetterOrSpecial(unit)) continue;
    const digitOrHyphen = unit >= 0x30 && unit <= 0x39 || unit === 0x2d;
    if (!digitOrHyphen) return "bad_character";
    if (i === 0) return "bad_start";
  }
  return undefined;
}

/** A–Z, a–z and ``[ ] \ ^ _ ` { | }``: without gaps from "A" (0x41) to "}" (0x7D). */
function isLetterOrSpecial(unit: number): boolean {
  return unit >= 0x41 && unit <= 0x7d;
}

/** {@link nickFault} of a name that is not ASCII. What it compares as (NFKC: ﬁ is fi) must be good, too. */
function unicodeNickFault(nick: string): NickFault | undefined {
  if (utf8Length(nick) > NICKLEN) return "too_long";
  const { characters, barred, badMarks, badStart } = unicodeRules ??= makeUnicodeRules();
  const compared = nick.normalize("NFKC");
  for (const name of [nick, compared]) {
    if (!characters.test(name) || barred.test(name)) return "bad_character";
  }
  if (nick.normalize("NFC") !== nick) return "not_nfc";
  if (badMarks.test(compared)) return "bad_marks";
  if (badStart.test(compared)) return "bad_start";
  if (!isSingleNumberSystem(compared)) return "mixed_digits";
  return isSingleScript(compared) ? undefined : "mixed_scripts";
}

/** For names that are not ASCII. Made when first needed: it takes a millisecond. */
let unicodeRules: ReturnType<typeof makeUnicodeRules> | undefined;

function makeUnicodeRules() {
  return {
    /** The ASCII specials, and from every script what words are written with. */
    characters: new RegExp("^[A-}0-9\\-\\p{L}\\p{Nd}\\p{Mn}\\p{Mc}]*$", "u"),
    /**
     * Nothing without ink of its own; and no letters that belong to no script, which look like quotes and colons, but for
     * the apostrophes that are letters in Hawaiian (ʻ) and in transcriptions of Slavic names (ʼ).
     */
    barred: new RegExp(
      "[\\u2800\\p{Default_Ignorable_Code_Point}[[\\p{L}&&\\p{scx=Zyyy}]--[\\u02bb\\u02bc]]]",
      "v",
    ),
    badStart: new RegExp("^[\\p{Nd}-]", "u"),
    /**
     * A mark without a letter before it, the same one twice, or more than anybody writes with: of those that go with any
     * script two (Vietnamese), with those of a script's own four (Burmese ကျော်). UTS #39 section 5.4.
     */
    badMarks: new RegExp("(?<![\\p{L}\\p{M}])\\p{M}|(\\p{M})\\1|\\p{M}{5}|\\p{sc=Zinh}{3}", "u"),
  };
}

/**
 * Comma separates targets, BEL is barred by modern ("Channels"); spaces, controls, private use and all that
 * has no ink of its own (bidi controls, joiners, fillers, variation selectors, the braille blank) would let
 * two channels look the same.
 */
const CHANNEL_FORBIDDEN = /[,\u2800\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Judges the name of a channel: `#`, then at least one visible character, at most {@link CHANNELLEN} bytes in
 * all.
 */
export function channelFault(name: string): ChannelFault | undefined {
  if (name === "" || name === CHANNEL_PREFIX) return "empty";
  if (!isChannelName(name)) return "no_prefix";
  if (name.length > CHANNELLEN || utf8Length(name) > CHANNELLEN) return "too_long";
  if (CHANNEL_FORBIDDEN.test(name)) return "bad_character";
  if (name.normalize("NFC") !== name) return "not_nfc";
  return undefined;
}

/**
 * Judges the name of a channel that is to be made. A channel that has such a name already keeps it, and {@link roomFault} is all
 * that counts.
 */
export function newChannelFault(name: string): NewChannelFault | undefined {
  const fault = channelFault(name);
  if (fault !== undefined || !/[^\0-\x7f]/.test(name)) return fault;
  const compared = name.normalize("NFKC");
  if (!isSingleNumberSystem(compared)) return "mixed_digits";
  return isSingleScript(compared) ? undefined : "mixed_scripts";
}
