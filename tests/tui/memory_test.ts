import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { Memory } from "../../lib/tui/memory.ts";

const message = (id: string, second = 1) =>
  parseMessage(`@msgid=${id};time=2026-01-01T00:00:0${second}.000Z :b!b@h PRIVMSG #a :x`)!;

Deno.test({
  name: "memory: an id is new once, and the latest of each conversation is known",
  permissions: "none",
  fn() {
    const memory = new Memory();
    assertEquals(memory.latestId("#a"), undefined);
    assertEquals(memory.isNew(message("1"), "#a"), true);
    assertEquals(memory.isNew(message("2"), "#A"), true);
    assertEquals(memory.isNew(message("1"), "#a"), false);
    assertEquals(memory.latestId("#a"), "2");
    assertEquals(memory.isNew(message("3"), "bob"), true);
    assertEquals(memory.latestId("#a"), "2");
    assertEquals(memory.isNew(parseMessage("PRIVMSG #a :no id")!, "#a"), true);
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
    assertEquals(memory.lostAt, Date.UTC(2026, 0, 1, 0, 0, 3) - 10_000);
  },
});

Deno.test({
  name: "memory: bounded; the oldest is forgotten first",
  permissions: "none",
  fn() {
    const memory = new Memory();
    for (let n = 0; n < 10_001; n++) memory.isNew(message(`m${n}`), `#${n % 2000}`);
    assertEquals(memory.isNew(message("m1"), "#a"), false);
    assertEquals(memory.isNew(message("m0"), "#a"), true);
    assertEquals(memory.latestId("#1"), undefined);
  },
});
