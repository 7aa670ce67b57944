import { assertEquals } from "@std/assert";
import { countColumns } from "../../../lib/base/text_width.ts";
import type { ConnectionStatus } from "../../../lib/client/conversation/connection_status.ts";
import type { View } from "../../../lib/client/conversation/model/views.ts";
import { formatPrompt } from "../../../lib/tui/view/view_prompt.ts";
import type { ViewState } from "../../../lib/tui/view/view_prompt.ts";
import { forAll } from "../../irc/property.ts";
import { pureTest } from "../../support/test.ts";

const LIVE: ConnectionStatus = { kind: "live" };
const WAITING: ConnectionStatus = { kind: "waiting", since: 10_000, retryMs: 3_700 };

/** `#lobby 3`, and `@bob 1!` with a mention: an unread view. */
function unreadView(text: string): View {
  const [, name = "", count, mention] = /^@?(\S+) (\d+)(!?)$/.exec(text)!;
  return {
    key: { name },
    kind: name.startsWith("#") ? "channel" : "direct",
    name,
    unreadCount: Number(count),
    mentionCount: mention === "!" ? 1 : 0,
    lastActivity: undefined,
    readUntil: 0,
    isCurrent: false,
    isOpen: true,
    isJoined: true,
  };
}

function promptOf(
  name: string | undefined,
  { unread = [], state = "in", status = LIVE, unsentCount = 0, columns = 80 }: {
    unread?: string[];
    state?: ViewState;
    status?: ConnectionStatus;
    unsentCount?: number;
    columns?: number;
  } = {},
): string {
  const view = name === undefined ? undefined : { name, state };
  return formatPrompt({ view, unread: unread.map(unreadView), status, unsentCount }, 10_000, columns);
}

pureTest("prompt: it shows where typed lines go, and what is not as usual", () => {
  assertEquals(promptOf("#lobby"), "#lobby> ");
  assertEquals(promptOf("bob"), "@bob> ");
  assertEquals(promptOf(undefined), "(no room)> ");
  assertEquals(promptOf("#dev", { state: "left" }), "#dev (left)> ");
  assertEquals(promptOf("#dev", { state: "joining" }), "#dev (joining)> ");
  assertEquals(promptOf("#dev", { state: "out" }), "#dev (not in it)> ");
  assertEquals(promptOf("#lobby", { unsentCount: 2 }), "#lobby [2 unsent]> ");
  assertEquals(promptOf("#lobby", { status: { kind: "connecting" } }), "#lobby [connecting…]> ");
  assertEquals(
    promptOf("#lobby", { status: WAITING, unsentCount: 2 }),
    "#lobby [reconnecting (4 s), 2 unsent]> ",
  );
});

pureTest("prompt: what is unread elsewhere, mentions and direct messages first", () => {
  const unread = ["#lobby 12", "#ops 3", "@bob 1!"];
  assertEquals(promptOf("#dev", { unread }), "#dev [@bob 1! · #lobby 12 · #ops 3]> ");
  assertEquals(promptOf("#dev", { unread, state: "left" }), "#dev (left) [@bob 1! · #lobby 12 · #ops 3]> ");
  assertEquals(promptOf("#dev", { unread, columns: 40 }), "#dev [@bob 1! +2]> ");
  assertEquals(
    promptOf("#a-room-with-a-long-name", { unread, columns: 40 }),
    "#a-room-with-a-long-name [+3!]> ",
  );
  assertEquals(
    promptOf("#a-room-with-a-long-name", { unread: ["#ops 3"], columns: 40 }),
    "#a-room-with-a-long-name [+1]> ",
  );
  const many = Array.from({ length: 30 }, (_, n) => `#room${n} ${n + 1}`);
  assertEquals(
    promptOf("#dev", { unread: many, columns: 200 }),
    "#dev [#room0 1 · #room1 2 · #room2 3 · #room3 4 · #room4 5 +25]> ",
  );
});

pureTest(
  "prompt: beside the name of the view it takes at most three fifths of the width, or four columns",
  () => {
    forAll(300, (random) => {
      const unread = Array.from(
        { length: random.below(12) },
        () =>
          `#${"x".repeat(1 + random.below(30))} ${1 + random.below(5000)}${random.below(2) === 0 ? "!" : ""}`,
      );
      const columns = 20 + random.below(200);
      const prompt = promptOf("#dev", { unread, columns });
      assertEquals(countColumns(prompt) <= Math.max(columns * 0.6, "#dev [+12!]> ".length), true, prompt);
      assertEquals(prompt.includes("["), unread.length > 0);
    });
  },
);

pureTest("prompt: with hundreds of unread views it names the first ones and counts the rest", () => {
  const unread = Array.from({ length: 500 }, (_, nth) => unreadView(`#room${nth} 1`));
  const state = { view: undefined, unread, status: LIVE, unsentCount: 0 };
  const prompt = formatPrompt(state, 0, 80);
  assertEquals(prompt, "(no room) [#room0 1 · #room1 1 +498]> ");
});
