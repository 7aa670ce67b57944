/** tests/bench/load.ts, as `deno task compare` runs it: one line of JSON with no fault. No figure is asserted. */
import { assertEquals, assertRejects } from "@std/assert";
import { ChannelLoad } from "../../lib/bench/load/channel_load.ts";
import { LoadError } from "../../lib/bench/load/load_error.ts";
import { programTest, Server } from "../commands/program.ts";
import { outputOf } from "../support/guard.ts";

const MODES: readonly (readonly [mode: string, flags: readonly string[], figure: string])[] = [
  ["fanout", ["--receivers=6", "--senders=2"], "deliveriesPerS"],
  ["fanout", ["--receivers=6", "--senders=2", "--rate=50", "--with-history=10"], "lateMs"],
  ["conns", ["--connections=10", "--join"], "registrationsPerS"],
  ["dm", ["--pairs=2"], "roundTripsPerS"],
  ["history", ["--fill=200"], "requestsPerS"],
];
const FAULTS = ["lost", "extra", "outOfOrder", "twice", "malformed", "wrong", "dropped"];

programTest("load.ts: every mode on a server of ours", {}, async () => {
  await using server = await Server.start();
  for (const [mode, flags, figure] of MODES) {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-q", "--allow-net", "--allow-read", "--allow-run=cat", `${import.meta.dirname}/load.ts`],
        ...[
          mode,
          ...flags,
          "--secs=1",
          `--server=${server.url.replace("irc://", "")}`,
          `--pid=${server.pid}`,
        ],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { code, out, err } = await outputOf(`load.ts ${mode}`, child);
    assertEquals(code, 0, `${mode}: ${out}${err}`);
    const figures = JSON.parse(out);
    assertEquals(figures.mode, mode);
    assertEquals(figures[figure] >= 0, true, `${mode}: ${figure}`);
    assertEquals(FAULTS.filter((name) => (figures[name] ?? 0) !== 0), [], mode);
  }
});

programTest("load: receivers are spread over the addresses of a server", {}, async () => {
  await using server = await Server.start();
  const port = Number(new URL(server.url).port);
  const options = { channel: "#room", receivers: 6, senders: 1, caps: "", atOnce: 4, pid: undefined };
  const address = { kind: "tcp", host: "127.0.0.1", port } as const;
  const channel = await ChannelLoad.open({ ...options, address, others: [address] });
  channel.close();
  const other = { ...address, port: 1 }; // where no server listens
  await assertRejects(() => ChannelLoad.open({ ...options, address, others: [other] }), LoadError);
});
