/** Rules for nicks and for the names of new channels, and words for what is wrong with a name. */
import { utf8Length } from "../../base/bytes.ts";
import { NICKLEN } from "../limits.ts";
import { CHANNEL_PREFIX, channelFault, isChannelName } from "./name_rules.ts";
import type { ChannelFault } from "./name_rules.ts";
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
export type NewChannelFault = ChannelFault | "mixed_scripts" | "mixed_digits";

/** One sentence per fault, for the text of 432 ERR_ERRONEUSNICKNAME or 476 ERR_BADCHANMASK. */
export const NAME_FAULT_TEXT: Readonly<Record<NickFault | ChannelFault, string>> = {
  empty: "The name is empty",
  too_long: "The name is too long",
  bad_start: "A name starts with a letter or one of []\\`_^{|}",
  no_prefix: "A room's name starts with #",
  bad_character: "The name has a character that names cannot have",
  bad_marks: "The name has too many marks over one letter, or one without a letter",
  mixed_scripts: "The name has letters of several scripts, which could pass for another name",
  mixed_digits: "The name has digits of several kinds",
  not_nfc: "The name has letters in decomposed form (Unicode NFC is needed)",
};

/** {@link NAME_FAULT_TEXT}, with the first character of `name` that is at fault, if one is. */
export function describeNameFault(name: string, fault: NickFault | ChannelFault): string {
  return isChannelName(name)
    ? describeChannelFault(name, fault)
    : describeFault(name, fault, (char) => nickFault("a" + char));
}

/** The same, for the name of a channel. */
export function describeChannelFault(name: string, fault: NickFault | ChannelFault): string {
  return describeFault(name, fault, (char) => channelFault(CHANNEL_PREFIX + char));
}

/** `check`: the fault of one character. */
function describeFault(
  name: string,
  fault: NickFault | ChannelFault,
  check: (char: string) => NickFault | ChannelFault | undefined,
): string {
  const text = NAME_FAULT_TEXT[fault];
  if (fault !== "bad_character") return text;
  const wrong = [...name].find((char) => check(char) === fault);
  return wrong === undefined ? text : `${text} (${wrong})`;
}

/**
 * RFC 2812 section 2.3.1: `nickname = ( letter / special ) *8( letter / digit / special / "-" )`, with letters and
 * digits of any script and at most {@link NICKLEN} bytes. A name is accepted as it is or refused: if it were changed,
 * its user would not know what others see.
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

/** {@link nickFault} for a name that is not ASCII. Its compared form (NFKC: ﬁ is fi) must be valid, too. */
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

/** For names that are not ASCII. Created on first use: that takes a millisecond. */
let unicodeRules: ReturnType<typeof makeUnicodeRules> | undefined;

function makeUnicodeRules() {
  return {
    /** The ASCII specials, and the letters, digits and marks of every script. */
    characters: new RegExp("^[A-}0-9\\-\\p{L}\\p{Nd}\\p{Mn}\\p{Mc}]*$", "u"),
    /**
     * No characters without a glyph, and no letters that belong to no script, which look like quotes and colons;
     * except the apostrophes that are letters in Hawaiian (ʻ) and in transcriptions of Slavic names (ʼ).
     */
    barred: new RegExp(
      "[\\u2800\\p{Default_Ignorable_Code_Point}[[\\p{L}&&\\p{scx=Zyyy}]--[\\u02bb\\u02bc]]]",
      "v",
    ),
    badStart: new RegExp("^[\\p{Nd}-]", "u"),
    /**
     * A mark without a letter before it, the same mark twice, or more marks than any language uses: at most two of
     * those common to all scripts (Vietnamese), at most four of a script's own (Burmese ကျော်). UTS #39 section 5.4.
     */
    badMarks: new RegExp("(?<![\\p{L}\\p{M}])\\p{M}|(\\p{M})\\1|\\p{M}{5}|\\p{sc=Zinh}{3}", "u"),
  };
}

/**
 * Checks the name of a channel to be created. An existing channel keeps its name; for it {@link channelFault} is the
 * only rule.
 */
export function newChannelFault(name: string): NewChannelFault | undefined {
  const fault = channelFault(name);
  if (fault !== undefined || !/[^\0-\x7f]/.test(name)) return fault;
  const compared = name.normalize("NFKC");
  if (!isSingleNumberSystem(compared)) return "mixed_digits";
  return isSingleScript(compared) ? undefined : "mixed_scripts";
}
