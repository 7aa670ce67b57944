/** What draws attention at a real terminal: title, bell, notifications of the desktop. */
import { assertEquals } from "@std/assert";
import { needs } from "../tools.ts";
import { program, programTest, Server } from "./program.ts";
import { Pty } from "./pty.ts";

programTest(
  "join at a terminal: a mention rings, notifies and is counted in the title, which comes back; not in a room that is looked at",
  needs("script"),
  async () => {
    await using server = await Server.start();
    const say = async (text: string) => {
      const args = ["send", "#lobby", text, "--from", "bob", "--server", server.url];
      assertEquals((await program(args, `${server.home}/bob`)).code, 0);
    };
    await say("alice, in history");
    await using alice = new Pty(["join", "alice", "--bell", "--server", server.url], {
      XDG_CONFIG_HOME: `${server.home}/alice`,
      XDG_STATE_HOME: `${server.home}/alice`,
      TERM_PROGRAM: "iTerm.app",
      TMUX: "",
    });
    await alice.line(/··· 1 person in #lobby: alice$/);
    alice.press("\x1b[I"); // the terminal has the focus
    alice.press("first\r");
    await alice.line(/alice {2}first$/);
    await say("alice, looked at");
    await alice.line(/bob {2}>>> alice, looked at$/);
    alice.press("\x1b[O"); // and has it no longer
    alice.press("second\r");
    await alice.line(/alice {2}second$/);
    await say("alice, tea?");
    await alice.line(/bob {2}>>> alice, tea\?$/);
    alice.press("/quit\r");
    assertEquals(await alice.end(), { code: 0, restored: true });
    const [before = "", after = ""] = alice.raw.split("\x1b]9;");
    assertEquals(after.slice(0, after.indexOf("\x1b\\")), "bob in #lobby: alice, tea?");
    assertEquals([before.split("\x07").length, alice.raw.split("\x07").length], [2, 2]);
    assertEquals(before.includes("\x1b[22;0t\x1b]0;#lobby · ChatterBox\x1b\\"), true);
    assertEquals(after.includes("\x1b]0;\x1b\\\x1b[23;0t"), true);
  },
);
