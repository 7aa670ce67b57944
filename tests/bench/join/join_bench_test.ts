/** tests/bench/join.ts with little to do: every figure is there. Nothing is asserted of what it measures. */
import { assertEquals } from "@std/assert";
import { inTime } from "../../support/guard.ts";
import { needs, toolPath } from "../../tools.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
/** It starts six servers and eight clients one after the other. */
const GUARD_MS = 600_000;
/** Figures that only Linux has. */
const OF_PROC = ["startupCpuMs", "keyCpuUs", "lineCpuUs", "rssMiB", "pssMiB"];
const FIGURES = [
  ...["startupMsMedian", "startupMsP95", "idleEchoMsMedian", "idleEchoMsP95", "keyBytes"],
  ...["floodEchoMsMedian", "floodEchoMsP95", "floodPerSecond", "behindMs", "lineBytes"],
  ...(Deno.build.os === "linux" ? OF_PROC : []),
];

Deno.test({
  name: "bench:join has every figure of join and of each peer",
  ...needs("script"),
  async fn() {
    const few = ["--rounds=1", "--startups=1", "--keys=3", "--lines=50", "--rate=500"];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", `${ROOT}tests/bench/join.ts`, ...few, "--json"],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // It ends by itself: each of its own waits is guarded.
    const { code, stdout, stderr } = await inTime("the end of bench:join", child.output(), {
      guardMs: GUARD_MS,
    });
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const { figures } = JSON.parse(new TextDecoder().decode(stdout));
    const peers = ["irssi", "weechat"].filter((name) => toolPath(name) !== undefined);
    assertEquals(Object.keys(figures), ["join", ...peers]);
    for (const [client, own] of Object.entries<Record<string, number>>(figures)) {
      assertEquals(Object.keys(own).sort(), FIGURES.toSorted(), client);
      assertEquals(Object.entries(own).filter(([, value]) => !(value >= 0)), [], client);
    }
  },
});
