/** `/join` and Tab: the rooms that one is not in, by a list of the server. */
import { assertEquals } from "@std/assert";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import { MAX_OFFERED_CHANNELS, ROOM_LIST_MS } from "../../lib/tui/input/room_list.ts";
import { TerminalUi } from "../../lib/tui/terminal_ui.ts";
import { pureTest } from "../support/test.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { ViewRun } from "./view_run.ts";

pureTest(
  "join and Tab: the server is asked once in a while, and its rooms are offered when they come",
  async () => {
    const terminal = new FakeTerminal(80, 24);
    const ui = new TerminalUi(terminal, await loadPalette(false));
    const alice = await new ViewRun({ ui, home: "#lobby" }).settle();
    alice.server.answers["LIST"] = ["#lobby", "#dev", "#docs", "#ops"].map((room) =>
      `:s 322 alice ${room} 1 :`
    );
    alice.takeSent();
    const press = async (keys: string, ...end: string[]) => {
      terminal.press(keys);
      await terminal.shows((lines) => lines.slice(-end.length).join("\n") === end.join("\n"));
    };
    await press("hi \t", "#lobby> hi bob");
    assertEquals(alice.takeSent(), []);
    await press("\x15/join #d\t", "#lobby> /join #d", "  #dev  #docs");
    assertEquals(alice.takeSent(), ["LIST"]);
    await press("e\t", "#lobby> /join #dev");
    await press("\x15/join o\t", "#lobby> /join #ops");
    assertEquals(alice.takeSent(), []);
    alice.now += ROOM_LIST_MS;
    await press("\x15/j l\t\t", "#lobby> /j l");
    assertEquals(alice.takeSent(), ["LIST"]);
    terminal.press("\x15\x04");
    await alice.ended;
    alice.close();
    ui.close();
    await terminal.output.flush();
  },
);

pureTest("join and Tab: without a connection nothing is asked", async () => {
  const alice = await new ViewRun({ home: "#lobby" }).settle();
  alice.update((chat, now) => chat.handleDisconnected("cut", 1000, now));
  alice.takeSent();
  assertEquals([...alice.complete("/join ").joinable ?? []], ["#lobby"]);
  assertEquals(alice.takeSent(), []);
});

pureTest("join and Tab: of a long list the first rooms are offered", async () => {
  const alice = await new ViewRun({ home: "#lobby" }).settle();
  alice.server.answers["LIST"] = Array.from(
    { length: MAX_OFFERED_CHANNELS + 5 },
    (_, n) => `:s 322 alice #r${n} 1 :`,
  );
  alice.complete("/join ");
  await alice.settle();
  assertEquals([...alice.complete("/join ").joinable ?? []].length, MAX_OFFERED_CHANNELS);
});
