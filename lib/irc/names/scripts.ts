/** Which scripts may be mixed in a name (UTS #39 "Unicode Security Mechanisms", section 5). */

/**
 * The scripts of Unicode 16 by ISO 15924 code, without Common and Inherited, which may be mixed with all. The
 * platform offers no such list; a test checks that it covers every letter.
 */
const SCRIPTS =
  "Adlm Aghb Ahom Arab Armi Armn Avst Bali Bamu Bass Batk Beng Bhks Bopo Brah Brai Bugi Buhd Cakm " +
  "Cans Cari Cham Cher Chrs Copt Cpmn Cprt Cyrl Deva Diak Dogr Dsrt Dupl Egyp Elba Elym Ethi Gara Geor Glag Gong " +
  "Gonm Goth Gran Grek Gujr Gukh Guru Hang Hani Hano Hatr Hebr Hira Hluw Hmng Hmnp Hung Ital Java Kali Kana Kawi " +
  "Khar Khmr Khoj Kits Knda Krai Kthi Lana Laoo Latn Lepc Limb Lina Linb Lisu Lyci Lydi Mahj Maka Mand Mani Marc " +
  "Medf Mend Merc Mero Mlym Modi Mong Mroo Mtei Mult Mymr Nagm Nand Narb Nbat Newa Nkoo Nshu Ogam Olck Onao Orkh " +
  "Orya Osge Osma Ougr Palm Pauc Perm Phag Phli Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb Saur Sgnw Shaw Shrd " +
  "Sidd Sind Sinh Sogd Sogo Sora Soyo Sund Sunu Sylo Syrc Tagb Takr Tale Talu Taml Tang Tavt Telu Tfng Tglg Thaa " +
  "Thai Tibt Tirh Tnsa Todr Toto Tutg Ugar Vaii Vith Wara Wcho Xpeo Xsux Yezi Yiii Zanb";

/** UTS #39 section 5.2, "Highly Restrictive": scripts that are written together, and with Latin. */
const COMBINED = ["Latn Hani Hira Kana", "Latn Hani Bopo", "Latn Hani Hang"];

/** Created on first use: most names are ASCII, and it takes milliseconds. */
let commonPattern: RegExp | undefined;
let singleScriptPattern: RegExp | undefined;

/**
 * Whether the letters, marks and digits of `text` belong to one script, or to a combination used for Chinese,
 * Japanese or Korean. Characters without a script of their own (`_`, 0 to 9, most accents) may be mixed with all.
 */
export function isSingleScript(text: string): boolean {
  singleScriptPattern ??= new RegExp(
    `^(?:${[...COMBINED, ...SCRIPTS.split(" ")].map(scriptPattern).join("|")})$`,
    "u",
  );
  commonPattern ??= new RegExp("[\\p{scx=Zyyy}\\p{scx=Zinh}]", "gu");
  return singleScriptPattern.test(text.replace(commonPattern, ""));
}

/** Pattern for the scripts in `codes`: by Script_Extensions, so that ー belongs to both Hiragana and Katakana. */
function scriptPattern(codes: string): string {
  return `[${codes.split(" ").map((code) => `\\p{scx=${code}}`).join("")}]*`;
}

const DIGIT = /\p{Nd}/u;

/** Whether all decimal digits in `text` belong to one numbering system: 0–9, ٠–٩ or another. */
export function isSingleNumberSystem(text: string): boolean {
  const zeros = new Set(Array.from(text).filter((char) => DIGIT.test(char)).map(zeroOfDigit));
  return zeros.size <= 1;
}

/**
 * Code point of the zero in the system of `digit`: the ten digits of a system are consecutive, and no two systems are
 * adjacent.
 */
function zeroOfDigit(digit: string): number {
  let code = digit.codePointAt(0)!;
  while (DIGIT.test(String.fromCodePoint(code - 1))) code--;
  return code;
}
