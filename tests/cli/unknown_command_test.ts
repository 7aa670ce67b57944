import { assertEquals } from "@std/assert";
import { describeUnknownCommand } from "../../lib/cli/flags/unknown_command.ts";
import { pureTest } from "../support/test.ts";

const KNOWN = ["serve", "join", "send", "logs", "list", "register", "unregister", "help", "version"];

pureTest("an unknown command: the one that is written like it, in any case of its letters", () => {
  const meant: Readonly<Record<string, string>> = {
    sned: "send",
    SEND: "send",
    lits: "list",
    lgos: "logs",
    jion: "join",
    rigester: "register",
    unreg: "unregister",
    verison: "version",
  };
  for (const [word, command] of Object.entries(meant)) {
    assertEquals(
      describeUnknownCommand(word, KNOWN),
      `no command called ${word}; did you mean chatterbox ${command}?`,
    );
  }
});

pureTest("an unknown command: the one that does what other programs call so", () => {
  const meant: Readonly<Record<string, string>> = {
    ls: "list",
    who: "list",
    users: "list",
    rooms: "list --rooms",
    chat: "join",
    history: "logs",
    tail: "logs --tail",
    Search: "logs --search",
  };
  for (const [word, command] of Object.entries(meant)) {
    assertEquals(
      describeUnknownCommand(word, KNOWN),
      `no command called ${word}; did you mean chatterbox ${command}?`,
    );
  }
});

pureTest("an unknown command: a flag, a room, and what is like nothing", () => {
  assertEquals(
    describeUnknownCommand("--server", KNOWN),
    "--server: flags come after the command: chatterbox COMMAND --server",
  );
  assertEquals(
    describeUnknownCommand("#ops", KNOWN),
    "#ops is a room; enter it with chatterbox join, then /join #ops",
  );
  for (const word of ["xyzzy", "constructor", "toString"]) {
    assertEquals(
      describeUnknownCommand(word, KNOWN),
      `no command called ${word}; to chat under this name: chatterbox join ${word}; ` +
        "chatterbox --help lists the commands",
    );
  }
  assertEquals(
    describeUnknownCommand("hello world", KNOWN),
    "no command called hello world; chatterbox --help lists the commands",
  );
});
