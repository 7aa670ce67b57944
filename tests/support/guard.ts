/**
 * Guards against waiting for ever. What a test waits for comes at once or never; where it does not come the test fails by itself,
 * and its error says what was awaited and what was heard last. The bound is no claim about speed: it is far above what any wait
 * takes on a busy machine.
 */

/** Longest wait for one thing, ms. */
export const GUARD_MS = 120_000;
/** Between two looks; the first ones come sooner after each other. */
const MAX_PAUSE_MS = 30;
/** Lines of what was heard that an error quotes: the last ones. */
const QUOTED_LINES = 10;

export interface Guard {
  /** What has been heard so far; asked only where the wait is in vain. */
  readonly heard?: () => readonly string[];
  readonly guardMs?: number;
}

/**
 * What `wait` resolves with.
 * @throws after {@link GUARD_MS}: `waited for <what>, heard <the last lines>`.
 */
export async function inTime<T>(
  what: string,
  wait: Promise<T>,
  { heard = () => [], guardMs = GUARD_MS }: Guard = {},
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(waitedFor(what, heard()))), guardMs);
  return await Promise.race([wait, late.promise]).finally(() => clearTimeout(timer));
}

/**
 * Looks again and again until `holds` answers something other than `false`, and answers that.
 * @throws after {@link GUARD_MS}, as {@link inTime} does.
 */
export async function comesTrue<T>(
  what: string,
  holds: () => T | Promise<T>,
  { heard = () => [], guardMs = GUARD_MS }: Guard = {},
): Promise<Exclude<T, false>> {
  const end = performance.now() + guardMs;
  for (let pauseMs = 1;; pauseMs = Math.min(1.5 * pauseMs, MAX_PAUSE_MS)) {
    const found = await holds();
    if (found !== false) return found as Exclude<T, false>;
    if (performance.now() > end) throw new Error(waitedFor(what, heard()));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/**
 * What `attempt` answers once it has had time enough, in seconds, for what has to happen before a time limit of its own
 * is over; undefined: it had not. On an idle machine the first time is enough, and none is a claim about speed.
 */
export async function inEnoughTime<T>(
  what: string,
  attempt: (seconds: number) => Promise<T | undefined>,
): Promise<T> {
  for (const seconds of [1, 5, 20, 50]) {
    const outcome = await attempt(seconds);
    if (outcome !== undefined) return outcome;
  }
  throw new Error(`no time was enough for ${what}`);
}

/**
 * The end of a process.
 * @throws where it does not end in time; it is killed first, so that nothing of it stays.
 */
export async function endOf(
  child: Deno.ChildProcess,
  heard?: () => readonly string[],
): Promise<Deno.CommandStatus> {
  return await orKilled(child, inTime(`the end of process ${child.pid}`, child.status, { heard: heard! }));
}

/** As {@link endOf}, with all that the process has written since it was started. */
export async function outputOf(
  what: string,
  child: Deno.ChildProcess,
): Promise<{ code: number; out: string; err: string }> {
  const heard: string[] = [];
  const [out, err] = [textOf(child.stdout, heard), textOf(child.stderr, heard)];
  const ended = Promise.all([child.status, out, err]);
  const [{ code }, ...texts] = await orKilled(
    child,
    inTime(`the end of ${what}`, ended, { heard: () => heard }),
  );
  return { code, out: texts[0], err: texts[1] };
}

/** All that a connection says until it ends. */
export async function readToEnd(conn: Deno.Conn): Promise<string> {
  return await inTime("the end of the connection", new Response(conn.readable).text());
}

async function orKilled<T>(child: Deno.ChildProcess, wait: Promise<T>): Promise<T> {
  try {
    return await wait;
  } catch (error) {
    try {
      child.kill("SIGKILL");
    } catch {
      // ended in this moment
    }
    throw error;
  }
}

async function textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>, heard: string[]): Promise<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text += piece;
    heard.push(piece);
  }
  return text;
}

function waitedFor(what: string, heard: readonly string[]): string {
  const last = heard.slice(-QUOTED_LINES).map((line) => JSON.stringify(line));
  return `waited for ${what}, heard ${last.length === 0 ? "nothing" : last.join(" | ")}`;
}
