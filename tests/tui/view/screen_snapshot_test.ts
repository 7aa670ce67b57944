import { assertEquals } from "@std/assert";
import { loadPalette } from "../../../lib/cli/standard_streams.ts";
import { formatAnsi } from "../../../lib/tui/view/styled_line.ts";
import { Xterm } from "../xterm.ts";
import { joined, MINUTE, Printing, quit, react, say } from "./printing.ts";

const TEXT =
  "two retries in payments, both recovered; I'll write it up and link the graph, so that the next one that " +
  "is on call finds it at once: https://grafana.example.org/d/payments";

/** What xterm.js shows of a conversation. */
async function shoot(columns: number, width?: string): Promise<string[]> {
  const printing = new Printing(columns, width === undefined ? {} : { width }, 9);
  printing.add(say("the deploy is through, 4 min 12 s", { from: "alice" }), say("nice. **any** errors?"));
  printing.add(say(TEXT, { from: "alice", time: MINUTE }));
  printing.add(say("build 4711 passed", { id: "m", from: "ci", time: MINUTE })).add(
    react("👍", "m"),
    react("👍", "m", "carol"),
  );
  printing.add(
    say("was that the spike?", {
      time: 2 * MINUTE,
      replyTo: "x",
      quoted: { of: "alice", excerpt: TEXT.slice(0, 80) },
    }),
  );
  printing.add(
    joined("carol", 2 * MINUTE),
    joined("dave", 2 * MINUTE),
    quit("erin", "Client Quit", 2 * MINUTE),
  ).flush();
  const xterm = new Xterm(columns, 30);
  try {
    const palette = loadPalette("all", true);
    await xterm.write(printing.rows.map((row) => formatAnsi(row, palette) + "\r\n").join(""));
    return xterm.lines();
  } finally {
    xterm.dispose();
  }
}

const WIDE_TAIL = [
  "       ci  build 4711 passed  👍 2",
];

Deno.test("screen: 40 columns", async () => {
  assertEquals(await shoot(40), [
    "alice  00:00",
    "  the deploy is through, 4 min 12 s",
    "bob",
    "  nice. **any** errors?",
    "alice  00:01",
    "  two retries in payments, both",
    "  recovered; I'll write it up and link",
    "  the graph, so that the next one that",
    "  is on call finds it at once:",
    "  https://grafana.example.org/d/payments",
    "ci",
    "  build 4711 passed  👍 2",
    "bob  00:02",
    '  ↳ alice: "two retries in payments, b…"',
    "  was that the spike?",
    "··· carol and dave came, erin left",
  ]);
});

Deno.test("screen: 80 columns", async () => {
  assertEquals(await shoot(80), [
    "00:00  alice  the deploy is through, 4 min 12 s",
    "       bob  nice. **any** errors?",
    "00:01  alice  two retries in payments, both recovered; I'll write it up and link",
    "           the graph, so that the next one that is on call finds it at once:",
    "           https://grafana.example.org/d/payments",
    ...WIDE_TAIL,
    '00:02  bob  ↳ alice: "two retries in payments, both recovered; I\'ll wri…"',
    "           was that the spike?",
    "       ··· carol and dave came, erin left",
  ]);
});

Deno.test("screen: text has 100 columns at 120 and 200, unless more is chosen", async () => {
  const narrow = await shoot(100);
  assertEquals([await shoot(120), await shoot(200)], [narrow, narrow]);
  assertEquals(narrow.slice(2, 5), [
    "00:01  alice  two retries in payments, both recovered; I'll write it up and link the graph, so that",
    "           the next one that is on call finds it at once: https://grafana.example.org/d/payments",
    ...WIDE_TAIL,
  ]);
  assertEquals((await shoot(200, "full"))[2], `00:01  alice  ${TEXT}`);
});
