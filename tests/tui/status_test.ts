import { assertEquals } from "@std/assert";
import { changesIn, promptText } from "../../lib/tui/status.ts";
import type { LinkStatus } from "../../lib/tui/status.ts";

const LIVE: LinkStatus = { kind: "live" };
const WAITING: LinkStatus = { kind: "waiting", since: 10_000, retryMs: 3_700 };

Deno.test({
  name: "status: as long as all is well the prompt says the room; else how it stands, and what waits",
  permissions: "none",
  fn() {
    assertEquals(promptText("#lobby", undefined, LIVE, 0, 0), "#lobby> ");
    assertEquals(promptText(undefined, undefined, LIVE, 0, 0), "(no room)> ");
    assertEquals(promptText(undefined, "#dev", LIVE, 0, 0), "#dev (left)> ");
    assertEquals(promptText("#lobby", undefined, LIVE, 2, 0), "#lobby [2 unsent]> ");
    assertEquals(promptText("#lobby", undefined, { kind: "connecting" }, 0, 0), "#lobby [connecting…]> ");
    assertEquals(
      promptText("#lobby", undefined, WAITING, 2, 10_000),
      "#lobby [reconnecting (4 s), 2 unsent]> ",
    );
  },
});

Deno.test({
  name: "status: it counts down, second by second, to the last one",
  permissions: "none",
  fn() {
    const seen: string[] = [];
    let now = 10_000;
    for (let ms: number | undefined = 0; ms !== undefined; ms = changesIn(WAITING, now)) {
      now += ms;
      seen.push(`${now} ${promptText("#a", undefined, WAITING, 0, now)}`);
    }
    assertEquals(seen, [
      "10000 #a [reconnecting (4 s)]> ",
      "10700 #a [reconnecting (3 s)]> ",
      "11700 #a [reconnecting (2 s)]> ",
      "12700 #a [reconnecting (1 s)]> ",
    ]);
    assertEquals(promptText("#a", undefined, WAITING, 0, 99_000), "#a [reconnecting (1 s)]> ");
    assertEquals(promptText("#a", undefined, WAITING, 0, 0), "#a [reconnecting (4 s)]> "); // the clock was set back
    assertEquals(changesIn(LIVE, now), undefined);
    assertEquals(changesIn({ kind: "connecting" }, now), undefined);
  },
});
