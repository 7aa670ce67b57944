/** `list` at a real terminal. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { POSIX } from "../support/test.ts";
import { programTest, Server } from "./program.ts";
import { Pty, TELLING_PID } from "./pty.ts";

const ENTER = "\x1b[?1049h";
const LEAVE = "\x1b[?1049l";

/** Starts `list --watch`, and waits for its list. */
async function watch(server: Server, env: Record<string, string> = {}): Promise<Pty> {
  const own = { XDG_CONFIG_HOME: server.home, USER: "tester", NO_COLOR: "1", ...env };
  const pty = new Pty(["list", "--watch", "--server", server.url], own, TELLING_PID);
  await pty.line("no users are online");
  return pty;
}

for (
  const [how, code] of [["SIGTERM", 143], ["SIGHUP", 129], ["SIGQUIT", 131], ["Ctrl-C", 130]] as const
) {
  programTest(`list --watch gives the terminal back: ${how}`, POSIX, async (home) => {
    await using server = await Server.start(home);
    await using pty = await watch(server);
    assertStringIncludes(pty.raw, ENTER);
    if (how === "Ctrl-C") pty.press("\x03");
    else await pty.signal(how);
    assertEquals(await pty.end(), { code, restored: true });
    // What was there before is there, and nothing of the list.
    const lines = await pty.shows((shown) => shown.some((line) => line.startsWith("[pid ")));
    assertEquals(lines.includes("no users are online"), false);
    assertStringIncludes(pty.raw.slice(pty.raw.indexOf(ENTER)), LEAVE);
  });
}

programTest("list --watch on a dumb terminal appends", POSIX, async (home) => {
  await using server = await Server.start(home);
  await using pty = await watch(server, { TERM: "dumb" });
  assertEquals(pty.raw.includes("\x1b"), false);
  await pty.signal("SIGTERM");
  assertEquals((await pty.end()).code, 143);
  await pty.line("no users are online");
});

programTest(
  "a bug while a command has the alternate screen: the terminal is given back, and it is told",
  POSIX,
  async () => {
    const bug = new URL("./program_screen_bug.ts", import.meta.url).pathname;
    await using pty = new Pty(["list"], {}, [Deno.execPath(), "run", "-q", "-A", "--no-check", bug]);
    const { code, restored } = await pty.end();
    assertEquals([code, restored], [70, true]);
    await pty.shows((lines) =>
      lines.join("").startsWith("chatterbox: this is a bug, please report it: TypeError: a bug")
    );
    assertStringIncludes(pty.raw, LEAVE);
  },
);
