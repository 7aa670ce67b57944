/** What the files of `join` hold after a crash, and of two that run under one name. */
import { assertEquals } from "@std/assert";
import { DRAFT_PREFIX } from "../../lib/store/disk/atomic_file.ts";
import { comesTrue } from "../support/guard.ts";
import { needs } from "../tools.ts";
import { Server } from "./program.ts";
import { Pty, TELLING_PID } from "./pty.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

function join(server: Server, rooms: readonly string[] = [], program?: readonly string[]): Pty {
  const folders = { XDG_CONFIG_HOME: `${server.home}/alice`, XDG_STATE_HOME: `${server.home}/alice` };
  return new Pty(["join", "alice", ...rooms, "--server", server.url], folders, program);
}

/** The line on which one types. */
const typing = (line: string) => (lines: string[]) => lines.at(-1) === line;

/** Waits until the files of one kind hold `text`. */
function isKept(server: Server, kind: string, text: string): Promise<true> {
  return comesTrue(`${text} in ${kind}`, async () => {
    const folder = `${server.home}/alice/chatterbox/${kind}`;
    return (await readAll(folder)).includes(text);
  });
}

/** The text of all files below `folder`, but for those that are being written. */
async function readAll(folder: string): Promise<string> {
  let text = "";
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (name.startsWith(DRAFT_PREFIX)) continue;
      text += isDirectory ? await readAll(`${folder}/${name}`) : await Deno.readTextFile(`${folder}/${name}`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return text;
}

Deno.test({
  name: "join at a terminal: after SIGKILL the next run begins in the view that was current, with its draft",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    {
      await using alice = join(server, ["#dev", "#ops"], TELLING_PID);
      await alice.shows(typing("#dev>"));
      alice.press("for dev");
      await alice.shows(typing("#dev> for dev"));
      alice.press("\x1b2");
      await alice.shows(typing("#ops>"));
      alice.press("for ops");
      await alice.shows(typing("#ops> for ops"));
      await isKept(server, "drafts", '"#ops":"for ops"');
      await isKept(server, "rooms", '"current":"#ops"');
      await alice.signal("SIGKILL");
      await alice.shows((lines) => lines.some((line) => line.includes("[code 137]")));
    }
    await using alice = join(server);
    await alice.shows(typing("#ops> for ops"));
    alice.press("\x1b1");
    await alice.shows(typing("#dev> for dev"));
  },
});

for (const [signal, code] of [["SIGTERM", 143], ["SIGQUIT", 131], ["SIGHUP", 129]] as const) {
  Deno.test({
    name: `join at a terminal: ${signal} gives the terminal back, and keeps the line and what is not sent`,
    ...needs("script"),
    async fn() {
      await using server = await Server.start();
      await using alice = join(server, ["#dev"], TELLING_PID);
      await alice.shows(typing("#dev>"));
      await server.stop("SIGKILL");
      await alice.shows((lines) => /offline|reconnecting|\(/.test(lines.at(-1) ?? ""));
      alice.press("not sent\rhalf a line");
      await alice.shows((lines) => lines.at(-1)?.endsWith("> half a line") === true);
      await alice.signal(signal);
      assertEquals(await alice.end(), { code, restored: true });
      const state = `${server.home}/alice/chatterbox`;
      const kept = [await readAll(`${state}/drafts`), await readAll(`${state}/outbox`)];
      assertEquals(kept.map((text) => [text.includes("half a line"), text.includes("not sent")]), [
        [true, false],
        [false, true],
      ]);
    },
  });
}

Deno.test({
  name: "join at a terminal: what is told to a service and not sent is in no file, and that is said",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    await using alice = join(server, ["#dev"]);
    await alice.shows(typing("#dev>"));
    await server.stop("SIGKILL");
    await alice.shows((lines) => /offline|reconnecting|\(/.test(lines.at(-1) ?? ""));
    alice.press("/msg nickserv IDENTIFY hunter2secret\r/msg bob from the outbox\r");
    await isKept(server, "outbox", "from the outbox");
    assertEquals((await readAll(`${server.home}/alice`)).includes("hunter2secret"), false);
    alice.press("/quit\r");
    assertEquals(await alice.end(), { code: 75, restored: true });
    const text = "2 of your messages were not sent; 1 is kept, and sent the next time you join as alice; " +
      "1 is not kept: what is told to a service may be a passphrase";
    assertEquals(alice.raw.includes(text), true, alice.raw);
  },
});

Deno.test({
  name: "join at a terminal: an error that nothing expects loses no key of the line",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    const program = [Deno.execPath(), "run", "-q", "-P", `--config=${ROOT}deno.json`];
    await using alice = join(server, ["#dev"], [...program, `${ROOT}tests/commands/program_key_bug.ts`]);
    await alice.shows(typing("#dev>"));
    alice.press("half a line!");
    assertEquals(await alice.end(), { code: 70, restored: true });
    assertEquals(
      await readAll(`${server.home}/alice/chatterbox/drafts`),
      '{"#dev":"half a line!"}\n',
    );
  },
});

Deno.test({
  name: "join at two terminals under one name: neither loses rooms, drafts or typed lines of the other",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    {
      await using one = join(server, ["#one"], TELLING_PID);
      await one.shows(typing("#one>"));
      one.press("draft of one");
      await one.shows(typing("#one> draft of one"));
      await isKept(server, "drafts", "draft of one");
      await using other = join(server, ["#one", "#other"]);
      await other.shows(typing("#one>")); // what is written at the first is no draft of the second
      other.press("said by other\r");
      await other.line(/alice {2}said by other$/);
      other.press("draft of other");
      await other.shows(typing("#one> draft of other"));
      await isKept(server, "drafts", "draft of other");
      other.press("\x15\x04");
      assertEquals(await other.end(), { code: 0, restored: true });
      one.press("!");
      await one.shows((lines) => lines.at(-1)?.endsWith("> draft of one!") === true);
      await isKept(server, "drafts", "draft of one!");
      await one.signal("SIGKILL");
      await one.shows((lines) => lines.some((line) => line.includes("[code 137]")));
    }
    await using again = join(server);
    await again.shows(typing("#one> draft of one!"));
    again.press("\x1b[A");
    await again.shows(typing("#one> said by other"));
    assertEquals(
      JSON.parse(await readAll(`${server.home}/alice/chatterbox/rooms`)).rooms.sort(),
      ["#one", "#other"],
    );
  },
});
