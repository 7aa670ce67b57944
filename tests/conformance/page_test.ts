import { assertEquals } from "@std/assert";
import { VERBS } from "../../lib/hub/verbs/mod.ts";
import { findCapability } from "../../lib/irc/capabilities.ts";
import { parseTranscript } from "../transcripts/transcript.ts";
import { conformancePage, readTranscripts } from "./page.ts";
import { readQuote } from "./sources.ts";
import { UNSUPPORTED } from "./unsupported.ts";

Deno.test("docs/conformance.md is what `deno task conformance` makes", async () => {
  const written = await Deno.readTextFile(new URL("../../docs/conformance.md", import.meta.url));
  const made = conformancePage(readTranscripts());
  const lines = new Set(written.split("\n"));
  assertEquals(made.split("\n").filter((line) => !lines.has(line)), [], "run: deno task conformance");
  assertEquals(written, made, "run: deno task conformance");
});

Deno.test("nothing that is not supported is supported", () => {
  for (const { what, cap, verbs = [] } of UNSUPPORTED) {
    assertEquals(cap === undefined ? undefined : findCapability(cap), undefined, what);
    assertEquals(verbs.filter((verb) => VERBS.has(verb)), [], what);
  }
});

Deno.test("a quote is taken apart; one of an unknown specification is none", () => {
  const read = (line: string) => {
    const quote = readQuote(line);
    return quote && [quote.source.title, quote.source.url, quote.text];
  };
  assertEquals(read('modern, "AWAY message": "The server …"'), [
    "Modern IRC Client Protocol",
    "https://modern.ircdocs.horse/",
    '"AWAY message": "The server …"',
  ]);
  assertEquals(read('RFC 2812, section 4.9: "x"'), [
    "RFC 2812",
    "https://www.rfc-editor.org/rfc/rfc2812",
    'section 4.9: "x"',
  ]);
  assertEquals(read('echo-message: "If, say"'), [
    "IRCv3 echo-message",
    "https://ircv3.net/specs/extensions/echo-message",
    '"If, say"',
  ]);
  assertEquals(read("Ours: nobody else's"), ["Our own", undefined, "nobody else's"]);
  assertEquals(read("imagined: x"), undefined);
});

Deno.test("a page has the sentence, the transcript and where it runs", () => {
  const text = '# sts, "x": "a | b"\nover TLS\n~ alice\nalice> CAP LS\n';
  const page = conformancePage([{ name: "one", transcript: parseTranscript(text) }]);
  assertEquals(
    page.split("\n").filter((line) => line.includes("[one]")),
    ['| "x": "a \\| b" | [one](../tests/transcripts/one.txt) | TLS |'],
  );
  assertEquals(page.split("\n").filter((line) => line.endsWith(" one |")).length, 1);
});
