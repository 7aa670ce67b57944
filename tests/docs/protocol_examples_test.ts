/** The examples of docs/protocol/, typed as they are: no line needs a capability that no line above it requests. */
import { assertEquals } from "@std/assert";
import { TestHub } from "../support/hub.ts";
import { filesBelow, read } from "./pages.ts";

const EXAMPLE = /```irc\n(.*?)```/gs;
/** `FAIL METADATA NEED_CAPABILITY` */
const NEED_CAPABILITY = /FAIL \S+ NEED_CAPABILITY/;

/** What the lines of the client in `example` are refused for, if the example does not show it. */
function findMissingCapabilities(example: string): string[] {
  const chat = new TestHub({ hasArchive: true });
  const alice = chat.enter("alice");
  chat.say(alice, ...Array.from(example.matchAll(/^C: (.*)$/gm), ([, line = ""]) => line));
  return chat.heard(alice).flatMap((line) => NEED_CAPABILITY.exec(line)?.[0] ?? [])
    .filter((refusal) => !example.includes(refusal));
}

Deno.test({
  name: "protocol pages: the examples request the capabilities that their lines need",
  permissions: { read: true },
  fn() {
    const examples = [...filesBelow("docs/protocol/", ".md")].flatMap((path) =>
      Array.from(read(path).matchAll(EXAMPLE), ([, example = ""]) => ({ path, example }))
    );
    assertEquals(examples.length > 15, true);
    const missing = examples.flatMap(({ path, example }) =>
      findMissingCapabilities(example).map((refusal) => `${path}: ${refusal}`)
    );
    assertEquals(missing, []);
  },
});
