/** `serve --fronts 2` as processes. */
import { assert } from "../../lib/base/assert.ts";
import { programTest } from "../commands/program.ts";
import { type Said, Serve } from "../server/serve_process.ts";

export const LINUX_ONLY = { ignore: Deno.build.os !== "linux" };

export function frontsTest(
  name: string,
  fn: (home: string) => Promise<void>,
  options: { ignore: boolean } = LINUX_ONLY,
): void {
  programTest(`fronts: ${name}`, options, fn);
}

/** Processes of a server. */
export interface Processes {
  /** Of the fronts. */
  readonly pids: number[];
  readonly hub: number;
}

/** A server with two fronts, which hold its connections. */
export async function startFronts(
  home: string,
  flags: string[] = [],
  before = "",
): Promise<{ serve: Serve } & Processes> {
  const serve = await Serve.start(home, ["--fronts", "2", ...flags], before);
  return { serve, ...await processesOf(serve) };
}

/** The processes of the hub that says next that it has started. */
export async function processesOf(serve: Serve): Promise<Processes> {
  return processesIn(await serve.until(({ event }) => event === "fronts"));
}

/** The processes that a hub has told of. */
export function processesIn(said: Said): Processes {
  const { processes, hub } = said as unknown as { processes: string; hub: number };
  return { pids: processes.split(", ").map(Number), hub };
}

/** The same of a server with one listener; its clients connect where it listens then. */
export async function restarted(serve: Serve): Promise<Processes> {
  const processes = await processesOf(serve);
  const { address } = serve.said.findLast(({ event }) => event === "listening")!;
  serve.port = Number(address!.split(":").at(-1));
  return processes;
}

/** The permission to send signals is that to run everything; a shell has it. */
export async function kill(pid: number | readonly number[], signal = "KILL"): Promise<void> {
  const pids = [pid].flat().join(" ");
  const { success } = await new Deno.Command("sh", { args: ["-c", `kill -${signal} ${pids}`] }).output();
  assert(success, `signal ${signal} could be sent to ${pids}`);
}

/** Those of `pids` that run; a process that its parent has not asked about yet does not. A shell may read /proc. */
export async function runningOf(pids: readonly number[]): Promise<number[]> {
  const script = 'for pid; do read -r line < /proc/$pid/stat && echo "$line"; done 2>/dev/null';
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script, "sh", ...pids.map(String)] })
    .output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return lines.flatMap((line) => {
    const [, pid, state] = /^(\d+) \(.*\) (.)/.exec(line) ?? [];
    return pid === undefined || state === "Z" || state === "X" ? [] : [Number(pid)];
  });
}

export async function haveEnded(...pids: number[]): Promise<boolean> {
  return (await runningOf(pids)).length === 0;
}
