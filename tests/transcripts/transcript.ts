/**
 * Transcripts: one behaviour a file, told as what clients send and get, run by several drivers. A file begins with the
 * sentence of the specification that it checks, and is then made of these lines:
 *
 *     # comment                        the first one quotes the specification
 *     @ alice message-tags batch       alice connects, asks for these capabilities and registers; her burst is dropped
 *     ~ alice                          alice connects and says nothing yet
 *     alice> JOIN #lobby               alice sends a line
 *     bob< :alice!*@* JOIN #lobby      what bob gets of it; `*` stands for any text, `{id}` takes or repeats a word
 *     bob< ...                         any number of lines more
 *     bob< (closed)                    bob's connection ends
 *     console> oper alice              typed at the server's prompt
 *     alice! lost                      alice's connection breaks (like `clock`, only where the test drives the hub itself)
 *     clock +90s                       time passes (only with a clock of the test's own)
 *     server {"password": "tea"}       members of `HubConfig` that this server has otherwise than the others
 *     without archive                  not where a hub has one: it counts what the log holds, or it searches
 *     over TLS                         only there; `over WebSocket`: likewise; `over plain`: everywhere else
 *
 * After every line that is sent, each client must have got exactly what the following `<` lines say, in this order.
 */
import type { HubConfig } from "../../lib/hub/model/config.ts";

export interface Driver {
  connect(name: string): Promise<void>;
  /** Sends one line, without its end. */
  send(name: string, line: string): Promise<void>;
  /** Waits until all that follows from what was sent has reached everybody. `sender` is asked first. */
  settle(sender: string): Promise<void>;
  /** The lines that `name` has got since the last call, without their ends; `(closed)` at the end of the connection. */
  take(name: string): string[];
  /** Something is typed at the server's prompt. */
  console(line: string): Promise<void>;
  /** Breaks a connection; undefined where {@link advance} is. */
  lose?(name: string): Promise<void>;
  /** Undefined: this driver's clock can't be moved. */
  advance?(ms: number): Promise<void>;
  close(): Promise<void>;
}

type Step =
  | { kind: "register"; at: number; name: string; caps: string[] }
  | { kind: "connect"; at: number; name: string }
  | { kind: "send"; at: number; name: string; line: string }
  | { kind: "get"; at: number; name: string; pattern: string }
  | { kind: "console"; at: number; line: string }
  | { kind: "lose"; at: number; name: string }
  | { kind: "clock"; at: number; ms: number };

export interface Transcript {
  quote: string;
  steps: Step[];
  config: Partial<HubConfig>;
  /** It moves the clock or breaks connections, which only some drivers can. */
  needsClock: boolean;
  /** Not for a hub with an archive. */
  withoutArchive: boolean;
  /** What it is for; `plain` is all but TLS; undefined: everything. */
  over: "TLS" | "WebSocket" | "plain" | undefined;
}

export function parseTranscript(text: string): Transcript {
  const lines = text.split("\n");
  const quote = /^# (.+)/.exec(lines[0] ?? "")?.[1];
  if (quote === undefined) throw new Error("a transcript begins with the sentence that it checks, behind #");
  let config: Partial<HubConfig> = {};
  let over: Transcript["over"];
  let withoutArchive = false;
  const steps = lines.flatMap((line, index): Step[] => {
    const at = index + 1;
    if (line.startsWith("server {")) {
      const { opers, ...members } = JSON.parse(line.slice("server ".length));
      config = opers === undefined ? members : { ...members, opers: new Set(opers) };
      return [];
    }
    const place = /^over (TLS|WebSocket|plain)$/.exec(line)?.[1];
    if (place !== undefined) {
      over = place as Transcript["over"];
      return [];
    }
    if (line === "without archive") {
      withoutArchive = true;
      return [];
    }
    if (line.trim() === "" || line.startsWith("#")) return [];
    const [, name, arrow, rest = ""] = /^(\w+)([<>]) ?(.*)$/.exec(line) ?? [];
    if (arrow === ">" && name === "console") return [{ kind: "console", at, line: rest }];
    if (arrow === ">") return [{ kind: "send", at, name: name!, line: rest }];
    if (arrow === "<") return [{ kind: "get", at, name: name!, pattern: rest }];
    const loser = /^(\w+)! lost$/.exec(line)?.[1];
    if (loser !== undefined) return [{ kind: "lose", at, name: loser }];
    const [sign, who = "", ...caps] = line.split(/ +/);
    if (sign === "@") return [{ kind: "register", at, name: who, caps }];
    if (sign === "~") return [{ kind: "connect", at, name: who }];
    const seconds = /^clock \+(\d+)s$/.exec(line)?.[1];
    if (seconds !== undefined) return [{ kind: "clock", at, ms: Number(seconds) * 1000 }];
    throw new Error(`line ${at}: not a line of a transcript: ${line}`);
  });
  const needsClock = steps.some(({ kind }) => kind === "clock" || kind === "lose");
  return { quote, steps, config, needsClock, withoutArchive, over };
}

/** Runs `transcript`; throws with the number of the first line that does not hold. */
export async function runTranscript({ steps }: Transcript, driver: Driver): Promise<void> {
  const names = new Set<string>();
  const captures = new Map<string, string>();
  for (let index = 0; index < steps.length;) {
    const step = steps[index++]!;
    const expected = [];
    switch (step.kind) {
      case "get":
        throw new Error(`line ${step.at}: nothing was sent before it`);
      case "connect":
        await driver.connect(step.name);
        names.add(step.name);
        continue;
      case "register":
        names.add(step.name);
        await register(driver, step.name, step.caps);
        for (const name of names) driver.take(name);
        continue;
      case "lose":
        await driver.lose?.(step.name);
        names.delete(step.name);
        break;
      case "clock":
        if (driver.advance === undefined) throw new Error("this driver's clock can't be moved");
        await driver.advance(step.ms);
        break;
      case "console":
        await driver.console(step.line);
        for (const name of names) await driver.settle(name);
        break;
      case "send":
        await driver.send(step.name, fill(step.line, captures));
        await driver.settle(step.name);
    }
    while (steps[index]?.kind === "get") expected.push(steps[index++] as Step & { kind: "get" });
    for (const name of names) {
      check(
        step.at,
        name,
        driver.take(name),
        expected.filter((e) => e.name === name),
        captures,
      );
    }
  }
}

async function register(driver: Driver, name: string, caps: string[]): Promise<void> {
  await driver.connect(name);
  if (caps.length > 0) await driver.send(name, `CAP REQ :${caps.join(" ")}`);
  await driver.send(name, `NICK ${name}`);
  await driver.send(name, `USER ${name} 0 * :${name}`);
  if (caps.length > 0) await driver.send(name, "CAP END");
  await driver.settle(name);
}

function check(
  at: number,
  name: string,
  got: string[],
  expected: { at: number; pattern: string }[],
  captures: Map<string, string>,
): void {
  const story = () => `\n  ${name} got:\n${got.map((line) => `    ${line}`).join("\n") || "    (nothing)"}`;
  let next = 0;
  for (let index = 0; index < expected.length; index++) {
    const { at: line, pattern } = expected[index]!;
    if (pattern === "...") {
      const resume = expected[index + 1];
      if (resume === undefined) return;
      while (next < got.length && !matches(resume.pattern, got[next]!, new Map(captures))) next++;
      continue;
    }
    const text = got[next++];
    if (text === undefined) throw new Error(`line ${line}: ${name} did not get: ${pattern}${story()}`);
    if (!matches(pattern, text, captures)) {
      throw new Error(`line ${line}: ${name} got: ${text}\n  not: ${pattern}${story()}`);
    }
  }
  if (next < got.length) {
    throw new Error(`after line ${at}: ${name} got unexpectedly: ${got[next]}${story()}`);
  }
}

function fill(line: string, captures: ReadonlyMap<string, string>): string {
  return line.replace(/\{(\w+)\}/g, (_, key) => captures.get(key) ?? `{${key}}`);
}

/** `*` is any text; `{id}` any word the first time, the same word afterwards. Fills `captures`. */
function matches(pattern: string, text: string, captures: Map<string, string>): boolean {
  const fresh: string[] = [];
  const source = pattern.split(/(\*|\{\w+\})/).map((part) => {
    if (part === "*") return ".*?";
    const key = /^\{(\w+)\}$/.exec(part)?.[1];
    if (key === undefined) return escape(part);
    const known = captures.get(key);
    if (known !== undefined) return escape(known);
    fresh.push(key);
    return "([^ ;]+)";
  }).join("");
  const match = new RegExp(`^${source}$`, "u").exec(text);
  if (match === null) return false;
  fresh.forEach((key, index) => captures.set(key, match[index + 1]!));
  return true;
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
