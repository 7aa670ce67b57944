/** Samples to figures: percentiles, and what processes have used. */
import process from "node:process";

/** Milliseconds of 50, 99 and 100 of 100 samples; empty where there is none. */
export interface Latency {
  p50Ms?: number;
  p99Ms?: number;
  maxMs?: number;
}

export function latency(samplesMs: readonly number[]): Latency {
  if (samplesMs.length === 0) return {};
  const sorted = Float64Array.from(samplesMs).sort();
  const at = (share: number) =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!);
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

/** Four digits are more than any of these figures is good for. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** Seconds of processor time that this process has used, all threads. */
export function ownCpuS(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** What the server uses; undefined where that cannot be told. */
export interface ServerUse {
  /** Processor time so far, all threads. */
  readonly cpuS: number;
  /** Memory in use (resident set). */
  readonly rssBytes: number;
}

/** The kernel counts processor time in hundredths of a second for its readers (USER_HZ), whatever it does inside. */
const TICKS_PER_S = 100;

/**
 * Reads /proc/PID. Deno lets only programs with all permissions open files there, so `cat` does it; without the permission
 * to run that, on other systems and without a `pid`, the figures are left out.
 */
export async function serverUse(pid: number | undefined): Promise<ServerUse | undefined> {
  if (pid === undefined || Deno.build.os !== "linux") return undefined;
  try {
    const args = [`/proc/${pid}/stat`, `/proc/${pid}/status`];
    const { stdout } = await new Deno.Command("cat", { args, stdout: "piped", stderr: "null" }).output();
    const text = new TextDecoder().decode(stdout);
    // proc_pid_stat(5): fields 14 and 15, utime and stime; the second field, in brackets, may hold spaces.
    const fields = text.slice(text.lastIndexOf(")", text.indexOf("\n")) + 2).split(" ");
    const rssKib = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
    if (rssKib === undefined) return undefined;
    return { cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S, rssBytes: Number(rssKib) * 1024 };
  } catch {
    return undefined;
  }
}
