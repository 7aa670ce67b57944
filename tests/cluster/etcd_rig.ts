/**
 * Real etcd processes for tests: one member or several, in a temporary folder, each on a loopback address of its own, so
 * that its ports are those of no other process. They can be killed, paused, and started again with their data.
 */
import { delay } from "../../lib/base/delay.ts";
import { type Endpoints, parseEndpoints } from "../../lib/cluster/etcd/endpoints.ts";
import { EtcdStore, type EtcdStoreOptions } from "../../lib/cluster/etcd/etcd_store.ts";
import type { Credentials } from "../../lib/cluster/etcd/gateway.ts";
import { StoreUnavailable } from "../../lib/cluster/key_value_store.ts";
import { assert } from "../../lib/base/assert.ts";
import type { TlsIdentity } from "../../lib/net/tls/tls_conn.ts";
import { Authority } from "../support/certificates.ts";
import type { NamedHost } from "../support/hosts.ts";

/** Time for members to find each other. */
const START_TIMEOUT_MS = 30_000;
/** Pause between two looks. */
const LOOK_MS = 30;

export interface RigOptions {
  /** Left out: 1. */
  readonly members?: number;
  /** Connections of clients need TLS, and a certificate of the rig's authority. */
  readonly tls?: boolean;
  /** etcd asks for the password of this user, `root`. */
  readonly auth?: Credentials;
  /** More arguments of each member. */
  readonly args?: readonly string[];
  /** Each member has a disk of its own of this size (tmpfs(5), which is root's), and waits for no other one's. */
  readonly diskSize?: string;
  /** Where each member runs, in place of this machine. */
  readonly hosts?: readonly NamedHost[];
}

/** What clients need for TLS. */
export interface RigTls {
  readonly authority: Authority;
  readonly client: TlsIdentity;
}

export class EtcdRig implements AsyncDisposable {
  readonly #disks = new AsyncDisposableStack();

  private constructor(
    readonly dir: string,
    readonly members: readonly EtcdMember[],
    readonly tls: RigTls | undefined,
    readonly auth: Credentials | undefined,
  ) {}

  /** Resolves when the cluster carries out requests. */
  static async start(options: RigOptions = {}): Promise<EtcdRig> {
    const dir = await Deno.makeTempDir({ prefix: "chatterbox-etcd-" });
    const [second = 0, third = 0] = crypto.getRandomValues(new Uint8Array(2));
    const hosts = options.hosts?.map(({ address }) => address) ?? Array.from(
      { length: options.members ?? 1 },
      (_, n) => `127.${1 + second % 254}.${third}.${n + 1}`,
    );
    const tls = options.tls ? await makeTls(dir, hosts) : undefined;
    const members = hosts.map((host, n) =>
      new EtcdMember(`m${n}`, host, dir, [
        `--initial-cluster=${hosts.map((each, at) => `m${at}=http://${each}:2380`).join(",")}`,
        ...(tls === undefined ? [] : [
          `--trusted-ca-file=${dir}/ca.pem`,
          "--client-cert-auth",
          `--cert-file=${dir}/${host}.pem`,
          `--key-file=${dir}/${host}.key`,
        ]),
        ...options.args ?? [],
      ], options.hosts?.[n]?.within)
    );
    const rig = new EtcdRig(dir, members, tls, options.auth);
    try {
      if (options.diskSize !== undefined) await rig.#mountDisks(options.diskSize);
      for (const member of members) member.start();
      await rig.ready({ user: undefined });
      if (options.auth !== undefined) await rig.#enableAuth(options.auth);
      return rig;
    } catch (error) {
      const log = await Deno.readTextFile(`${dir}/m0.log`).catch(() => "no log");
      await rig[Symbol.asyncDispose]();
      throw new Error(`etcd does not start: ${log.slice(-3000)}`, { cause: error });
    }
  }

  async #mountDisks(size: string): Promise<void> {
    for (const member of this.members) {
      this.#disks.use(await mountDisk(this.folderOf(member), size));
    }
  }

  get endpoints(): Endpoints {
    const scheme = this.tls === undefined ? "etcd" : "etcds";
    const endpoints = parseEndpoints(`${scheme}://${this.members.map(({ host }) => host).join(",")}`);
    assert(typeof endpoints === "object", "endpoints");
    return endpoints;
  }

  /** The options of a client that may do everything. */
  get clientOptions(): EtcdStoreOptions {
    return {
      endpoints: this.endpoints,
      ...(this.tls && { tls: { ca: this.tls.authority.pem, ...this.tls.client } }),
      ...(this.auth && { user: this.auth }),
    };
  }

  /** A client that the caller closes. `user: undefined` is without one. */
  client(options: Partial<EtcdStoreOptions> | { user: undefined } = {}): EtcdStore {
    const merged: Record<string, unknown> = { ...this.clientOptions, ...options };
    if (merged["user"] === undefined) delete merged["user"];
    return new EtcdStore(merged as unknown as EtcdStoreOptions);
  }

  /** Resolves when each member that runs carries out requests. */
  async ready(options: { user?: undefined } = {}): Promise<void> {
    const running = this.endpoints.urls.filter((_, n) => this.members[n]!.isRunning);
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (const url of running) {
      using client = this.client({ ...options, endpoints: { ...this.endpoints, urls: [url] } });
      for (;;) {
        try {
          await client.range({ key: "ready" });
          break;
        } catch (error) {
          if (!(error instanceof StoreUnavailable) || performance.now() > deadline) throw error;
          await delay(LOOK_MS);
        }
      }
    }
  }

  /** Deletes all keys. */
  async clear(): Promise<void> {
    using client = this.client();
    await client.transact({ compare: [], success: [{ kind: "delete", key: "/", end: "0" }] });
  }

  /** The folder of a member, on a disk of its own with {@link RigOptions.diskSize}. */
  folderOf({ name }: EtcdMember): string {
    return `${this.dir}/${name}`;
  }

  /** What `etcdctl` says to one member or all. */
  async control(...words: string[]): Promise<string> {
    const { urls } = this.endpoints;
    const args = ["--endpoints", urls.join(","), ...words];
    const { stdout } = await new Deno.Command("etcdctl", { args, env: { ETCDCTL_API: "3" }, stderr: "null" })
      .output();
    return new TextDecoder().decode(stdout);
  }

  /** The member that leads, as those other than `paused` see it. */
  async leader(paused?: EtcdMember): Promise<EtcdMember> {
    for (const [n, url] of this.endpoints.urls.entries()) {
      if (!this.members[n]!.isRunning || this.members[n] === paused) continue;
      const { leader, header } =
        await (await fetch(`${url}/v3/maintenance/status`, { method: "POST", body: "{}" })).json();
      if (leader === header.member_id) return this.members[n]!;
    }
    throw new Error("no member leads");
  }

  /** The number that a member has in etcd, in hexadecimal digits. */
  async idOf(member: EtcdMember): Promise<string> {
    const url = this.endpoints.urls[this.members.indexOf(member)]!;
    const { header } = await (await fetch(`${url}/v3/maintenance/status`, { method: "POST", body: "{}" }))
      .json();
    return BigInt(header.member_id).toString(16);
  }

  async #enableAuth({ name, password }: Credentials): Promise<void> {
    assert(name === "root", "the rig's user is root");
    await this.#post("auth/user/add", { name, password });
    await this.#post("auth/role/add", { name: "root" });
    await this.#post("auth/user/grant", { user: name, role: "root" });
    await this.#post("auth/enable", {});
  }

  /** Adds a user without any rights. */
  async addUser(user: Credentials): Promise<void> {
    const answer = JSON.parse(await this.#post("auth/authenticate", this.auth!));
    await this.#post("auth/user/add", user, { authorization: answer.token });
  }

  async #post(path: string, request: unknown, headers = {}): Promise<string> {
    const url = `${this.endpoints.urls[0]}/v3/${path}`;
    const response = await fetch(url, { method: "POST", body: JSON.stringify(request), headers });
    const text = await response.text();
    assert(response.ok, `${path}: ${text}`);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await this.#disks.disposeAsync();
    await Deno.remove(this.dir, { recursive: true });
  }
}

export class EtcdMember {
  #process: Deno.ChildProcess | undefined;

  constructor(
    readonly name: string,
    readonly host: string,
    readonly dir: string,
    readonly args: readonly string[],
    readonly within: readonly string[] = [],
  ) {}

  /** Undefined: it does not run. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  start(): void {
    assert(!this.isRunning, `${this.name} runs`);
    const scheme = this.args.includes("--client-cert-auth") ? "https" : "http";
    const [command, ...words] = [...this.within, "etcd"];
    this.#process = new Deno.Command(command!, {
      args: [
        ...words,
        `--name=${this.name}`,
        `--data-dir=${this.dir}/${this.name}`,
        `--listen-client-urls=${scheme}://${this.host}:2379`,
        `--advertise-client-urls=${scheme}://${this.host}:2379`,
        `--listen-peer-urls=http://${this.host}:2380`,
        `--initial-advertise-peer-urls=http://${this.host}:2380`,
        "--logger=zap",
        `--log-outputs=${this.dir}/${this.name}.log`,
        ...this.args,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Resolves when it has ended by itself; its data stays. */
  async ended(): Promise<void> {
    await this.#process!.status;
    this.#process = undefined;
  }

  /** Kills it; its data stays. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    process?.kill("SIGKILL");
    await process?.status;
  }

  pause(): void {
    this.#process!.kill("SIGSTOP");
  }

  resume(): void {
    this.#process!.kill("SIGCONT");
  }
}

/** Makes a folder that is a disk of its own, in memory, until it is disposed of. */
export async function mountDisk(folder: string, size: string): Promise<AsyncDisposable> {
  await Deno.mkdir(folder, { mode: 0o700 });
  await runShell('mount -t tmpfs -o "size=$0,mode=700" chatterbox-test "$1"', size, folder);
  // Lazily: where a test has failed a process may still use it.
  return { [Symbol.asyncDispose]: () => runShell('umount -l "$0"', folder) };
}

/** Runs `script`, of which $0 and so on are `words`. */
export async function runShell(script: string, ...words: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", { args: ["-c", script, ...words] }).output();
  assert(success, `${script}: ${new TextDecoder().decode(stderr)}`);
}

async function makeTls(dir: string, hosts: readonly string[]): Promise<RigTls> {
  const authority = await Authority.create();
  await Deno.writeTextFile(`${dir}/ca.pem`, authority.pem);
  for (const host of hosts) {
    const { cert, key } = await authority.issue(host, 365, -1);
    await Deno.writeTextFile(`${dir}/${host}.pem`, String(cert));
    await Deno.writeTextFile(`${dir}/${host}.key`, String(key));
  }
  return { authority, client: await authority.issue("client.test", 365, -1) };
}
