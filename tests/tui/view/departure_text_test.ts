import { assertEquals } from "@std/assert";
import { explainDeparture } from "../../../lib/tui/view/departure_text.ts";
import { pureTest } from "../../support/test.ts";

pureTest(
  "departure: what a server or a program says by itself is left out, a lost connection is told",
  () => {
    for (
      const reason of [
        "",
        "Quit:",
        "Quit: ",
        "Quit: Leaving",
        "Leaving",
        "Client Quit",
        "Client exited",
        "Quit: bob",
        "BOB",
      ]
    ) {
      assertEquals(explainDeparture(reason, "bob"), { isLost: false, reason: "" }, reason);
    }
    for (
      const reason of [
        "Connection closed",
        "Ping timeout: 120 seconds",
        "Remote host closed the connection",
        "Read error: EOF",
      ]
    ) {
      assertEquals(explainDeparture(reason, "bob"), { isLost: true, reason: "" }, reason);
    }
  },
);

pureTest("departure: the words of a person stay, also those that look like a server's", () => {
  const said: readonly [string, string][] = [
    ["Quit: tea", "tea"],
    ["gone fishing", "gone fishing"],
    ["Quit: Ping timeout: 3 s", "Ping timeout: 3 s"],
    ["Leaving early", "Leaving early"],
    ["Killed (op (spam))", "Killed (op (spam))"],
  ];
  for (const [reason, words] of said) {
    assertEquals(explainDeparture(reason, "bob"), { isLost: false, reason: words });
  }
});
