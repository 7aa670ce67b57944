import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { HeldMessages, MAX_HELD } from "../../lib/client/conversation/sync/held_messages.ts";
import type { ReceivedEntry } from "../../lib/client/conversation/sync/held_messages.ts";

function heard(text: string, id?: string): ReceivedEntry {
  const line = parseMessage(`${id === undefined ? "" : `@msgid=${id} `}:bob!b@h PRIVMSG #a :${text}`)!;
  return { entry: { kind: "note", time: 0, text }, line };
}

const texts = (all: Iterable<ReceivedEntry>) => Array.from(all, ({ line }) => line.params[1]);

Deno.test({
  name: "catch-up: what the past has too is taken out of what is held, once",
  permissions: "none",
  fn() {
    const catchUp = new HeldMessages();
    for (const one of [heard("a", "1"), heard("joined"), heard("b", "2")]) catchUp.hold(one);
    assertEquals(catchUp.takeMatching(heard("before", "0").line), undefined);
    assertEquals(catchUp.takeMatching(heard("a", "1").line)?.entry.time, 0);
    assertEquals(catchUp.takeMatching(heard("a", "1").line), undefined);
    assertEquals(catchUp.takeMatching(heard("no id").line), undefined);
    assertEquals(texts(catchUp.held), ["joined", "b"]);
  },
});

Deno.test({
  name: "catch-up: bounded",
  permissions: "none",
  fn() {
    const catchUp = new HeldMessages();
    for (let n = 1; n < MAX_HELD; n++) catchUp.hold(heard("x", String(n)));
    assertEquals(catchUp.isFull, false);
    catchUp.hold(heard("x"));
    assertEquals(catchUp.isFull, true);
  },
});
