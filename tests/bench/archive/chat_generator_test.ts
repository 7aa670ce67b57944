import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { searchTokens } from "../../../lib/base/search_words.ts";
import { isMultiline } from "../../../lib/irc/multiline.ts";
import { ChatGenerator, type GeneratedRecord } from "./chat_generator.ts";
import { Vocabulary } from "./vocabulary.ts";

function generate(seed: number, messages: number): GeneratedRecord[] {
  const generator = new ChatGenerator(seed, messages);
  return Array.from({ length: messages }, () => generator.next()).flat();
}

Deno.test("a generated chat is the same for the same seed, and has so many messages", () => {
  const records = generate(7, 3000);
  assertEquals(records, generate(7, 3000));
  assertNotEquals(records, generate(8, 3000));
  assertEquals(records.filter(({ isMessage }) => isMessage).length, 3000);
});

Deno.test("a generated chat has all that an archive has to cope with", () => {
  const events = generate(1, 20_000).map(({ event }) => event);
  const kinds = new Set(events.map(({ kind }) => kind));
  assertEquals([...kinds].sort(), ["join", "message", "quit", "redact"]);
  const messages = events.filter((event) => event.kind === "message");
  assertEquals([...new Set(messages.map(({ verb }) => verb))].sort(), ["NOTICE", "PRIVMSG", "TAGMSG"]);
  assert(messages.some(({ target }) => target.kind === "direct"));
  assert(messages.some(({ text }) => isMultiline(text)));
  const tokens = messages.flatMap(({ text }) => searchTokens(text));
  assertEquals([...new Set(tokens.map(({ kind }) => kind))].sort(), ["last", "pair", "word"]);
  for (const script of ["Latin", "Cyrillic", "Arabic", "Hangul", "Han", "Hiragana", "Thai"]) {
    const pattern = new RegExp(`\\p{scx=${script}}`, "u");
    assert(tokens.some(({ word }) => pattern.test(word)), script);
  }
});

Deno.test("a generated chat quits only where a person is, and redacts only what was said", () => {
  const records = generate(3, 20_000).map(({ event }) => event);
  const said = records.map((event) => event.kind === "message" ? event : undefined);
  for (const event of records) {
    if (event.kind !== "redact") continue;
    const message = said[parseInt(event.msgid, 36) - 1];
    assertEquals(message?.target, event.target);
    assertEquals(message?.from, event.from);
  }
});

Deno.test("the words of a vocabulary differ, and the first ones are used most", () => {
  const generator = new Vocabulary("english");
  assertEquals(new Set(generator.words).size, generator.words.length);
  assert(generator.words[0]!.length < generator.words.at(-1)!.length);
});
