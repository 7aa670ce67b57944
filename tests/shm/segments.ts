/**
 * Segments of tests: a ring in /dev/shm, programs that use it, and shell commands on its file, which the runtime opens
 * with all permissions only.
 */
import { assert } from "../../lib/base/assert.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { ringBytes } from "../../lib/log/ring_header.ts";
import { Libc } from "../../lib/shm/libc.ts";
import { createSegment, segmentName, type ServerSegment } from "../../lib/shm/shared_segment.ts";
import { openSegment, segmentPath } from "../../lib/shm/shared_segment.ts";
import type { SegmentCreateOutcome, SegmentOpenOutcome } from "../../lib/shm/shared_segment.ts";
import { linesOf } from "../commands/program.ts";
import { endOf } from "../support/guard.ts";

export const CAPACITY = RING_MIN_BYTES;
export const RING_BYTES = ringBytes(CAPACITY);
const INFO = { pid: Deno.pid, ringBytes: RING_BYTES, logId: "log1", lobby: "#tea" };

/** Linux with the C library, which the tests of this folder need. */
export const LINUX = { ignore: Deno.build.os !== "linux", permissions: "inherit" } as const;

/** A test with the name of a segment, which is removed in the end. */
export function segmentTest(name: string, fn: (name: string) => void | Promise<void>): void {
  Deno.test({
    name: `segment: ${name}`,
    ...LINUX,
    fn: async () => {
      const segment = segmentName(`test ${crypto.randomUUID()}`);
      try {
        await fn(segment);
      } finally {
        await shell(`rm -rf "$1"`, segmentPath(segment));
      }
    },
  });
}

export function loadLibc(): Libc {
  const libc = Libc.load();
  assert(libc !== undefined, "the C library can be called");
  return libc;
}

export function tryCreate(name: string, bytes = RING_BYTES): SegmentCreateOutcome {
  return createSegment(loadLibc(), name, { ...INFO, ringBytes: bytes });
}

/** A published segment with an empty ring. */
export function create(name: string): { segment: ServerSegment; ring: Ring } {
  const outcome = tryCreate(name);
  assert(outcome.kind === "ok", JSON.stringify(outcome));
  const { segment } = outcome;
  const ring = Ring.create(CAPACITY, { buffer: segment.buffer });
  segment.publish();
  return { segment, ring };
}

export function open(name: string): SegmentOpenOutcome {
  return openSegment(loadLibc(), name);
}

/** What the segment is refused for, without its path. */
export function whyRefused(outcome: SegmentCreateOutcome | SegmentOpenOutcome, name: string): string {
  assert(outcome.kind === "refused", outcome.kind);
  assert(outcome.why.startsWith(`${segmentPath(name)}: `), "it names the file");
  return outcome.why.slice(segmentPath(name).length + 2);
}

/** Runs a shell script; its standard output. */
export async function shell(script: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script, "sh", ...args] }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** Starts the program `file` of this folder. */
export function spawnProgram(file: string, ...args: string[]): Deno.ChildProcess {
  const script = new URL(`./${file}`, import.meta.url).href;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-check", "--no-prompt", "--allow-ffi", script, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Starts the program `file` of this folder; resolves when it has printed the line `sign`. */
export async function startProgram(
  file: string,
  sign: string,
  ...args: string[]
): Promise<Deno.ChildProcess> {
  const child = spawnProgram(file, ...args);
  for await (const line of linesOf(child.stdout)) if (line === sign) return child;
  throw new Error(`${file} ended with ${(await endOf(child)).code}`);
}
