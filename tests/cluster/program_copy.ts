/** A copy of the program that has another version. */
import { runShell } from "./etcd_rig.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

/** A copy of the program, in a folder that is made. Returns the path of its main.ts. */
export async function copyProgram(dir: string): Promise<string> {
  await Deno.mkdir(dir);
  await runShell('cd "$0" && cp -r deno.json deno.lock main.ts lib commands docs "$1"', ROOT, dir);
  return `${dir}/main.ts`;
}

/** Gives the copy another version. */
export async function changeVersion(dir: string, version: string): Promise<void> {
  await runShell(`cd "$0" && sed -i 's/^  "version": .*/  "version": "${version}",/' deno.json`, dir);
}

/** Gives it another version of the relay. */
export async function changeRelayVersion(dir: string, version: number): Promise<void> {
  const line = `export const RELAY_VERSION = ${version};`;
  await runShell(
    `cd "$0" && sed -i 's/^export const RELAY_VERSION = .*/${line}/' lib/relay/handshake.ts`,
    dir,
  );
}
