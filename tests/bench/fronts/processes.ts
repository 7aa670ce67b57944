/** What processes have used so far (Linux). */

/** Nanoseconds on a processor by thread. */
export type ThreadTimes = ReadonlyMap<string, number>;

export function threadTimesOf(pids: readonly number[]): ThreadTimes {
  const times = new Map<string, number>();
  for (const pid of pids) {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
      const thread = `/proc/${pid}/task/${name}`;
      try {
        times.set(thread, Number(Deno.readTextFileSync(`${thread}/schedstat`).split(" ")[0]));
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // it has just ended
      }
    }
  }
  return times;
}

/** Microseconds on a processor from one look to the next. A thread that has ended between them is left out. */
export function cpuUsBetween(before: ThreadTimes, after: ThreadTimes): number {
  let sum = 0;
  for (const [thread, time] of after) sum += time - (before.get(thread) ?? 0);
  return sum / 1000;
}

/** Memory of all of them in KiB (resident set). */
export function rssKibOf(pids: readonly number[]): number {
  const kib = (pid: number) =>
    Number(/^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]);
  return pids.reduce((sum, pid) => sum + kib(pid), 0);
}
