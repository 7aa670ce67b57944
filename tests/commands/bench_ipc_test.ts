/** `chatterbox bench ipc`, with real processes and real kills; few records, and no figure is asserted. */
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { command } from "../../commands/bench.ts";
import { findWriteFault } from "../../commands/bench/output_file.ts";
import { reportIpc } from "../../commands/bench/ipc_report.ts";
import type { WayFigures } from "../../lib/bench/ipc/ipc_run.ts";
import { IPC_WAYS } from "../../lib/bench/ipc/ways.ts";
import type { PeerSetup } from "../../lib/bench/ipc/peer_messages.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { shell } from "../shm/segments.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { program, programTest } from "./program.ts";
import { run } from "./run_command.ts";

/** The mapped ring and the permission to start the program itself are Linux's. */
const LINUX = { ignore: Deno.build.os !== "linux" };

interface JsonWay {
  readonly way: string;
  readonly sizes: readonly Record<string, number>[];
  readonly kills: readonly {
    readonly killed: string;
    readonly saw: string | null;
    readonly afterMs: number | null;
    readonly records: number;
    readonly damaged: number;
    readonly partialBytes: number;
  }[];
}

function waysOf(out: string): JsonWay[] {
  return out.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Segments that a run has left in memory. The runtime itself lists nothing below /dev without all permissions. */
async function leftSegments(): Promise<string[]> {
  const names = (await shell("ls /dev/shm")).split("\n");
  return names.filter((name) => name.startsWith("chatterbox-bench-"));
}

programTest("bench ipc: every way carries every record, whole and in order", LINUX, async (home) => {
  const svg = `${home}/ipc.svg`;
  const sizes = [16, 1000, 65536];
  const flags = ["--json", "--no-kill", "--count=150", `--sizes=${sizes.join(",")}`, `--svg=${svg}`];
  const { code, out, err } = await program(["bench", "ipc", ...flags], home);
  assertEquals(code, 0, err);
  const ways = waysOf(out);
  assertEquals(ways.map(({ way }) => way), IPC_WAYS.map(({ name }) => name));
  for (const { way, sizes: figures, kills } of ways) {
    assertEquals(figures.map(({ sizeBytes }) => sizeBytes), sizes, way);
    for (const { records, lost, outOfOrder, twice, damaged } of figures) {
      assertEquals([records, lost, outOfOrder, twice, damaged], [300, 0, 0, 0, 0], way);
    }
    assertEquals(kills, []);
  }
  assertMatch(err, /^# 1\/30 tcp: 16 B$/m);
  const picture = await Deno.readTextFile(svg);
  assertMatch(picture, /^<svg [^]*<\/svg>\n$/);
  for (const { way } of ways) assertStringIncludes(picture, `>${way}</text>`);
  assertEquals(await leftSegments(), []);
});

programTest(
  "bench ipc: a killed writer or reader is seen through a socket, and not through shared memory alone; no record is torn",
  LINUX,
  async (home) => {
    const only = "--only=unix,ring,ring-spin,threads";
    const { code, out, err } = await program(
      ["bench", "ipc", "--json", only, "--count=10", "--sizes=64"],
      home,
    );
    assertEquals(code, 0, err);
    for (const { way, kills } of waysOf(out)) {
      assertEquals(kills.map(({ killed }) => killed), ["writer", "reader"], way);
      for (const { killed, saw, afterMs, records, damaged, partialBytes } of kills) {
        const isSeen = way === "unix" || way === "ring";
        assertEquals([saw !== null, afterMs !== null], [isSeen, isSeen], `${way}: ${killed}`);
        if (isSeen) assertMatch(saw!, /^(end of stream|EPIPE|ECONNRESET)$/);
        assertEquals(records > 0, true, `${way}: ${killed}: records before the kill`);
        assertEquals(damaged, 0, `${way}: ${killed}`);
        if (way !== "unix") assertEquals(partialBytes, 0, `${way}: ${killed}`);
      }
    }
    assertEquals(await leftSegments(), []);
  },
);

programTest(
  "bench ipc: a reader of which the run has been killed removes what the run has made",
  LINUX,
  async (home) => {
    for (const carrier of ["ring", "spin", "file"] as const) {
      const folder = `${home}/run-${carrier}`;
      await Deno.mkdir(folder);
      const setup: PeerSetup = {
        role: "reader",
        carrier,
        folder,
        segment: `chatterbox-bench-${carrier}-test.shm`,
      };
      const { code, out } = await program(["bench", "ipc-peer", JSON.stringify(setup)], home); // its input is at the end
      assertEquals([code, out], [0, `{"kind":"ready"}\n`]);
      await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
    }
    assertEquals(await leftSegments(), []);
  },
);

Deno.test("bench: wrong usage is 64, and says what there is", async () => {
  const cases: (readonly [string[], RegExp])[] = [
    [[], /say what: ipc/],
    [["icp"], /no bench called icp/],
    [["ipc", "--only", "tcp,pigeon"], /no way called "pigeon"; there are tcp, tcp-batch, unix/],
    [["ipc", "--sizes", "15"], /"15" is not a size of 16 to 64 KiB/],
    [["ipc", "--sizes", "16,65KiB"], /"65KiB" is not a size/],
    [["ipc", "--only", ","], /no way called ""; there are/],
    [["ipc", "--sizes", ","], /"" is not a size of/],
    [["ipc", "--seconds", "0"], /--seconds 0: not a whole number from 1 to 3600\n/],
    [["ipc", "now"], /unexpected argument now/],
    [["ipc-peer"], /only chatterbox bench ipc starts this/],
  ];
  for (const [args, text] of cases) {
    const { code, out, err } = await run(command, args);
    assertEquals([code, out], [64, ""], args.join(" "));
    assertMatch(err, text);
  }
});

const FIGURES: WayFigures = {
  way: IPC_WAYS[0]!,
  sizes: [{
    sizeBytes: 256,
    records: 1000,
    recordsPerS: 123_456,
    bytesPerS: 31_604_736,
    latency: { samples: 100, p50Ms: 0.0251, p99Ms: 0.4, maxMs: 12.5 },
    cpuUsPerRecord: 5.25,
    faults: { lost: 0, outOfOrder: 0, twice: 0, damaged: 0 },
  }],
  rssBytes: 123 * 1024 * 1024,
  kills: [{
    killed: "writer",
    saw: "end of stream",
    afterMs: 0.42,
    watchedMs: 1000,
    records: 500,
    damaged: 0,
    partialBytes: 3,
  }, {
    killed: "reader",
    saw: "ECONNRESET",
    afterMs: 0.42,
    watchedMs: 1000,
    records: 500,
    damaged: 0,
    partialBytes: 0,
  }],
};

Deno.test("bench ipc: the table has a row for each size, and one for each way", async () => {
  const io = new FakeIo();
  assertEquals(await reportIpc([FIGURES], { json: false }, io), 0);
  await io.flush();
  assertMatch(io.out, /^tcp +256 B +123k +31\.6M +25\.1 +400 +12\.5k +5\.25$/m);
  assertMatch(io.out, /^tcp +network +123 MiB +end of stream, 0\.42 ms +ECONNRESET, 0\.42 ms$/m);
  assertMatch(io.out, /^Records of 256 B a second \(logarithmic, from 1k to 100M\)\ntcp {2}#{21} 123k$/m);
  assertMatch(
    io.out,
    /^Median latency of 256 B in microseconds \(logarithmic, from 1 to 100k\)\ntcp {2}#{14} 25\.1$/m,
  );
  assertEquals(io.out.split("\n").filter((line) => line.length > 80), []);
});

Deno.test("bench ipc: a lost record is exit code 72, and says where", async () => {
  const [size] = FIGURES.sizes;
  const faults = { lost: 2, outOfOrder: 0, twice: 0, damaged: 1 };
  const io = new FakeIo();
  const figures = { ...FIGURES, sizes: [{ ...size!, faults }] };
  assertEquals(await reportIpc([figures], { json: true }, io), 72);
  await io.flush();
  assertEquals(JSON.parse(io.out).sizes[0].lost, 2);
  assertEquals(io.err, "chatterbox: bench ipc: tcp 256 B: 2 lost; tcp 256 B: 1 damaged\n");
});

Deno.test("bench ipc: a picture that cannot be written is exit code 74, after the figures", async () => {
  const io = new FakeIo();
  assertEquals(await reportIpc([FIGURES], { json: true, svg: "/none/such/ipc.svg" }, io), 74);
  await io.flush();
  assertEquals(io.err, "chatterbox: cannot write /none/such/ipc.svg: there is no such folder\n");
  assertEquals(JSON.parse(io.out).way, "tcp");
});

Deno.test("bench ipc: a picture that cannot be written is told before the run; one that is there stays", async () => {
  await withTempDir(async (dir) => {
    for (const [path, why] of [["/none/such/ipc.svg", "there is no such folder"], [dir, "it is a folder"]]) {
      const { code, out, err } = await run(command, ["ipc", "--svg", path!]);
      assertEquals([code, out, err], [74, "", `chatterbox: cannot write ${path}: ${why}\n`]);
    }
    await Deno.writeTextFile(`${dir}/old.svg`, "old");
    assertEquals([findWriteFault(`${dir}/old.svg`), findWriteFault(`${dir}/new.svg`)], [
      undefined,
      undefined,
    ]);
    assertEquals(Array.from(Deno.readDirSync(dir), ({ name }) => name), ["old.svg"]);
    assertEquals(await Deno.readTextFile(`${dir}/old.svg`), "old");
  });
});

programTest("bench ipc: without the permission to start a process: 74, in one line", LINUX, async (home) => {
  const args = ["run", "-q", "--no-prompt", "-P=client", `${import.meta.dirname}/../../main.ts`];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, "bench", "ipc", "--only=tcp"],
    env: { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([code, out], [74, ""]);
  assertMatch(err!, /^chatterbox: bench ipc: .*run access/m);
});
