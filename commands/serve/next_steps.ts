/**
 * Commands that a started server suggests to type next, with the best address for clients of this machine.
 */
import type { AddressSet } from "../../lib/base/ip.ts";
import type { Io } from "../../lib/cli/command.ts";
import { stateDir } from "../../lib/cli/files/user_dirs.ts";
import {
  DEFAULT_PORT,
  formatAddress,
  formatWebAddress,
  isLoopback,
  isWildcardHost,
  WILDCARD_HOST,
} from "../../lib/net/address.ts";
import type { Address } from "../../lib/net/address.ts";
import type { OpenSockets } from "./server_sockets.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";

/** For the first start of a server, by the addresses of its open listeners. */
export function printNextSteps(
  { addresses, web }: Pick<OpenSockets, "addresses" | "web">,
  { proxies, shm, dataDir }: Pick<ServeSettings, "proxies" | "shm" | "dataDir">,
  io: Io,
): void {
  const address = bestClientAddress(addresses, proxies);
  const page = bestClientAddress(web, proxies);
  // A job in the background (`serve &`) is stopped by the shell as soon as it reads from the terminal, and
  // cannot know that beforehand.
  const here = io.stdin.isTerminal
    ? "At this prompt, type help.\nTo run in the background, append </dev/null & to the command.\n\n"
    : "";
  if (address === undefined) {
    io.stdout.write(
      "\nClients of this machine that connect here are taken for trusted proxies. For\n" +
        "them add an address that --trust-proxy does not cover, for example --unix PATH.\n\n" + here,
    );
    return;
  }
  const at = address.kind === "tcp" && address.port === DEFAULT_PORT && isLocal(address.host)
    ? ""
    : ` --server ${formatAddress(reachableAddress(address))}`;
  const program = programName();
  const folder = dataDir === stateDir(io.env) ? "" : ` --data-dir ${quote(dataDir)}`;
  const local = shm ? `  ${program} logs --tail --local${folder}\n` : "";
  const inBrowser = page === undefined ? "" : `In a browser: ${formatWebAddress(reachableAddress(page))}\n\n`;
  io.stdout.write(
    `\nIn another terminal, try:\n` +
      `  ${program} join alice${at}\n` +
      `  ${program} send alice "hello"${at}\n` +
      `  ${program} logs --tail${at}\n${local}\n${inBrowser}${here}`,
  );
}

/** `word` as a shell takes it for one word. */
function quote(word: string): string {
  return /^[\w./+:@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * The address to suggest to clients of this machine: Unix socket or loopback, else TLS, else any. Undefined:
 * on every address the server takes them for one of `proxies`.
 */
function bestClientAddress<A extends Address>(
  all: readonly A[],
  proxies: AddressSet | undefined,
): A | undefined {
  const open = all.filter((address) =>
    !proxies?.has(address.kind === "unix" ? "localhost" : clientHost(address))
  );
  const near = open.find((address) => address.kind === "unix" || isLoopback(address.host));
  return near ?? open.find(({ kind }) => kind === "tls") ?? open[0];
}

/** Source address of a client of this machine that connects to `address`. */
function clientHost(address: Address & { kind: "tcp" | "tls" }): string {
  const { host } = reachableAddress(address);
  return host === "localhost" ? "127.0.0.1" : host;
}

/** The address at which clients of this machine reach `address`. */
function reachableAddress<A extends Address>(address: A): A {
  if (address.kind === "unix" || !isWildcardHost(address.host)) return address;
  return { ...address, host: address.host === "::" ? "::1" : "127.0.0.1" };
}

function isLocal(host: string): boolean {
  return ["127.0.0.1", "localhost", "0.0.0.0", WILDCARD_HOST].includes(host);
}

/**
 * How this program was started: as the binary, or as a task of deno.json, with Deno installed or run from
 * npm.
 */
function programName(): string {
  if (Deno.build.standalone) return "chatterbox";
  return /[\\/]node_modules[\\/]/.test(Deno.execPath())
    ? `npx -y deno@${Deno.version.deno} task`
    : "deno task";
}
