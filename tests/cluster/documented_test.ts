/**
 * The files of docs/cluster/ and the commands of the page, run as they are written, on hosts of their own. Replaced are
 * addresses, names that DNS would resolve, and folders that are the machine's.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { parse as parseYaml } from "@std/yaml";
import { assert } from "../../lib/base/assert.ts";
import { program, type Run, start } from "../commands/program.ts";
import { read } from "../docs/pages.ts";
import { Authority } from "../support/certificates.ts";
import { comesTrue, endOf, outputOf } from "../support/guard.ts";
import { Hosts, type NamedHost, needsHosts } from "../support/hosts.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { needs } from "../tools.ts";

const ignore = [needsHosts(), needs("etcd", "etcdctl", "openssl", "systemd-analyze")].some((each) =>
  each.ignore
);

/** Hosts with the processes that run there. */
class Machines implements AsyncDisposable {
  readonly #hosts = new Hosts();
  readonly #running: Deno.ChildProcess[] = [];

  constructor(readonly root: string) {}

  async add(name: string): Promise<NamedHost & { readonly dir: string }> {
    const dir = `${this.root}/${name}`;
    await Deno.mkdir(dir);
    return { ...await this.#hosts.add(), dir };
  }

  /** Starts a program that goes on. */
  run(host: NamedHost, words: readonly string[], env: Record<string, string>): void {
    const [command, ...args] = [...host.within, ...words];
    const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
    this.#running.push(new Deno.Command(command!, { args, env, ...streams }).spawn());
  }

  serve(host: NamedHost & { readonly dir: string }, words: readonly string[]): void {
    const child = start(words, host.dir, { ...host, hasDefaultWeb: true });
    void child.stdout.pipeTo(new WritableStream());
    void child.stderr.pipeTo(new WritableStream());
    this.#running.push(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running.toReversed()) {
      child.kill("SIGTERM");
      await endOf(child);
    }
    await this.#hosts[Symbol.asyncDispose]();
  }
}

interface Service {
  readonly image: string;
  readonly environment?: Record<string, string>;
  readonly command?: string;
}

Deno.test({
  name: "docs/cluster: the composed services are a cluster",
  ignore,
  fn: () =>
    withTempDir(async (root) => {
      await using machines = new Machines(root);
      const { services } = parseYaml(read("docs/cluster/compose.yaml")) as {
        services: Record<string, Service>;
      };
      const hosts = new Map<string, Awaited<ReturnType<Machines["add"]>>>();
      for (const name of Object.keys(services)) hosts.set(name, await machines.add(name));
      const resolve = (text: string, dir: string) =>
        text.replaceAll(/(?<=\/\/|,|--relay-advertise )((?:etcd|chat)\d)(?!=)/g, (name) =>
          hosts.get(name)!.address)
          .replaceAll(/(?<= |^)\/data\b/g, `${dir}/data`);
      for (const [name, { environment = {}, command }] of Object.entries(services)) {
        const host = hosts.get(name)!;
        const env = Object.entries(environment).map(([key, value]) => [key, resolve(value, host.dir)]);
        if (command === undefined) {
          machines.run(host, ["etcd"], Object.fromEntries(env));
        } else machines.serve(host, resolve(command, host.dir).trim().split(/\s+/).slice(1));
      }
      const people = ["chat1", "chat2", "chat3"].map((name) => {
        const { within, dir } = hosts.get(name)!;
        const env = { CHATTERBOX_SERVER: "irc://127.0.0.1:6667", CHATTERBOX_NAME: name };
        return (...args: string[]) =>
          program(args, dir, { env, within });
      });
      await isOneServer(people);
    }),
});

Deno.test({
  name: "docs/cluster: who follows the page on three machines has a cluster",
  ignore,
  fn: () =>
    withTempDir(async (root) => {
      await using machines = new Machines(root);
      const hosts = [await machines.add("chat1"), await machines.add("chat2"), await machines.add("chat3")];
      const network = hosts[0]!.address.replace(/\d+$/, "");
      const page = read("docs/cluster.md").replaceAll("10.0.0.", network);
      const settings = (name: string) => read(`docs/cluster/${name}`).replaceAll("10.0.0.", network);
      await sh(root, settings("certificates.sh"));
      const { cert, key } = await (await Authority.create()).issue("chat.example");
      await Deno.writeTextFile(`${root}/tls.pem`, String(cert));
      await Deno.writeTextFile(`${root}/tls.key`, String(key));
      await Deno.writeTextFile(`${root}/password`, "one for all\n");
      const own = (text: string, nth: number) =>
        text.replaceAll("chat1", `chat${nth + 1}`).replaceAll(`${network}1`, hosts[nth]!.address);
      const local = (text: string, dir: string) => text.replaceAll(/\/(etc|var)\//g, `${dir}/$1/`);

      for (const [nth, host] of hosts.entries()) {
        await Deno.mkdir(`${host.dir}/etc`);
        for (const commands of blocksWith(page, "sudo install", "/etc/")) {
          await sh(root, local(own(commands, nth), host.dir).replaceAll(/-o \w+ /g, ""));
        }
        await Deno.mkdir(`${host.dir}/var/lib/etcd`, { recursive: true });
        // "in the first six settings"
        const lines = settings("etcd.env").split("\n").filter((line) => /^\w+=/.test(line));
        const env = lines.map((line, at) => local(at < 6 ? own(line, nth) : line, host.dir));
        machines.run(
          host,
          ["etcd"],
          Object.fromEntries(env.map((line) => /^(\w+)=(.*)$/s.exec(line)!.slice(1))),
        );
      }
      const [status] = blocksWith(page, "endpoint status");
      const ask = local(status!.slice(status!.indexOf("ETCDCTL_API")), hosts[0]!.dir);
      await comesTrue("three members", async () => {
        const { out } = await tryShell(root, ask, hosts[0]);
        return out.match(/https:\/\//g)?.length === 3;
      });

      for (const [nth, host] of hosts.entries()) {
        const unit = settings("chat.service").replace(`--relay ${network}1`, `--relay ${host.address}`);
        const [, command] = /^ExecStart=\S+ ((?:.*\\\n)*.*)$/m.exec(unit)!;
        machines.serve(host, local(command!, host.dir).replaceAll("%l", `chat${nth + 1}`).split(/[\s\\]+/));
      }
      const people = hosts.map(({ within, dir, address }, nth) => {
        const env = {
          CHATTERBOX_SERVER: `ircs://${address}`,
          CHATTERBOX_NAME: `person${nth}`,
          CHATTERBOX_PASSWORD: "one for all",
          CHATTERBOX_TRUST_FIRST_USE: "1",
        };
        return (...args: string[]) => program(args, dir, { env, within });
      });
      await isOneServer(people);
      const { dir } = hosts[2]!;
      const [, told] = /chatterbox admin (.* cluster status)$/m.exec(local(page, dir))!;
      const { out } = await program(["admin", ...told!.split(" ")], dir);
      assertMatch(out, /chat1.*chat2.*chat3/s);
    }),
});

Deno.test({
  name: "docs/cluster: systemd takes the unit",
  ignore,
  fn: () =>
    withTempDir(async (root) => {
      const unit = read("docs/cluster/chat.service").replaceAll("/usr/local/bin/chatterbox", "/bin/true");
      await Deno.writeTextFile(`${root}/chat.service`, unit);
      assertEquals(await tryShell(root, "systemd-analyze verify ./chat.service"), {
        code: 0,
        out: "",
        err: "",
      });
    }),
});

/** What one person says over a node, others read at theirs, and each node knows of all. */
async function isOneServer(people: readonly ((...args: string[]) => Promise<Run>)[]): Promise<void> {
  for (const [nth, person] of people.entries()) {
    await comesTrue(
      `node ${nth + 1}`,
      async () => (await person("send", "#lobby", `over ${nth + 1}`)).code === 0,
    );
  }
  for (const person of people) {
    const { out, err } = await person("logs", "#lobby", "--json");
    const texts = out.trim().split("\n").flatMap((line) => JSON.parse(line).text ?? []);
    assertEquals(texts.filter((text) => text.startsWith("over ")), ["over 1", "over 2", "over 3"], err);
    const nodes = (await person("list", "--nodes", "--json")).out.trim().split("\n");
    assertEquals(nodes.map((line) => JSON.parse(line).name), ["chat1", "chat2", "chat3"]);
  }
}

/** The blocks of commands that have all of `words`, without sudo. */
function blocksWith(page: string, ...words: string[]): string[] {
  const blocks = Array.from(page.matchAll(/```sh\n(.*?)```/gs), ([, block]) => block!);
  const found = blocks.filter((block) => words.every((word) => block.includes(word)));
  assert(found.length > 0, `the page has ${words.join()}`);
  return found.map((block) => block.replaceAll(/^sudo /gm, ""));
}

async function sh(cwd: string, commands: string): Promise<void> {
  const { code, err } = await tryShell(cwd, `set -e\n${commands}`);
  assertEquals(code, 0, err);
}

async function tryShell(cwd: string, commands: string, host?: NamedHost): Promise<Run> {
  const [command, ...args] = [...host?.within ?? [], "sh", "-c", commands];
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return await outputOf(commands, new Deno.Command(command!, { args, cwd, ...streams }).spawn());
}
