import { assertEquals } from "@std/assert";
import { toPrintable, toPrintableText } from "../../lib/base/printable_text.ts";
import { pureTest } from "../support/test.ts";

pureTest("printable shows controls as their pictures", () => {
  assertEquals(toPrintable("\x1b[2J\x07\0\r\n\t\x7f"), "␛[2J␇␀␍␊␉␡");
  assertEquals(toPrintable("\x9b31m\x85"), "<U+009B>31m<U+0085>");
});

pureTest("printable leaves no C0, DEL or C1 control, and one line stays one", () => {
  for (let code = 0; code < 0xa0; code++) {
    const shown = toPrintable(String.fromCharCode(code));
    assertEquals(/[\0-\x1f\x7f-\x9f]/.test(shown), false, `U+${code.toString(16)}`);
    if (code >= 0x20 && code < 0x7f) assertEquals(shown, String.fromCharCode(code));
  }
  assertEquals(toPrintable("a\u2028b\u2029c"), "a<U+2028>b<U+2029>c");
});

pureTest("printable names what reorders or hides", () => {
  for (
    const code of [
      0x202a,
      0x202e,
      0x2066,
      0x2069,
      0x200e,
      0x200f,
      0x061c,
      0x200b,
      0x2060,
      0xfeff,
      0xad,
      0x180e,
    ]
  ) {
    const name = `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
    assertEquals(toPrintable(`a${String.fromCharCode(code)}b`), `a${name}b`);
  }
});

pureTest("printable leaves text of any script alone, emoji sequences and marks too", () => {
  const texts = ["Grüße, 漢字, שלום, हिन्दी", "👨‍👩‍👧 ❤️ 1️⃣ 🇩🇪", "e\u0301", "", "␛"];
  // Joiners where Persian and Hindi are written with them, a variant of a Chinese character, the flag of England.
  texts.push(
    "می\u200cخواهم",
    "क्\u200dष",
    "葛\u{e0100}",
    "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
  );
  for (const text of texts) {
    assertEquals(toPrintable(text), text);
  }
});

pureTest(
  "printable makes half a pair the replacement character",
  () => assertEquals(toPrintable("a\ud800b\udc00"), "a\ufffdb\ufffd"),
);

pureTest("printable shows what hides where nothing needs it, and once is enough", () => {
  for (const code of [0x200c, 0x200d, 0xfe0f, 0xe0061, 0xe0100, 0x3164, 0x1d173, 0x2065, 0x180e]) {
    const name = `<U+${code.toString(16).toUpperCase()}>`;
    assertEquals(toPrintable(`a${String.fromCodePoint(code)}b`), `a${name}b`);
  }
  for (let code = 0; code < 0x110000; code += code < 0x3000 ? 1 : 7) {
    const shown = toPrintable(`a${String.fromCodePoint(code)}`);
    if (toPrintable(shown) !== shown) throw new Error(`U+${code.toString(16)}`);
  }
});

pureTest(
  "printable text: formatting and marks that show nothing are left out, a tab is spaces, all else as in printable",
  () => {
    assertEquals(
      toPrintableText("\x02bold\x02 \x0304,12red\x03 \x04ff0000x\x0f \x1du\x1f\x1e\x11\x16"),
      "bold red x u",
    );
    assertEquals(toPrintableText("\x033,x \x03123"), ",x 3");
    assertEquals(toPrintableText("a\tb co\u00adop \u200eשלום\u200f!"), "a    b coop שלום!");
    assertEquals(toPrintableText("\x1b[2J\x07\u202ex"), toPrintable("\x1b[2J\x07\u202ex"));
  },
);
