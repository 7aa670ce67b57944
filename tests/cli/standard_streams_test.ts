import { assertEquals } from "@std/assert";
import type { StopReason } from "../../lib/cli/exit_codes.ts";
import {
  followsLinks,
  loadPalette,
  QueuedOutput,
  readColorLevel,
  reportFailure,
  wantsColor,
} from "../../lib/cli/standard_streams.ts";
import { pureTest } from "../support/test.ts";
import { FakeIo } from "./fake_io.ts";

/** A sink that takes at most `most` bytes at a time. */
function slowSink(most: number) {
  const decoder = new TextDecoder();
  const writes: string[] = [];
  return {
    writes,
    write(bytes: Uint8Array): Promise<number> {
      const taken = bytes.subarray(0, most);
      writes.push(decoder.decode(taken, { stream: true }));
      return Promise.resolve(taken.length);
    },
  };
}

pureTest("what one turn writes goes out together and in order, however little the sink takes", async () => {
  const whole = slowSink(1000);
  const output = new QueuedOutput(whole, false);
  output.write("one ");
  output.write("two ");
  await output.flush();
  output.write("three");
  await output.flush();
  assertEquals(whole.writes, ["one two ", "three"]);

  const slow = slowSink(3);
  const other = new QueuedOutput(slow, false);
  other.write("grüße 🌍");
  other.write("!");
  await other.flush();
  assertEquals(slow.writes.join(""), "grüße 🌍!");
});

pureTest("a reader is watched where it is asked for, and never a terminal", async () => {
  let tell = () => {};
  const watched = (isTerminal: boolean) =>
    new QueuedOutput(slowSink(9), isTerminal, undefined, (onGone) => tell = onGone);
  const pipe = watched(false);
  tell();
  assertEquals(pipe.closedSignal.aborted, false);
  pipe.watchForClose();
  tell();
  assertEquals((pipe.closedSignal.reason as StopReason).why, "reader_gone");
  pipe.write("to no reader");
  await pipe.flush();
  assertEquals((pipe.sink as ReturnType<typeof slowSink>).writes, []);
  tell = () => {};
  const terminal = watched(true);
  terminal.watchForClose();
  tell();
  assertEquals(terminal.closedSignal.aborted, false);
});

pureTest("a reader that has gone ends writing quietly; another failure is told apart", async () => {
  const ends = [
    [new Deno.errors.BrokenPipe("x"), false, "reader_gone"],
    [new Error("no space"), false, "write_failed"],
    [new Error("Input/output error"), true, "SIGHUP"], // the terminal was closed
  ] as const;
  for (const [error, isTerminal, why] of ends) {
    const output = new QueuedOutput({ write: () => Promise.reject(error) }, isTerminal);
    output.write("text");
    await output.flush();
    output.write("more");
    await output.flush();
    assertEquals((output.closedSignal.reason as StopReason).why, why);
  }
});

pureTest(
  "what changes the terminal is undone once, by the one that changed it or at the end, which is the last output",
  async () => {
    const io = new FakeIo({ terminal: true });
    const one = io.stdout.changeTerminal("<1>", "</1>");
    io.stdout.changeTerminal("<2>", "</2>");
    io.stdout.changeTerminal("<3>", "</3>");
    one();
    one();
    io.stdout.restore();
    io.stdout.write("a row of a chat that goes on");
    io.stdout.restore();
    await io.flush();
    assertEquals(io.out, "<1><2><3></1></3></2>");
  },
);

pureTest("colour only on a terminal, without --no-color, NO_COLOR and TERM=dumb", () => {
  const wants = (terminal: boolean, env: Record<string, string>, flag = false) => {
    const io = new FakeIo({ env, terminal });
    return wantsColor(io.stdout, (name) => io.env(name), flag);
  };
  assertEquals(wants(true, { TERM: "xterm" }), true);
  assertEquals(wants(false, { TERM: "xterm" }), false);
  assertEquals(wants(true, { NO_COLOR: "1" }), false);
  assertEquals(wants(true, { NO_COLOR: "" }), true);
  assertEquals(wants(true, { TERM: "dumb" }), false);
  assertEquals(wants(true, {}, true), false);
});

pureTest("a terminal tells how many colours it has; without colours bold and dim stay", () => {
  const level = (env: Record<string, string>, flag = false, terminal = true) => {
    const io = new FakeIo({ env, terminal });
    return readColorLevel(io.stdout, (name) => io.env(name), flag);
  };
  assertEquals(
    [{ TERM: "linux" }, { TERM: "xterm-256color" }, { TERM: "xterm-256color", COLORTERM: "truecolor" }].map((
      env,
    ) => level(env)),
    ["16", "256", "all"],
  );
  assertEquals([level({ NO_COLOR: "1" }), level({}, true)], ["monochrome", "monochrome"]);
  assertEquals([level({ TERM: "dumb" }), level({ NO_COLOR: "1" }, false, false)], ["none", "none"]);
  const monochrome = loadPalette("monochrome");
  assertEquals(
    [monochrome.bold("x"), monochrome.dim("x"), monochrome.name("bob"), monochrome.channel("#a")],
    ["\x1b[1mx\x1b[22m", "\x1b[2mx\x1b[22m", "\x1b[1mbob\x1b[22m", "#a"],
  );
  const sgr = ["1;31", "4", "38;5;9", "3;48;2;1;2;3;9", "97;40", "91;1"].map((one) =>
    monochrome.sgr("x", one)
  );
  assertEquals(sgr.map((text) => text.replaceAll("\x1b[", "<")), [
    "<1mx<0m",
    "<4mx<0m",
    "x",
    "<3;9mx<0m",
    "x",
    "<1mx<0m",
  ]);
});

pureTest("a name is bold with 16 colours, else it has a colour", () => {
  const paint = (level: "16" | "256" | "all") => loadPalette(level).name("bob").replaceAll("\x1b[", "<");
  assertEquals([paint("16"), paint("256"), paint("all")], [
    "<1mbob<22m",
    "<38;5;63mbob<39m",
    "<38;2;138;116;7mbob<39m",
  ]);
});

pureTest("links: only on terminals that are known to follow them", () => {
  const follows = (env: Record<string, string>) => followsLinks((name) => env[name]);
  const known = [
    { TERM_PROGRAM: "iTerm.app" },
    { TERM: "xterm-kitty" },
    { TERM: "foot" },
    { VTE_VERSION: "7200" },
    { WT_SESSION: "1" },
    { KONSOLE_VERSION: "220401" },
  ];
  const unknown = [
    {},
    { TERM: "xterm-256color" },
    { TERM: "linux", WT_SESSION: "1" },
    { TERM: "screen-256color", TERM_PROGRAM: "iTerm.app" },
    { TMUX: "/tmp/x", TERM_PROGRAM: "WezTerm" },
    { STY: "1.x", VTE_VERSION: "7200" },
    { VTE_VERSION: "4800" },
    { VTE_VERSION: "" },
  ];
  assertEquals([known.filter((env) => !follows(env)), unknown.filter(follows)], [[], []]);
  const url = "https://a.example/";
  assertEquals(loadPalette("16", true).link("x", url), `\x1b]8;;${url}\x1b\\x\x1b]8;;\x1b\\`);
  assertEquals([loadPalette("16").link("x", url), loadPalette(false, true).link("x", url)], [
    "x",
    "x",
  ]);
});

pureTest("a palette that is off changes nothing", () => {
  const { name, dim, channel } = loadPalette(false);
  assertEquals([name("alice"), dim("x"), channel("#lobby")], ["alice", "x", "#lobby"]);
});

pureTest("a name has the same colour each time", () => {
  const { name } = loadPalette(true);
  assertEquals(name("alice"), name("alice"));
  assertEquals(name("alice").includes("alice"), true);
});

pureTest("fail says one line on standard error and answers its code", async () => {
  const io = new FakeIo();
  assertEquals(reportFailure(io, 69, "cannot reach it"), 69);
  await io.flush();
  assertEquals([io.out, io.err], ["", "chatterbox: cannot reach it\n"]);
});
