import { assertEquals } from "@std/assert";
import { isSingleNumberSystem, isSingleScript } from "../../lib/irc/names/scripts.ts";
import { pureTest } from "../support/test.ts";

pureTest("isOneScript: every letter that there is belongs to a script that is known", () => {
  for (let code = 0; code < 0x32000; code++) {
    const char = String.fromCodePoint(code);
    if (/[\p{L}\p{M}\p{Nd}]/u.test(char) && !isSingleScript(char)) {
      throw new Error(`U+${code.toString(16)}`);
    }
  }
});

pureTest("isOneScript: one script, or those of one language of East Asia with Latin", () => {
  for (const text of ["", "_1-", "alice", "е\u0301", "漢ひカーabc", "漢ㄅabc", "漢유abc"]) {
    assertEquals(isSingleScript(text), true, text);
  }
  for (const text of ["aа", "aα", "αа", "ひㄅ", "ひ유", "ㄅ유", "аひ", "نa", "ก漢"]) {
    assertEquals(isSingleScript(text), false, text);
  }
});

pureTest("isOneNumbering: no digits of two kinds", () => {
  for (const text of ["", "abc", "a1b902", "٠٩", "०९", "𝟎𝟗"]) {
    assertEquals(isSingleNumberSystem(text), true, text);
  }
  for (const text of ["1٠", "٣۴", "0०"]) assertEquals(isSingleNumberSystem(text), false, text);
});
