/** The page runs in a browser: what it imports has no disk and no socket of its own. */
import { assertEquals } from "@std/assert";
import { readSources } from "../lint/house.ts";
import { parseSource } from "../lint/source.ts";

const ALLOWED = [
  "lib/page/",
  "lib/client/session/",
  "lib/client/conversation/",
  "lib/client/commands/",
  "lib/irc/",
  "lib/base/",
];

Deno.test({
  name: "page: it imports the session, the chat and its commands, the codec and the base only",
  permissions: { read: true },
  fn() {
    const sources = [...readSources(`${import.meta.dirname}/../..`)].filter(([path]) =>
      path.startsWith("lib/page/")
    );
    const foreign = sources.flatMap(([path, text]) =>
      parseSource(path, text).imports.filter((to) => !ALLOWED.some((folder) => to.startsWith(folder)))
    );
    assertEquals(sources.length > 30, true);
    assertEquals(foreign, []);
  },
});

Deno.test({
  name: "page: nothing makes HTML of a text",
  permissions: { read: true },
  fn() {
    const found = [...readSources(`${import.meta.dirname}/../..`)].filter(([path, text]) =>
      path.startsWith("lib/page/") &&
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser/.test(text)
    );
    assertEquals(found.map(([path]) => path), []);
  },
});
