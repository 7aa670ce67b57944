/** Measured values as figures: percentiles, and what the server's process has used. */
import type { LatencyHistogram, LatencySummary } from "../latency_histogram.ts";
import { rounded } from "../rounding.ts";

export type Latency = Omit<LatencySummary, "samples">;

export function latencyFigures(histogram: LatencyHistogram): Latency {
  const { p50Ms, p99Ms, maxMs } = histogram.summarize();
  const [p50, p99, max] = [p50Ms, p99Ms, maxMs].map((ms) => ms === undefined ? undefined : rounded(ms));
  return { p50Ms: p50, p99Ms: p99, maxMs: max };
}

/** What the server uses. */
export interface ServerUsage {
  /** Processor time so far, all threads. */
  readonly cpuS: number;
  /** Memory in use (resident set). */
  readonly rssBytes: number;
}

/** The kernel reports processor time in hundredths of a second (USER_HZ), whatever it counts inside. */
const TICKS_PER_S = 100;

/**
 * Usage of the process `pid`, from /proc/PID; undefined where that cannot be read. Deno lets only programs with all
 * permissions open files there, so `cat` does it; without the permission to run that, and on other systems, the figures
 * are left out.
 */
export async function readServerUsage(pid: number | undefined): Promise<ServerUsage | undefined> {
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
