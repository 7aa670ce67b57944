import { assertEquals, assertMatch } from "@std/assert";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import { pureTest } from "../support/test.ts";

const TABLE = {
  listen: { type: "string", repeatable: true, default: "127.0.0.1:6667", help: "" },
  follow: { type: "boolean", short: "f", aliases: ["tail"], help: "" },
  quiet: { type: "boolean", short: "q", help: "" },
  lines: { type: "integer", short: "n", max: 1000, help: "" },
  grep: { type: "string", short: "g", help: "" },
  timeout: { type: "duration", default: "10s", min: 1, help: "" },
  buffer: { type: "size", min: 65_536, help: "" },
  since: { type: "instant", help: "" },
  speed: { type: "rate", help: "" },
  format: { type: "string", choices: ["text", "json"], default: "text", help: "" },
  "no-color": { type: "boolean", help: "" },
} as const;

const CLOCK = { now: () => 1_000_000_000 };

function parse(...args: string[]) {
  return parseFlags(TABLE, args, CLOCK);
}

function values(...args: string[]) {
  const parsed = parse(...args);
  if (parsed.kind !== "ok") throw new Error(JSON.stringify(parsed));
  return parsed;
}

function fault(...args: string[]): string {
  const parsed = parse(...args);
  if (parsed.kind !== "usage") throw new Error(JSON.stringify(parsed));
  return parsed.text;
}

pureTest("flags absent have their defaults", () => {
  assertEquals(values(), {
    kind: "ok",
    flags: {
      listen: ["127.0.0.1:6667"],
      follow: false,
      quiet: false,
      lines: undefined,
      grep: undefined,
      timeout: 10_000,
      buffer: undefined,
      since: undefined,
      speed: undefined,
      format: "text",
      "no-color": false,
    },
    args: [],
  });
});

pureTest("flags given are read by their type, in any order between the words", () => {
  const { flags, args } = values(
    "bob",
    "--listen=:1",
    "--tail",
    "-n",
    "20",
    "hello",
    "--listen",
    "[::1]:2",
    "--timeout",
    "1m",
    "--buffer=1MiB",
    "--since",
    "10s",
    "--no-color",
    "--format",
    "json",
  );
  assertEquals(args, ["bob", "hello"]);
  assertEquals(flags, {
    listen: [":1", "[::1]:2"],
    follow: true,
    quiet: false,
    lines: 20,
    grep: undefined,
    timeout: 60_000,
    buffer: 1_048_576,
    since: 999_990_000,
    speed: undefined,
    format: "json",
    "no-color": true,
  });
});

pureTest("letters run together, and a value may follow its letter at once", () => {
  assertEquals(values("-fqn20").flags.lines, 20);
  assertEquals(values("-fqn20").flags.follow, true);
  assertEquals(values("-gfoo").flags.grep, "foo");
  assertEquals(values("-g=foo").flags.grep, "foo");
  assertEquals(values("-qg", "foo").flags.grep, "foo");
});

pureTest("a time may begin with a dash, and what is none is told with what is understood", () => {
  assertEquals(values("--since", "-1h", "-q").flags.since, CLOCK.now() - 3_600_000);
  assertEquals(values("--since=-1h").flags.since, CLOCK.now() - 3_600_000);
  assertMatch(fault("--since", "-q"), /^--since needs a time; understood are 10m, -1h, '2 hours ago', 13:00/);
  assertMatch(fault("--since", "someday"), /^--since someday: not a time; understood are 10m, .*@1795870000/);
});

pureTest("words are words: true after a boolean flag, numbers, a dash, and all after --", () => {
  assertEquals(values("-q", "true", "story").args, ["true", "story"]);
  assertEquals(values("--quiet", "false", "alarm").args, ["false", "alarm"]);
  assertEquals(values("bob", "007", "1e3").args, ["bob", "007", "1e3"]);
  assertEquals(values("bob", "-").args, ["bob", "-"]);
  assertEquals(values("-q", "--", "--listen", "-x", "--").args, ["--listen", "-x", "--"]);
  assertEquals(values("bob", "").args, ["bob", ""]);
});

pureTest("the last of several values counts, unless the flag is repeatable", () => {
  assertEquals(values("-n1", "--lines", "2").flags.lines, 2);
  assertEquals(values("--lines=0").flags.lines, 0);
});

pureTest("an unknown flag is named, with the nearest known one", () => {
  assertEquals(fault("--listn", "x"), "unknown flag --listn; did you mean --listen?");
  assertEquals(fault("--grpe=secret"), "unknown flag --grpe; did you mean --grep?");
  assertEquals(fault("-n", "-1"), "--lines -1: not a whole number of at most 1000");
  assertEquals(
    fault("--timeout", "-2s"),
    "--timeout -2s: not a duration such as 500ms, 10s or 1h30m, at least 1ms",
  );
  assertEquals(
    fault("-x"),
    "unknown flag -x; if that is text, put -- before it; if it is the value of a flag, put = before it",
  );
  // What begins with two dashes and a letter is a flag, perhaps of another command.
  assertEquals(parse("--constructor=1"), {
    kind: "usage",
    text: "unknown flag --constructor",
    unknown: "constructor",
  });
  assertEquals(parse("-V"), { kind: "usage", text: "unknown flag -V", unknown: "version" });
  assertEquals(
    fault("--__proto__.x=1"),
    "unknown flag --__proto__.x; if that is text, put -- before it; if it is the value of a flag, put = before it",
  );
});

pureTest("a wrong value is told with what would be right", () => {
  assertEquals(
    fault("--timeout", "fast"),
    "--timeout fast: not a duration such as 500ms, 10s or 1h30m, at least 1ms",
  );
  assertEquals(
    fault("--timeout", "0"),
    "--timeout 0: not a duration such as 500ms, 10s or 1h30m, at least 1ms",
  );
  assertEquals(fault("--buffer", "1"), "--buffer 1: not a size such as 512KiB or 64MiB, at least 64KiB");
  assertEquals(
    fault("--speed", "fast"),
    "--speed fast: not a number per duration such as 60/30s, or off",
  );
  assertEquals(values("--speed", "60/30s").flags.speed, { count: 60, ms: 30_000 });
  assertEquals(fault("-n", "1001"), "--lines 1001: not a whole number of at most 1000");
  assertEquals(fault("-n", "many"), "--lines many: not a whole number of at most 1000");
  assertEquals(fault("--format", "xml"), "--format xml: not one of text, json");
  assertEquals(fault("--grep"), "--grep needs a value");
  assertEquals(fault("--grep", "--quiet"), "--grep needs a value");
  assertEquals(fault("--listen="), "--listen needs a value");
  assertEquals(values("--grep=-foo", "-n=3").flags.grep, "-foo");
  assertEquals(fault("--quiet=no"), "--quiet takes no value");
  assertEquals(fault("--no-color=true"), "--no-color takes no value");
  assertEquals(values("--grep=--quiet=no", "--", "--quiet=no").args, ["--quiet=no"]);
});

pureTest("--help and -h are always there, and win over wrong values", () => {
  assertEquals(parse("--help").kind, "help");
  assertEquals(parse("bob", "-qh", "--timeout", "x").kind, "help");
  assertEquals(values("--", "--help").args, ["--help"]);
});

pureTest("where words may begin with a dash, flags among them are still flags", () => {
  const table = { json: { type: "boolean", help: "" }, dir: { type: "string", help: "" } } as const;
  const parse = (...args: string[]) => parseFlags(table, args, CLOCK, true);
  assertEquals(parse("mode", "#tea", "-m+k", "--json", "--dir", "-x", "-", "--", "-v", "--json"), {
    kind: "ok",
    flags: { json: true, dir: "-x" },
    args: ["mode", "#tea", "-m+k", "-", "-v", "--json"],
  });
  assertEquals(parse("mode", "#tea", "-h"), { kind: "help" });
  assertEquals(parse("stop", "--jsn").kind, "usage");
});
