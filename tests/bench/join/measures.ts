/** What is measured of a client, each on a server of its own. */
import { delay } from "../../../lib/base/delay.ts";
import { withTempDir } from "../../support/temp_dir.ts";
import type { ClientKind } from "./clients.ts";
import { ClientTerminal } from "./client_terminal.ts";
import { processUsage } from "./process_usage.ts";
import { Room } from "./room.ts";

/** Messages that are in the room before the client comes. */
const HISTORY_MESSAGES = 100;
/** Begin a line in turns, so that a line that is cleared can be told from the next one. Not in the room, nor on a screen. */
const LINE_STARTS = ["^", "&"];
/** In the last line of a run. */
const END_MARK = "%";
const MARK_AGAIN_MS = 1000;
/** Ctrl-U. */
const CLEAR_LINE = "\x15";
/** Fewer different keys than that cannot be told from what else comes. */
const MIN_KEYS = 8;
/** After a prompt, or the last line, until a client has done what it still does, ms. */
const SETTLE_MS = 300;
/** Of a flood, before keys are typed in it, ms. */
const WARM_UP_MS = 1000;
/** An echo that takes longer counts as this, and ends the typing in a flood, ms. */
const MAX_ECHO_MS = 10_000;
/** So long keys are typed in a flood at most, ms: a client that is left behind is so more and more. */
const MAX_FLOOD_MS = 20_000;
/** Within which all that a key causes is written, ms. */
const KEY_WRITES_MS = 30;

/** Samples of one client; all times are in milliseconds. */
export interface Samples {
  readonly startupMs: number[];
  /** Processor time of it. */
  readonly startupCpuMs: number[];
  readonly idleEchoMs: number[];
  readonly keyBytes: number[];
  /** Processor time of a key, idle. */
  readonly keyCpuUs: number[];
  readonly floodEchoMs: number[];
  /** Lines a second that came into the room during a flood. */
  readonly floodPerSecond: number[];
  /** From saying a line at the end of a flood until it is shown. */
  readonly behindMs: number[];
  readonly rssMiB: number[];
  readonly pssMiB: number[];
  readonly lineCpuUs: number[];
  readonly lineBytes: number[];
}

export interface Amounts {
  readonly startups: number;
  readonly keys: number;
  readonly lines: number;
  /** Lines a second of a flood. */
  readonly rate: number;
}

export function noSamples(): Samples {
  return {
    startupMs: [],
    startupCpuMs: [],
    idleEchoMs: [],
    keyBytes: [],
    keyCpuUs: [],
    floodEchoMs: [],
    floodPerSecond: [],
    behindMs: [],
    rssMiB: [],
    pssMiB: [],
    lineCpuUs: [],
    lineBytes: [],
  };
}

/** All measures of `client`, once; they are added to `samples`. */
export async function measure(client: ClientKind, amounts: Amounts, samples: Samples): Promise<void> {
  await withRoom(client, (open) => measureStartup(open, client, amounts.startups, samples));
  await withRoom(client, (open, room) => measureEcho(open, client, room, amounts, samples));
  await withRoom(client, (open, room) => measureLines(open, client, room, amounts, samples));
}

type Opener = () => Promise<ClientTerminal>;

/** `run` gets what starts the client, each time with the same files. */
async function withRoom(
  client: ClientKind,
  run: (open: Opener, room: Room) => Promise<void>,
): Promise<void> {
  await withTempDir(async (home) => {
    await Deno.mkdir(`${home}/client`);
    await using room = await Room.open(home, HISTORY_MESSAGES);
    const command = await client.command(`${home}/client`, room.port);
    await run(() => ClientTerminal.open(command, environment(`${home}/client`)), room);
  });
}

/** The home stays: Deno's cache is in it. */
function environment(folder: string): Record<string, string> {
  const kept = ["PATH", "HOME", "DENO_DIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(kept),
    XDG_CONFIG_HOME: folder,
    XDG_STATE_HOME: folder,
    USER: "bench",
    LANG: "C.UTF-8",
  };
}

async function untilPrompt(terminal: ClientTerminal, { name, prompt }: ClientKind): Promise<number> {
  return await terminal.comes(`the prompt of ${name}`, (text) => prompt.test(text)) - terminal.startMs;
}

/** The first start makes a key and fills the caches, and is not counted. */
async function measureStartup(
  open: Opener,
  client: ClientKind,
  count: number,
  { startupMs, startupCpuMs }: Samples,
): Promise<void> {
  for (let start = 0; start <= count; start++) {
    await using terminal = await open();
    const ms = await untilPrompt(terminal, client);
    const usage = await processUsage(terminal.pid);
    if (start > 0) startupMs.push(ms);
    if (start > 0 && usage !== undefined) startupCpuMs.push(usage.cpuS * 1000);
    await delay(SETTLE_MS);
    await terminal.leave(client.quit);
  }
}

async function measureEcho(
  open: Opener,
  client: ClientKind,
  room: Room,
  { keys: count, rate }: Amounts,
  { idleEchoMs, keyBytes, keyCpuUs, floodEchoMs, floodPerSecond, behindMs }: Samples,
): Promise<void> {
  await using terminal = await open();
  const seenBefore = terminal.noteLetters();
  await untilPrompt(terminal, client);
  await delay(SETTLE_MS);
  const typist = new Typist(terminal, seenBefore());
  const before = await processUsage(terminal.pid);
  for (let nth = 0; nth < count; nth++) {
    const { ms, bytes } = await typist.press();
    idleEchoMs.push(ms);
    keyBytes.push(bytes);
  }
  const after = await processUsage(terminal.pid);
  if (before !== undefined && after !== undefined) keyCpuUs.push((after.cpuS - before.cpuS) * 1e6 / count);
  await typist.newLine();
  const { perSecond } = await room.whileTalking(
    rate,
    () => typeInFlood(terminal, typist, count, floodEchoMs),
  );
  terminal.press(CLEAR_LINE);
  floodPerSecond.push(perSecond);
  behindMs.push(await endMark(terminal, room));
  await terminal.leave(client.quit);
}

/** Types `count` keys, or as many as there is time for. */
async function typeInFlood(
  terminal: ClientTerminal,
  typist: Typist,
  count: number,
  floodEchoMs: number[],
): Promise<void> {
  const seen = terminal.noteLetters();
  await delay(WARM_UP_MS);
  typist.avoid(seen());
  const startMs = performance.now();
  for (let nth = 0; nth < count && performance.now() - startMs < MAX_FLOOD_MS; nth++) {
    const { ms } = await typist.press();
    floodEchoMs.push(ms);
    if (ms >= MAX_ECHO_MS) break;
  }
}

/**
 * Says a line, and waits until it is shown; ms. It is said again each second: a client that the server has cut off in a flood may
 * not show all that it has missed.
 */
async function endMark(terminal: ClientTerminal, room: Room): Promise<number> {
  const startMs = performance.now();
  await room.say(END_MARK);
  const again = setInterval(() => void room.say(END_MARK), MARK_AGAIN_MS);
  try {
    return await terminal.comes("the last line", (text) => text.includes(END_MARK)) - startMs;
  } finally {
    clearInterval(again);
  }
}

/** Types keys that are not on the screen yet, so that the first that comes of one is its echo. */
class Typist {
  readonly #terminal: ClientTerminal;
  #keys: string[];
  #lines = 0;
  #typed = 0;

  constructor(terminal: ClientTerminal, seen: ReadonlySet<string>) {
    this.#terminal = terminal;
    this.#keys = Array.from({ length: 26 }, (_, nth) => String.fromCharCode(65 + nth));
    this.avoid(seen);
  }

  /** Doesn't type those: they come for another reason. */
  avoid(letters: ReadonlySet<string>): void {
    this.#keys = this.#keys.filter((key) => !letters.has(key));
    if (this.#keys.length < MIN_KEYS) {
      throw new Error(`the screen has these letters: ${[...letters].join("")}`);
    }
    this.#typed = 0;
  }

  /** Types one key: how long its echo took, and how many bytes were written until all that it causes was. */
  async press(): Promise<{ ms: number; bytes: number }> {
    if (this.#typed % this.#keys.length === 0) await this.newLine();
    const key = this.#keys[this.#typed++ % this.#keys.length]!;
    // Not always at the same place between two ticks of the flood.
    await delay(KEY_WRITES_MS + this.#typed * 7 % 20);
    const before = this.#terminal.bytes;
    const ms = await this.#type(key, key);
    await delay(KEY_WRITES_MS);
    return { ms, bytes: this.#terminal.bytes - before };
  }

  /** Clears the line. What is shown once its first character is there has nothing of the line before. */
  async newLine(): Promise<void> {
    const start = LINE_STARTS[this.#lines++ % LINE_STARTS.length]!;
    await this.#type(CLEAR_LINE + start, start);
  }

  async #type(keys: string, shown: string): Promise<number> {
    const startMs = this.#terminal.press(keys);
    const isShown = (text: string) => text.includes(shown);
    const comes = this.#terminal.comes(`the echo of ${shown}`, isShown, MAX_ECHO_MS);
    return await comes.then((atMs) => atMs - startMs, () => MAX_ECHO_MS);
  }
}

async function measureLines(
  open: Opener,
  client: ClientKind,
  room: Room,
  { lines, rate }: Amounts,
  { rssMiB, pssMiB, lineCpuUs, lineBytes }: Samples,
): Promise<void> {
  await using terminal = await open();
  await untilPrompt(terminal, client);
  await delay(SETTLE_MS);
  const [before, bytes] = [await processUsage(terminal.pid), terminal.bytes];
  await room.talk(lines, rate);
  await endMark(terminal, room);
  await delay(SETTLE_MS);
  lineBytes.push((terminal.bytes - bytes) / lines);
  const after = await processUsage(terminal.pid);
  if (before !== undefined && after !== undefined) {
    lineCpuUs.push((after.cpuS - before.cpuS) * 1e6 / lines);
    rssMiB.push(after.rssMiB);
    if (after.pssMiB !== undefined) pssMiB.push(after.pssMiB);
  }
  await terminal.leave(client.quit);
}
