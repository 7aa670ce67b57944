/**
 * Several hosts on one machine: network namespaces (ip-netns(8)) joined by a bridge, each with an address of its own, so that
 * what is only for strangers (limits, bans by address) can be tried. Wants Linux and root.
 */
import { needs } from "../tools.ts";

/** Spread into a test's definition: skips the test, with a printed reason, where there can be no hosts. */
export function needsHosts(): { ignore: boolean } {
  if (Deno.build.os !== "linux") return { ignore: true };
  const { ignore } = needs("ip");
  if (ignore || Deno.uid() === 0) return { ignore };
  console.log("skipped tests: network namespaces are root's");
  return { ignore: true };
}

export interface NamedHost {
  readonly address: string;
  /** What runs a command there, as words in front of it. */
  readonly within: readonly string[];
}

/** The network 10.77.0.0/24 inside of the first host, which the others are joined to. */
export class Hosts {
  readonly #names: string[] = [];
  readonly #tag: string;
  #hub = "";

  constructor() {
    this.#tag = `cb${Deno.pid}`;
  }

  /** One more host. */
  async add(): Promise<NamedHost> {
    const number = this.#names.length + 1;
    const name = `${this.#tag}n${number}`;
    const address = `10.77.0.${number}`;
    await ip("netns", "add", name);
    this.#names.push(name);
    await ip("-n", name, "link", "set", "lo", "up");
    if (number === 1) {
      this.#hub = name;
      await ip("-n", name, "link", "add", "br0", "type", "bridge");
      await ip("-n", name, "addr", "add", `${address}/24`, "dev", "br0");
      await ip("-n", name, "link", "set", "br0", "up");
    } else {
      const port = `port${number}`;
      await ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", this.#hub);
      await ip("-n", this.#hub, "link", "set", port, "master", "br0", "up");
      await ip("-n", name, "addr", "add", `${address}/24`, "dev", "eth0");
      await ip("-n", name, "link", "set", "eth0", "up");
    }
    return { address, within: ["ip", "netns", "exec", name] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await ip("netns", "del", name);
  }
}

async function ip(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args }).output();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
