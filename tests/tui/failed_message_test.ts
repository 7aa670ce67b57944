/** What a terminal shows of messages that the server has refused, or that may not have arrived. */
import { assertEquals } from "@std/assert";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import { TerminalUi } from "../../lib/tui/terminal_ui.ts";
import { pureTest } from "../support/test.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { inTwoRooms, ViewRun } from "./view_run.ts";

pureTest("a refused message has a line with ✗ and a word, and below it the reason", async () => {
  const alice = await inTwoRooms();
  alice.server.answers["PRIVMSG #lobby"] = [":s 404 alice #lobby :Cannot send to channel (+m)"];
  await alice.type("two\nlines");
  assertEquals(alice.takeShown(), [
    "t100   alice  two ✗ failed",
    "t100   !!! #lobby is moderated: only operators, and people with voice, may speak",
    "t100   alice  lines ✗ failed",
    "t100   !!! #lobby is moderated: only operators, and people with voice, may speak",
  ]);
});

pureTest("a refused direct message names the receiver", async () => {
  const alice = await inTwoRooms();
  alice.server.answers["PRIVMSG zoe"] = [":s 401 alice zoe :No such nick"];
  await alice.type("/msg zoe hi: there");
  assertEquals(alice.takeShown(), [
    "t100   [alice -> zoe] hi: there ✗ failed",
    "t100   !!! no user called zoe is online",
  ]);
});

pureTest("a message that may not have arrived is marked, too", async () => {
  const alice = await inTwoRooms();
  alice.typeAhead("are you there?");
  alice.update((chat, now) => chat.handleDisconnected("cut", 1000, now));
  alice.takeShown();
  alice.update((chat, now) => {
    chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false }, true, now);
  });
  await alice.settle();
  assertEquals(alice.takeShown().slice(0, 2), [
    "t100   alice  are you there? ✗ failed",
    "t100   !!! this may not have arrived",
  ]);
});

pureTest("the mark of a refused message needs no colour, and up-arrow has its text", async () => {
  const terminal = new FakeTerminal(40, 12);
  const ui = new TerminalUi(terminal, await loadPalette(false));
  const alice = await new ViewRun({ ui, home: "#lobby" }).settle();
  alice.server.answers["PRIVMSG #lobby"] = [":s 404 alice #lobby :Cannot send to channel (+m)"];
  terminal.press("a careful text\r");
  await terminal.shows((lines) => lines.some((line) => line.includes("!!!")));
  terminal.press("\x1b[A");
  const lines = await terminal.shows((lines) => lines.at(-1)?.endsWith("text") === true);
  terminal.press("\x15\x04");
  await alice.ended;
  alice.close();
  ui.close();
  assertEquals(lines.slice(-6), [
    "alice  t100",
    "  a careful text ✗ failed",
    "t100 !!! #lobby is moderated: only",
    "  operators, and people with voice, may",
    "  speak",
    "#lobby> a careful text",
  ]);
});
