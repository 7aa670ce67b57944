import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { SeenMessages } from "../../lib/client/conversation/sync/seen_messages.ts";

const message = (id: string, second = 1) =>
  parseMessage(`@msgid=${id};time=2026-01-01T00:00:0${second}.000Z :b!b@h PRIVMSG #a :x`)!;

Deno.test({
  name: "memory: an id is new once, until it is forgotten",
  permissions: "none",
  fn() {
    const memory = new SeenMessages();
    assertEquals(memory.addIfNew(message("1")), true);
    assertEquals(memory.addIfNew(message("1")), false);
    memory.forget(message("1"));
    assertEquals(memory.addIfNew(message("1")), true);
    assertEquals(memory.addIfNew(parseMessage("PRIVMSG #a :no id")!), true);
  },
});

Deno.test({
  name: "memory: each conversation is known up to a message, and never goes back",
  permissions: "none",
  fn() {
    const memory = new SeenMessages();
    assertEquals(memory.getSyncPoint("#a"), undefined);
    memory.advanceSyncPoint("#a", message("1"), 1000);
    memory.advanceSyncPoint("#A", message("2"), 2000);
    memory.advanceSyncPoint("bob", message("3"), 3000);
    memory.advanceSyncPoint("#a", message("1"), 1000);
    assertEquals(memory.getSyncPoint("#a"), { id: "2", time: 2000, seq: undefined });
    memory.advanceSyncPoint("#a", parseMessage("PRIVMSG #a :no id")!, 2500);
    assertEquals(memory.getSyncPoint("#a"), { id: undefined, time: 2500, seq: undefined });
    assertEquals(memory.getSyncPoint("bob"), { id: "3", time: 3000, seq: undefined });
  },
});

Deno.test({
  name: "memory: where the server tells places in its log, these are the order, whatever the times",
  permissions: "none",
  fn() {
    const memory = new SeenMessages();
    const at = (seq: number) =>
      parseMessage(`@msgid=${seq};chatterbox.chat/seq=${seq} :b!b@h PRIVMSG #a :x`)!;
    memory.advanceSyncPoint("#a", at(5), 9000);
    memory.advanceSyncPoint("#a", at(6), 1000); // the clock was set back
    assertEquals(memory.getSyncPoint("#a"), { id: "6", time: 1000, seq: 6 });
    memory.advanceSyncPoint("#a", at(5), 9000);
    assertEquals(memory.getSyncPoint("#a")?.id, "6");
  },
});

Deno.test({
  name: "memory: the server's clock tells since when to look, ten seconds early; ours where it tells nothing",
  permissions: "none",
  fn() {
    const memory = new SeenMessages();
    const untimed = parseMessage(":b!b@h JOIN #a")!;
    memory.noteServerTime(untimed, 20_000);
    memory.noteServerTime(untimed, 21_000);
    memory.noteLoss();
    assertEquals(memory.lostAt, 10_000);
    memory.noteServerTime(message("1", 3), 9);
    memory.noteServerTime(message("2", 2), 9);
    memory.noteServerTime(untimed, Date.UTC(2030, 0));
    assertEquals(memory.lostAt, 10_000);
    memory.noteLoss();
    assertEquals(
      memory.lostAt,
      Date.UTC(2026, 0, 1, 0, 0, 2) - 10_000,
      "as it was told last: it was set back",
    );
  },
});

Deno.test({
  name: "memory: bounded; the oldest is forgotten first",
  permissions: "none",
  fn() {
    const memory = new SeenMessages();
    for (let n = 0; n < 10_001; n++) {
      memory.addIfNew(message(`m${n}`));
      memory.advanceSyncPoint(`#${n % 2000}`, message(`m${n}`), n);
    }
    assertEquals(memory.addIfNew(message("m1")), false);
    assertEquals(memory.addIfNew(message("m0")), true);
    assertEquals(memory.getSyncPoint("#1"), undefined);
    assertEquals(memory.getSyncPoint("#0")?.id, "m10000");
    for (let n = 0; n < 501; n++) {
      memory.rememberExcerpt(message(`m${n}`), { of: "bob", at: n, excerpt: "", where: "#a" });
    }
    assertEquals([memory.getExcerpt("m0"), memory.getExcerpt("m1")?.at], [undefined, 1]);
  },
});

Deno.test({
  name:
    "memory: a renamed conversation is known under its new name only; the one unheard of longest is forgotten first",
  permissions: "none",
  fn() {
    const memory = new SeenMessages();
    memory.advanceSyncPoint("#a", message("1"), 1000);
    memory.rename("#A", "#b");
    assertEquals([memory.getSyncPoint("#a"), memory.getSyncPoint("#b")?.id], [undefined, "1"]);
    for (let n = 0; n < 999; n++) memory.advanceSyncPoint(`#${n}`, message(`m${n}`), n);
    memory.advanceSyncPoint("#b", message("2"), 2000);
    memory.advanceSyncPoint("#one more", message("3"), 3000);
    assertEquals([memory.getSyncPoint("#b")?.id, memory.getSyncPoint("#0"), memory.getSyncPoint("#1")?.id], [
      "2",
      undefined,
      "m1",
    ]);
  },
});
