/** The keeper of `serve --fronts` with hubs and fronts that are no processes: what it starts, and when, and how it ends. */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { writeAll } from "../../../lib/net/conn.ts";
import type { ProcessEnd, RunningProcess } from "../../../lib/server/keeper/child_process.ts";
import { HubWatch, SIGN_MS } from "../../../lib/server/keeper/hub_watch.ts";
import { Keeper } from "../../../lib/server/keeper/keeper.ts";
import { KeeperLink } from "../../../lib/server/keeper/keeper_link.ts";
import {
  formatMessage,
  HANDED_OVER_CODE,
  type HubReport,
  type HubStart,
  type KeeperOrder,
  MAX_KEEPER_LINE_BYTES,
} from "../../../lib/server/keeper/keeper_protocol.ts";
import { ServerLog } from "../../../lib/server/server_log.ts";
import { comesTrue, inTime, readToEnd } from "../../support/guard.ts";
import { POSIX, pureTest, tempDirTest } from "../../support/test.ts";

/** A process that ends when the test says so, or when it is killed. */
class FakeProcess implements RunningProcess {
  readonly #end = Promise.withResolvers<ProcessEnd>();
  readonly ended = this.#end.promise;
  readonly signals: Deno.Signal[] = [];

  constructor(readonly pid: number) {}

  kill(signal: Deno.Signal): void {
    this.signals.push(signal);
    if (signal === "SIGKILL") this.end({ code: 137, signal });
  }

  end(end: ProcessEnd): void {
    this.#end.resolve(end);
  }
}

/** A hub; its end of the connection with the keeper is real. */
class FakeHub extends FakeProcess {
  readonly orders: KeeperOrder[] = [];
  #link: KeeperLink | undefined;

  constructor(readonly start: HubStart, readonly dataDir: string) {
    super(Deno.pid);
  }

  async listen(): Promise<void> {
    const link = await KeeperLink.open({
      dataDir: this.dataDir,
      relay: "relay.sock",
      onOrder: (order) => this.orders.push(order),
      onTrouble: () => {},
    });
    if ("why" in link) throw new Error(link.why);
    this.#link = link;
  }

  report(report: HubReport): void {
    this.#link!.report(report);
  }

  async become(report: HubReport): Promise<void> {
    await this.listen();
    this.report(report);
  }

  hears(kind: KeeperOrder["kind"]): Promise<KeeperOrder> {
    return comesTrue(kind, () => this.orders.find((order) => order.kind === kind) ?? false);
  }

  /** Ends the process, and with it the connection. */
  async die(end: ProcessEnd): Promise<void> {
    await this.#link?.close();
    this.end(end);
  }
}

/** A keeper with its processes; pauses pass at once and are noted, time is what `time` says. */
class Rig {
  readonly hubs: FakeHub[] = [];
  readonly fronts: (FakeProcess & { index: number })[] = [];
  readonly pauses: number[] = [];
  readonly lines: string[] = [];
  time = 0;
  /** Undefined: a pause passes at once. */
  pause: Promise<void> | undefined;
  readonly keeper: Keeper;

  constructor(readonly dataDir: string, fronts = 2) {
    this.keeper = new Keeper({
      fronts,
      dataDir,
      startHub: (start) => {
        const hub = new FakeHub(start, dataDir);
        this.hubs.push(hub);
        return hub;
      },
      startFront: (_relay, index) => {
        const front = Object.assign(new FakeProcess(1000 + this.fronts.length), { index });
        this.fronts.push(front);
        return front;
      },
      log: new ServerLog("json", { now: () => 0 }, (line) => this.lines.push(JSON.parse(line).text)),
      onHubEnded: () => {},
      sleep: (ms) => {
        this.pauses.push(ms);
        return this.pause ?? Promise.resolve();
      },
      stopwatch: () => this.time,
    });
  }

  hub(number: number): Promise<FakeHub> {
    return comesTrue(`hub ${number}`, () => this.hubs[number] ?? false);
  }

  /** Hub `number`, which has started. */
  async startedHub(number: number): Promise<FakeHub> {
    const hub = await this.hub(number);
    await hub.become({ kind: "started" });
    await hub.hears("front_started");
    return hub;
  }
}

function keeperTest(name: string, fn: (rig: Rig) => Promise<void>): void {
  const permissions = { read: true, write: true, net: true } as const;
  tempDirTest(`keeper: ${name}`, { ...POSIX, permissions }, (dir) => fn(new Rig(dir)));
}

const KILLED: ProcessEnd = { code: 137, signal: "SIGKILL" };

keeperTest("a hub that cannot start ends the server with its exit code", async (rig) => {
  const ended = rig.keeper.run();
  (await rig.hub(0)).end({ code: 73 });
  assertEquals(await inTime("the end", ended), { kind: "ended", code: 73 });
  assertEquals([rig.hubs.length, rig.fronts.length], [1, 0]);
});

keeperTest("a hub that cannot start after the fronts have: they are killed", async (rig) => {
  const ended = rig.keeper.run();
  const hub = await rig.hub(0);
  await hub.listen();
  await comesTrue("two fronts", () => rig.fronts.length === 2);
  await hub.die({ code: 73 });
  assertEquals(await inTime("the end", ended), { kind: "ended", code: 73 });
  assertEquals(rig.fronts.map(({ signals }) => signals), [["SIGKILL"], ["SIGKILL"]]);
});

keeperTest("a hub that is killed, or cannot be run, before it has started ends the server", async (rig) => {
  const ended = rig.keeper.run();
  (await rig.hub(0)).end(KILLED);
  assertEquals(await inTime("the end", ended), { kind: "not_started", how: "SIGKILL" });
  const other = new Rig(rig.dataDir);
  const otherEnded = other.keeper.run();
  (await other.hub(0)).end({ code: 0, fault: "no such file" });
  assertEquals(await inTime("the end", otherEnded), { kind: "not_started", how: "no such file" });
});

keeperTest(
  "a hub that dies is started again, with longer and longer pauses, and is told which fronts live",
  async (rig) => {
    const ended = rig.keeper.run();
    const first = await rig.startedHub(0);
    assertEquals([first.start.isRestart, first.start.living, first.start.fronts], [false, [], 2]);
    await comesTrue("two fronts", () => rig.fronts.length === 2);
    await first.die(KILLED);
    for (let n = 1; n < 8; n++) (await rig.hub(n)).end({ code: 78 });
    const last = await rig.startedHub(8);
    assertEquals(rig.pauses, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    const living = rig.fronts.map(({ index, pid }) => ({ index, pid }));
    assertEquals([last.start.isRestart, last.start.living], [true, living]);
    rig.time += 60_000;
    await last.die({ code: 70 });
    await rig.startedHub(9);
    assertEquals(rig.pauses.at(-1), 100, "one that was steady is started again soon");
    assertEquals(rig.lines.at(-1), "the hub ended (exit code 70); it is started again in 0.1 s");
    rig.keeper.stop("SIGTERM");
    rig.keeper.stop("SIGTERM");
    await inTime("the end", ended);
  },
);

keeperTest(
  "a hub that hangs is killed, and the next one is started; one that gives no signs is not",
  async (rig) => {
    const ended = rig.keeper.run();
    const first = await rig.startedHub(0);
    first.report({ kind: "alive", hangMs: 1 });
    await comesTrue("its end", () => first.signals.includes("SIGKILL"));
    await first.die(KILLED);
    const second = await rig.startedHub(1);
    assertEquals(rig.lines, [
      "the hub hangs: no sign of life for 0.001 s; it is killed",
      "the hub ended (SIGKILL); it is started again in 0.1 s",
    ]);
    assertEquals(second.signals, []);
    rig.keeper.stop("SIGTERM");
    rig.keeper.stop("SIGTERM");
    await inTime("the end", ended);
  },
);

pureTest(
  "keeper: a hub hangs when it has given no sign for as long as it has said, counted in looks at it",
  () => {
    const hung: number[] = [];
    const watch = new HubWatch((silentMs) => hung.push(silentMs));
    for (let n = 0; n < 100; n++) watch.look(); // it has given none yet
    watch.note(4 * SIGN_MS);
    for (let n = 0; n < 3; n++) watch.look();
    watch.note(4 * SIGN_MS);
    for (let n = 0; n < 3; n++) watch.look();
    assertEquals(hung, []);
    for (let n = 0; n < 3; n++) watch.look();
    assertEquals(hung, [4 * SIGN_MS], "it is told once");
    watch.stop();
  },
);

keeperTest("a hub that hands over is followed at once", async (rig) => {
  const ended = rig.keeper.run();
  const first = await rig.startedHub(0);
  rig.keeper.handOver();
  await first.hears("hand_over");
  await first.die({ code: HANDED_OVER_CODE });
  const second = await rig.startedHub(1);
  assertEquals([rig.pauses, second.start.isRestart], [[], true]);
  rig.keeper.reload();
  await second.hears("reload");
  second.report({ kind: "stopping" });
  await second.die({ code: 74 });
  for (const front of rig.fronts) front.end({ code: 0 });
  assertEquals(await inTime("the end", ended), { kind: "ended", code: 74 });
});

keeperTest("the first signal has the hub stop, the second one ends all at once", async (rig) => {
  const ended = rig.keeper.run();
  const hub = await rig.startedHub(0);
  rig.keeper.stop("SIGTERM");
  await hub.hears("stop");
  assertEquals(hub.signals, []);
  rig.keeper.stop("SIGINT");
  assertEquals(await inTime("the end", ended), { kind: "signalled", signal: "SIGINT" });
  assertEquals([hub, ...rig.fronts].map(({ signals }) => signals.at(-1)), Array(3).fill("SIGKILL"));
});

keeperTest("a hub that is not connected yet is stopped by a signal", async (rig) => {
  const ended = rig.keeper.run();
  const hub = await rig.hub(0);
  rig.keeper.stop("SIGTERM");
  assertEquals(hub.signals, ["SIGTERM"]);
  hub.end({ code: 143, signal: "SIGTERM" });
  assertEquals(await inTime("the end", ended), { kind: "ended", code: 0 });
});

keeperTest("a hub that starts is told of SIGHUP and SIGUSR2 when it has started", async (rig) => {
  const ended = rig.keeper.run();
  const hub = await rig.hub(0);
  rig.keeper.reload();
  await hub.listen();
  await hub.hears("front_started");
  rig.keeper.handOver();
  assertEquals(hub.orders.filter(({ kind }) => kind === "reload" || kind === "hand_over"), []);
  hub.report({ kind: "started" });
  await hub.hears("hand_over");
  assertEquals(hub.orders.slice(-2), [{ kind: "reload" }, { kind: "hand_over" }]);
  await hub.die({ code: HANDED_OVER_CODE });
  const next = await rig.startedHub(1);
  next.report({ kind: "stopping" });
  await next.die({ code: 0 });
  assertEquals(next.orders.filter(({ kind }) => kind === "reload" || kind === "hand_over"), []);
  for (const front of rig.fronts) front.end({ code: 0 });
  assertEquals(await inTime("the end", ended), { kind: "ended", code: 0 });
});

keeperTest("a server that is stopped while its hub is dead has not saved everything", async (rig) => {
  const ended = rig.keeper.run();
  const hub = await rig.startedHub(0);
  const paused = Promise.withResolvers<void>();
  rig.pause = paused.promise;
  await hub.die(KILLED);
  await comesTrue("the pause", () => rig.pauses.length === 1);
  rig.keeper.stop("SIGTERM");
  paused.resolve();
  assertEquals(await inTime("the end", ended), { kind: "unsaved", how: "SIGKILL" });
  assertEquals(rig.fronts.every(({ signals }) => signals.includes("SIGKILL")), true);
});

keeperTest(
  "a front that ends, or that the hub wants killed, is started again, and the hub hears of it",
  async (rig) => {
    const ended = rig.keeper.run();
    const hub = await rig.startedHub(0);
    await comesTrue("two fronts", () => rig.fronts.length === 2);
    const [first, second] = rig.fronts as [Rig["fronts"][0], Rig["fronts"][0]];
    hub.report({ kind: "kill_front", pid: first.pid });
    await hub.hears("front_ended");
    await comesTrue("a third one", () => rig.fronts.length === 3);
    assertEquals([rig.fronts[2]!.index, second.signals], [first.index, []]);
    const { pid, index } = first;
    assertEquals(hub.orders.find(({ kind }) => kind === "front_ended"), {
      kind: "front_ended",
      how: "SIGKILL",
      pid,
      index,
    });
    await comesTrue(
      "the hub hears of the new one",
      () => hub.orders.filter(({ kind }) => kind === "front_started").length === 3,
    );
    rig.keeper.stop("SIGTERM");
    rig.keeper.stop("SIGTERM");
    await inTime("the end", ended);
  },
);

keeperTest("a line that is too long ends the connection, not the server", async ({ dataDir }) => {
  const orders: KeeperOrder[] = [];
  const options = { dataDir, relay: "relay.sock", onOrder: (order: KeeperOrder) => orders.push(order) };
  const link = await KeeperLink.open({ ...options, onTrouble: () => {} });
  assert(link instanceof KeeperLink, "it listens");
  for (
    const line of ["x".repeat(MAX_KEEPER_LINE_BYTES + 1), '{"kind":"news"}\n{"kind":"stop"}\nnonsense\n']
  ) {
    const conn = await Deno.connect({ transport: "unix", path: `${dataDir}/keeper.sock` });
    const said = readToEnd(conn);
    await writeAll(conn, new TextEncoder().encode(line));
    const hub: HubReport = { kind: "hub", pid: Deno.pid, relay: "relay.sock" };
    assertEquals(await said, formatMessage(hub));
  }
  assertEquals(orders.filter(({ kind }) => kind === "stop").length, 1);
  await link.close();
});

keeperTest(
  "the hub of another server, and what says nothing of a hub, are not taken for the own one",
  async (rig) => {
    for (
      const first of [`{"kind":"hub","pid":${Deno.pid + 1},"relay":"r"}\n`, "nonsense\n", `{"kind":"news"}\n`]
    ) {
      const listener = Deno.listen({ transport: "unix", path: `${rig.dataDir}/keeper.sock` });
      const other = new Rig(rig.dataDir);
      const ended = other.keeper.run();
      const conn = await inTime("the keeper", listener.accept());
      await conn.write(new TextEncoder().encode(first));
      const read = conn.read(new Uint8Array(1)).catch(() => null);
      assertEquals(await inTime("the end of its connection", read), null);
      (await other.hub(0)).end({ code: 73 });
      await inTime("the end", ended);
      assertEquals(other.fronts, []);
      conn.close();
      listener.close();
    }
  },
);
