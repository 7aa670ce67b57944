/**
 * What a nick and a room may be called. A fault says why a name is refused; `undefined` says that it is good.
 */
import { utf8Length } from "../base/bytes.ts";
import { CHANNELLEN, NICKLEN } from "./limits.ts";

export type NickFault = "empty" | "too_long" | "bad_start" | "bad_character";
export type RoomFault = "empty" | "too_long" | "no_prefix" | "bad_character" | "not_nfc";

/** One sentence for each fault, fit for the text of 432 ERR_ERRONEUSNICKNAME or 476 ERR_BADCHANMASK. */
export const NAME_FAULT_TEXT: Readonly<Record<NickFault | RoomFault, string>> = {
  empty: "The name is empty",
  too_long: "The name is too long",
  bad_start: "A nickname starts with a letter or one of []\\`_^{|}",
  no_prefix: "A room's name starts with #",
  bad_character: "The name has a character that names cannot have",
  not_nfc: "The name has letters in decomposed form (Unicode NFC is needed)",
};

/** CHANTYPES: rooms are `#` channels only. */
export const ROOM_PREFIX = "#";

/** True when `target` is meant as a room, well named or not. */
export function isRoomName(target: string): boolean {
  return target.charCodeAt(0) === 0x23;
}

/**
 * True when `text` can be the name of one person or room on whatever server: one parameter, without the comma between targets.
 * Other servers allow names that ours does not.
 */
export function isTarget(text: string): boolean {
  return /^[^\s,:\p{Cc}][^\s,\p{Cc}]*$/u.test(text);
}

/**
 * RFC 2812 section 2.3.1: `nickname = ( letter / special ) *8( letter / digit / special / "-" )`, with our
 * {@link NICKLEN}. ASCII only: under CASEMAPPING=ascii two names that look alike must not both exist.
 */
export function nickFault(nick: string): NickFault | undefined {
  if (nick === "") return "empty";
  if (nick.length > NICKLEN) return "too_long";
  for (let i = 0; i < nick.length; i++) {
    const unit = nick.charCodeAt(i);
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

/**
 * Comma separates targets, BEL is barred by modern ("Channels"); spaces, controls, private use and all that
 * has no ink of its own (bidi controls, joiners, fillers, variation selectors, the braille blank) would let
 * two rooms look the same.
 */
const ROOM_BARRED = /[,\u2800\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Judges the name of a room: `#`, then at least one visible character, at most {@link CHANNELLEN} bytes in
 * all.
 */
export function roomFault(name: string): RoomFault | undefined {
  if (name === "" || name === ROOM_PREFIX) return "empty";
  if (!isRoomName(name)) return "no_prefix";
  if (name.length > CHANNELLEN || utf8Length(name) > CHANNELLEN) return "too_long";
  if (ROOM_BARRED.test(name)) return "bad_character";
  if (name.normalize("NFC") !== name) return "not_nfc";
  return undefined;
}
