/** What a process has used, by Linux's /proc. */

export interface ProcessUsage {
  /** Processor time of all threads, seconds. */
  readonly cpuS: number;
  readonly rssMiB: number;
  /** Pages that several processes share are divided by their number. Undefined: not readable. */
  readonly pssMiB: number | undefined;
}

/** CLK_TCK, which is 100 on every Linux. */
const TICKS_PER_S = 100;

/** Undefined where there is no /proc. */
export async function processUsage(pid: number): Promise<ProcessUsage | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const [stat, status, smaps] = await Promise.all(
    ["stat", "status", "smaps_rollup"].map((name) =>
      Deno.readTextFile(`/proc/${pid}/${name}`).catch(() => "")
    ),
  );
  // Behind the name, which may have spaces: field 3 of proc(5) is the first.
  const fields = stat!.slice(stat!.lastIndexOf(")") + 2).split(" ");
  return {
    cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S,
    rssMiB: kibibytes(status!, "VmRSS")! / 1024,
    pssMiB: divide(kibibytes(smaps!, "Pss")),
  };
}

function divide(kib: number | undefined): number | undefined {
  return kib === undefined ? undefined : kib / 1024;
}

function kibibytes(text: string, name: string): number | undefined {
  const [, value] = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(text) ?? [];
  return value === undefined ? undefined : Number(value);
}
