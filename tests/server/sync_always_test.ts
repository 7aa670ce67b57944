/** `serve --sync always` as processes that are killed: nothing is lost, and history says so. */
import { assertEquals } from "@std/assert";
import { programTest } from "../commands/program.ts";
import { kill, LINUX_ONLY, processesOf } from "../front/fronts_process.ts";
import { Serve } from "./serve_process.ts";

const CAPS = "draft/chathistory batch message-tags echo-message chatterbox.chat/seq";

/** Says `text`; returns the id of its message. */
async function say(serve: Serve, nick: string, text: string): Promise<string> {
  const client = await serve.enter(nick);
  await client.send(`CAP REQ :${CAPS}\r\nPRIVMSG #lobby :${text}`);
  const isOwn = (line: string) => line.endsWith(`PRIVMSG #lobby :${text}`);
  await client.until(isOwn);
  const id = /msgid=([^; ]+)/.exec(client.take().find(isOwn)!)![1]!;
  client.close();
  return id;
}

/** What follows the message `id` in the history: the texts, and the notes of gaps. */
async function historyAfter(serve: Serve, id: string): Promise<string[]> {
  const client = await serve.enter("reader");
  await client.send(`CAP REQ :${CAPS}\r\nCHATHISTORY AFTER #lobby msgid=${id} 10`);
  await client.until((line) => / BATCH -/.test(line));
  const lines = client.take().map((line) => line.replace(/^@\S* /, ""));
  client.close();
  return lines.flatMap((line) =>
    / PRIVMSG #lobby :(.*)/.exec(line)?.[1] ?? (/\bGAP\b/i.test(line) ? line.replace(/^\S+ /, "") : [])
  );
}

programTest("sync always: a server that is killed leaves no gap", {}, async (home) => {
  let serve = await Serve.start(home, ["--sync", "always"]);
  const first = await say(serve, "ann", "one");
  await serve.kill();
  serve = await Serve.start(home, ["--sync", "always"]);
  await say(serve, "ann", "two");
  assertEquals(await historyAfter(serve, first), ["two"]);
  await serve.kill();
  // What the former server has done counts, not what this one does.
  serve = await Serve.start(home);
  const third = await say(serve, "ann", "three");
  assertEquals(await historyAfter(serve, first), ["two", "three"]);
  await serve.kill();
  serve = await Serve.start(home);
  await say(serve, "ann", "four");
  const [gap, four] = await historyAfter(serve, third);
  assertEquals([/ restart\b/.test(gap!), four], [true, "four"], gap);
  assertEquals(await serve.end(), 0);
});

programTest(
  "sync always: a hub that is killed leaves no gap, nor do all processes",
  LINUX_ONLY,
  async (home) => {
    let serve = await Serve.start(home, ["--sync", "always", "--fronts", "2"]);
    const { hub } = await processesOf(serve);
    const first = await say(serve, "ann", "one");
    await kill(hub);
    const { hub: next, pids } = await processesOf(serve);
    await say(serve, "ben", "two");
    assertEquals(await historyAfter(serve, first), ["two"]);
    await kill([serve.child.pid, next, ...pids]);
    await serve.ended();
    serve = await Serve.start(home, ["--sync", "always", "--fronts", "2"]);
    await say(serve, "cat", "three");
    assertEquals(await historyAfter(serve, first), ["two", "three"]);
    assertEquals(await serve.end(), 0);
  },
);
