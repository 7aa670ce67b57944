/** The bounds of `logs` (docs/limits.md). */
import { assertEquals } from "@std/assert";
import { ItemWriter } from "../../commands/logs/output/item_writer.ts";
import { MessageCommand } from "../../commands/logs/output/message_command.ts";
import { withRequestGate } from "../../commands/logs/rooms/request_gate.ts";
import { findRooms } from "../../commands/logs/rooms/room_list.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { POSIX, pureTest } from "../support/test.ts";
import { programTest } from "./program.ts";

function message(n: number, text = `message ${n}`): MessageEntry {
  const place = { channel: "#a", from: "bob", to: "#a", manner: "said" } as const;
  return { kind: "message", seq: n, id: `m${n}`, time: n, text, ...place };
}

pureTest("several rooms: so many requests at a time", async () => {
  let [open, most] = [0, 0];
  const release: (() => void)[] = [];
  const request = async () => {
    most = Math.max(most, ++open);
    await new Promise<void>((resolve) => release.push(resolve));
    open--;
    return { kind: "timed_out" } as const;
  };
  const gate = withRequestGate({ session: {}, request } as unknown as Link);
  const all = Promise.all(Array.from({ length: 30 }, () => gate.request({ command: "X" })));
  let done = 0;
  while (done < 30) {
    for (const call of release.splice(0)) {
      call();
      done++;
    }
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
  await all;
  assertEquals([most, open], [8, 0]);
});

pureTest("--all-rooms: the largest, if there are too many", async () => {
  const line = (n: number) => parseMessage(`:s 322 me #r${n} ${2000 - n} :`)!;
  const link = {
    session: { isupport: new Map() },
    request: () =>
      Promise.resolve({ kind: "answered", lines: Array.from({ length: 1500 }, (_, n) => line(n)) }),
  } as unknown as Link;
  const found = await findRooms(link);
  if ("text" in found) throw new Error(found.text);
  assertEquals([found.rooms.length, found.total], [1000, 1501]);
  assertEquals([found.rooms.includes("#r0"), found.rooms.includes("#r1000")], [true, false]);
});

pureTest("--reverse: so many are held, and what is left out is told", async () => {
  const io = new FakeIo();
  const writer = new ItemWriter({
    marksMatches: false,
    io,
    layout: "cat",
    utc: true,
    palette: loadPalette(false),
    isColored: false,
    places: false,
    pattern: undefined,
    command: undefined,
    isReversed: true,
    newest: undefined,
  });
  for (let start = 0; start < 100_500; start += 500) {
    await writer.write(Array.from({ length: 500 }, (_, n) => message(start + n)), "");
  }
  await writer.finish();
  await io.flush();
  const lines = io.out.trimEnd().split("\n");
  assertEquals([lines.length, lines[0], lines.at(-1)], [100_000, "message 100499", "message 500"]);
  assertEquals(
    io.err,
    "chatterbox: only the newest 100000 messages are shown; older ones: --until, or without --reverse\n",
  );
});

programTest("--exec: a long text is cut in the environment", POSIX, async (home) => {
  const io = new FakeIo();
  const script = `printf %s "$CHATTERBOX_MESSAGE_TEXT" | wc -c >'${home}/env'; wc -c >'${home}/stdin'`;
  const command = await MessageCommand.open(`sh -c ${JSON.stringify(script)}`, io);
  await command.run(message(1, "x".repeat(40_000)), "");
  const [env, stdin] = ["env", "stdin"].map((name) => Number(Deno.readTextFileSync(`${home}/${name}`)));
  assertEquals([env, stdin, io.err], [30_000, 40_001, ""]);
});
