/**
 * Several hosts on one machine: network namespaces (ip-netns(8)) joined by a bridge, each with addresses of its own, so that
 * what is only for strangers (limits, bans by address) can be tried, and networks that are cut. Wants Linux and root.
 */
import { needs } from "../tools.ts";

/** Spread into a test's definition: skips the test, with a printed reason, where there can be no hosts. */
export function needsHosts(): { ignore: boolean } {
  if (Deno.build.os !== "linux") return { ignore: true };
  if (needs("ip").ignore) return { ignore: true };
  const why = Deno.uid() !== 0 ? "root's" : isPermitted() ? undefined : "not permitted here, even for root";
  if (why !== undefined) console.log(`skipped tests: network namespaces are ${why}`);
  return { ignore: why !== undefined };
}

/** Containers may keep root from it. */
function isPermitted(): boolean {
  const name = makeTag();
  const run = (...args: string[]) => new Deno.Command("ip", { args, stderr: "null" }).outputSync().success;
  const veth = ["link", "add", "eth0", "type", "veth", "peer", "name", "eth1"];
  const isPossible = run("netns", "add", name) && run("-n", name, ...veth);
  run("netns", "del", name);
  return isPossible;
}

/** Tests of other files run in this process at the same time. */
function makeTag(): string {
  return `cb${crypto.getRandomValues(new Uint8Array(4)).toHex()}`;
}

export interface NamedHost {
  /** In the first network. */
  readonly address: string;
  /** In each network. */
  readonly addresses: readonly string[];
  /** What runs a command there, as words in front of it. */
  readonly within: readonly string[];
  /** Its network device. */
  readonly device: string;
}

/** An address of no device: what is sent there arrives nowhere. */
const NO_DEVICE = "02:00:00:00:00:ff";

/** Networks inside of the first host, which the others are joined to. */
export class Hosts {
  readonly #names: string[] = [];
  readonly #tag: string;
  readonly #networks: readonly string[];
  readonly #cuts = new Map<string, readonly string[]>();
  #hub = "";
  #isJoined = false;

  /** `networks`: the first three numbers of the addresses in each. */
  constructor(networks = ["10.77.0"]) {
    this.#tag = makeTag();
    this.#networks = networks;
  }

  /** One more host. */
  async add(): Promise<NamedHost> {
    const number = this.#names.length + 1;
    const name = `${this.#tag}n${number}`;
    await ip("netns", "add", name);
    this.#names.push(name);
    await ip("-n", name, "link", "set", "lo", "up");
    const within = ["ip", "netns", "exec", name];
    if (number > 1) return { ...await this.#join(number, "eth0", ["-n", name]), within };
    this.#hub = name;
    await ip("-n", name, "link", "add", "br0", "type", "bridge");
    return { ...await this.#enable(number, "br0", ["-n", name]), within };
  }

  /** Joins the machine itself, with the test: its addresses end in 254. The networks are none of the machine's own. */
  async join(): Promise<NamedHost> {
    const joined = await this.#join(254, this.#tag, []);
    this.#isJoined = true;
    return { ...joined, within: [] };
  }

  /** From now on nothing of `from` reaches `to`, and neither is told: what is sent is lost. The other way is open. */
  async cut(from: NamedHost, to: NamedHost, networks = to.addresses): Promise<void> {
    for (const address of networks.filter((each) => to.addresses.includes(each))) {
      const entry = [address, "dev", from.device];
      const place = from.within.length === 0 ? [] : ["-n", from.within.at(-1)!];
      await ip(...place, "neigh", "replace", ...entry, "lladdr", NO_DEVICE, "nud", "permanent");
      this.#cuts.set(`${place} ${entry}`, [...place, "neigh", "del", ...entry]);
    }
  }

  /** Ends all cuts. */
  async heal(): Promise<void> {
    for (const words of this.#cuts.values()) await ip(...words);
    this.#cuts.clear();
  }

  async #join(number: number, device: string, place: string[]): Promise<Omit<NamedHost, "within">> {
    const port = `port${number}`;
    await ip(...place, "link", "add", device, "type", "veth", "peer", "name", port, "netns", this.#hub);
    await ip("-n", this.#hub, "link", "set", port, "master", "br0", "up");
    return await this.#enable(number, device, place);
  }

  async #enable(number: number, device: string, place: string[]): Promise<Omit<NamedHost, "within">> {
    const addresses = this.#networks.map((network) => `${network}.${number}`);
    for (const each of addresses) await ip(...place, "addr", "add", `${each}/24`, "dev", device);
    await ip(...place, "link", "set", device, "up");
    return { address: addresses[0]!, addresses, device };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It would go with the first host, but later than that is told.
    if (this.#isJoined) await ip("link", "del", this.#tag);
    for (const name of this.#names) await ip("netns", "del", name);
  }
}

async function ip(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args }).output();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
