import { assertEquals } from "@std/assert";
import { formatLogsCommand } from "../../lib/client/conversation/logs_command.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "logs command: target, name, server and time, quoted for a shell",
  () => {
    const since = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
    assertEquals(
      formatLogsCommand({ target: "carol", since, name: "bob", server: undefined }),
      "chatterbox logs --with carol --name bob --since @1767323045.006",
    );
    assertEquals(
      formatLogsCommand({ target: "#ops", since, name: "bob", server: "ircs://[::1]:6697" }),
      "chatterbox logs --room '#ops' --server 'ircs://[::1]:6697' --since @1767323045.006",
    );
    assertEquals(
      formatLogsCommand({ target: "a`b", since, name: "d'or", server: undefined }),
      "chatterbox logs --with 'a`b' --name 'd'\\''or' --since @1767323045.006",
    );
  },
);
