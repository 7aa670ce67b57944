import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { Memory } from "../../lib/tui/memory.ts";

const message = (id: string, second = 1) =>
  parseMessage(`@msgid=${id};time=2026-01-01T00:00:0${second}.000Z :b!b@h PRIVMSG #a :x`)!;

Deno.test({
  name: "memory: an id is new once, until it is forgotten",
  permissions: "none",
  fn() {
    const memory = new Memory();
    assertEquals(memory.isNew(message("1")), true);
    assertEquals(memory.isNew(message("1")), false);
    memory.forget(message("1"));
    assertEquals(memory.isNew(message("1")), true);
    assertEquals(memory.isNew(parseMessage("PRIVMSG #a :no id")!), true);
  },
});

Deno.test({
  name: "memory: each conversation is known up to a message, and never goes back",
  permissions: "none",
  fn() {
    const memory = new Memory();
    assertEquals(memory.mark("#a"), undefined);
    memory.advance("#a", message("1"), 1000);
    memory.advance("#A", message("2"), 2000);
    memory.advance("bob", message("3"), 3000);
    memory.advance("#a", message("1"), 1000);
    assertEquals(memory.mark("#a"), { id: "2", time: 2000, seq: undefined });
    memory.advance("#a", parseMessage("PRIVMSG #a :no id")!, 2500);
    assertEquals(memory.mark("#a"), { id: undefined, time: 2500, seq: undefined });
    assertEquals(memory.mark("bob"), { id: "3", time: 3000, seq: undefined });
  },
});

Deno.test({
  name: "memory: where the server tells places in its log, these are the order, whatever the times",
  permissions: "none",
  fn() {
    const memory = new Memory();
    const at = (seq: number) =>
      parseMessage(`@msgid=${seq};chatterbox.chat/seq=${seq} :b!b@h PRIVMSG #a :x`)!;
    memory.advance("#a", at(5), 9000);
    memory.advance("#a", at(6), 1000); // the clock was set back
    assertEquals(memory.mark("#a"), { id: "6", time: 1000, seq: 6 });
    memory.advance("#a", at(5), 9000);
    assertEquals(memory.mark("#a")?.id, "6");
  },
});

Deno.test({
  name: "memory: the server's clock tells since when to look, ten seconds early; ours where it tells nothing",
  permissions: "none",
  fn() {
    const memory = new Memory();
    const untimed = parseMessage(":b!b@h JOIN #a")!;
    memory.hear(untimed, 20_000);
    memory.hear(untimed, 21_000);
    memory.lost();
    assertEquals(memory.lostAt, 10_000);
    memory.hear(message("1", 3), 9);
    memory.hear(message("2", 2), 9);
    memory.hear(untimed, Date.UTC(2030, 0));
    assertEquals(memory.lostAt, 10_000);
    memory.lost();
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
    const memory = new Memory();
    for (let n = 0; n < 10_001; n++) {
      memory.isNew(message(`m${n}`));
      memory.advance(`#${n % 2000}`, message(`m${n}`), n);
    }
    assertEquals(memory.isNew(message("m1")), false);
    assertEquals(memory.isNew(message("m0")), true);
    assertEquals(memory.mark("#1"), undefined);
    assertEquals(memory.mark("#0")?.id, "m10000");
    for (let n = 0; n < 501; n++) {
      memory.keep(message(`m${n}`), { of: "bob", at: n, excerpt: "", where: "#a" });
    }
    assertEquals([memory.said("m0"), memory.said("m1")?.at], [undefined, 1]);
  },
});

Deno.test({
  name:
    "memory: a renamed conversation is known under its new name only; the one unheard of longest is forgotten first",
  permissions: "none",
  fn() {
    const memory = new Memory();
    memory.advance("#a", message("1"), 1000);
    memory.rename("#A", "#b");
    assertEquals([memory.mark("#a"), memory.mark("#b")?.id], [undefined, "1"]);
    for (let n = 0; n < 999; n++) memory.advance(`#${n}`, message(`m${n}`), n);
    memory.advance("#b", message("2"), 2000);
    memory.advance("#one more", message("3"), 3000);
    assertEquals([memory.mark("#b")?.id, memory.mark("#0"), memory.mark("#1")?.id], ["2", undefined, "m1"]);
  },
});
