/**
 * A home of its own in which the examples of a page run: `chatterbox` is on the PATH with the permissions of deno.json's tasks,
 * and so are stand-ins for the programs that examples use beside it. Servers listen on free ports of the loopback.
 */
import { dirname } from "node:path";
import { assert } from "../../lib/base/assert.ts";
import { linesOf } from "../commands/program.ts";
import { Pty } from "../commands/pty.ts";
import { comesTrue, endOf, inTime, outputOf } from "../support/guard.ts";
import type { PageFile } from "./files.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const TERMINAL = { columns: 100, rows: 40 };

/** What `make` prints; examples do not show it. */
const BUILT = "cc -o program";

/** The home of another machine, below that of the sandbox. */
export const OTHER_HOME = "elsewhere";

/** Programs that examples use and that are not ours. */
export const STAND_INS: Readonly<Record<string, string>> = {
  make: `echo ${BUILT}`,
  ssh: [
    "while :; do case $1 in -L) shift 2 ;; -*) shift ;; *) break ;; esac; done",
    `shift; [ $# = 0 ] || HOME="$HOME/${OTHER_HOME}" exec "$@"`,
  ].join("\n"),
  curl: [
    'for arg; do shift; set -- "$@" "$(printf %s "$arg" | sed -E "s#https?://(127.0.0.1:6680|chat.example.net)#$WEB_URL#")"; done',
    'case " $* " in *follow=1*) echo $$ > "$HOME/following.pid" ;; esac',
    'case " $* " in *" -f"*) ;; *) set -- --fail-with-body "$@" ;; esac',
    'PATH="${PATH#*:}" exec curl -sS "$@"',
  ].join("\n"),
  restic: '[ "$RESTIC_REPOSITORY" = backup ] || { echo "Fatal: repository does not exist"; exit 10; }',
  pg_dump: 'for arg; do case "$arg" in --file=*) echo dump >"${arg#--file=}" ;; esac; done',
  journalctl: 'echo "the first line"; echo "the last line"',
  mail: "cat >/dev/null",
};

/** What CI systems set for a job, and git wants to know of the person that commits. */
const VARIABLES: Readonly<Record<string, string>> = {
  GITHUB_REPOSITORY: "alice/shop",
  GITHUB_RUN_ID: "1001",
  GITHUB_SHA: "5e88489",
  CI_COMMIT_SHORT_SHA: "9f86d08",
  CI_JOB_ID: "2002",
  CI_JOB_STATUS: "success",
  CI_JOB_URL: "https://gitlab.example/alice/shop/-/jobs/2002",
  CI_PIPELINE_ID: "3003",
  CI_PROJECT_PATH: "alice/shop",
  GIT_AUTHOR_NAME: "alice",
  GIT_AUTHOR_EMAIL: "alice@example",
  GIT_COMMITTER_NAME: "alice",
  GIT_COMMITTER_EMAIL: "alice@example",
};

export interface Finished {
  readonly code: number;
  /** What was written to standard output and standard error. */
  readonly lines: string[];
}

export class Sandbox {
  readonly #terminals = new Map<string, Pty>();
  readonly #visitors = new Set<string>();
  readonly #servers: RunningServer[] = [];
  /** The commands of the page that have been run, in order. */
  readonly played: string[] = [];
  #tlsServer: RunningServer | undefined;

  private constructor(
    readonly home: string,
    readonly env: Record<string, string>,
    /** The files that the page shows; they lie in the home. */
    readonly files: readonly PageFile[],
  ) {}

  static async create(files: readonly PageFile[] = []): Promise<Sandbox> {
    const home = await Deno.makeTempDir();
    await Deno.mkdir(`${home}/bin`);
    await writeProgram(`${home}/bin/chatterbox`, chatterboxScript());
    for (const [name, script] of Object.entries(STAND_INS)) {
      await writeProgram(`${home}/bin/${name}`, script);
    }
    for (const { name, text } of files) {
      await Deno.mkdir(dirname(`${home}/${name}`), { recursive: true });
      await Deno.writeTextFile(`${home}/${name}`, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
    }
    const env = {
      ...VARIABLES,
      HOME: home,
      PATH: `${home}/bin:${Deno.env.get("PATH") ?? ""}`,
      DENO_DIR: await findDenoDir(),
      USER: "tester",
      TERM: "xterm",
      TZ: "UTC",
      CHATTERBOX_TRUST_FIRST_USE: "1", // in place of a certificate that an authority vouches for
    };
    return new Sandbox(home, env, files);
  }

  /** The address of the page's own server, which is started when it is wanted first, or wanted again after its end. */
  async server(): Promise<void> {
    if (this.#servers.some((server) => server.isMain && !server.hasEnded)) return;
    await this.startServer("chatterbox serve", true);
  }

  /**
   * Starts the server that `command` starts, on free ports. The page's main server keeps its data in the home, and is
   * the one that clients reach without `--server`; each other one has a home of its own.
   */
  async startServer(command: string, isMain: boolean): Promise<RunningServer> {
    const home = isMain ? this.home : await Deno.makeTempDir({ dir: this.home });
    const isOnDefaultPort = !/ --(?:listen|tls) /.test(command);
    const hasDefaultWeb = !/ --(?:web|no-web)\b/.test(command);
    const onFreePorts = command
      .replace(/(?:\d+\.){3}\d+(?::\d+)?/g, "127.0.0.1:0")
      .replace(/\bchatterbox serve\b/, isOnDefaultPort ? "$& --listen 127.0.0.1:0" : "$&")
      .replace(/\bchatterbox serve\b/, hasDefaultWeb ? "$& --web 127.0.0.1:0" : "$&")
      .replace(/ *(?:<\/dev\/null)? *&$/, "");
    const child = this.#spawn(`exec ${onFreePorts}`, { HOME: home });
    const server = new RunningServer(child, isMain);
    this.#servers.push(server);
    await server.listens();
    if (!isMain) return server;
    this.env["CHATTERBOX_SERVER"] = server.url;
    this.env["WEB_URL"] = server.webUrl;
    const [, passwordFile] = / --password-file (\S+)/.exec(command) ?? [];
    if (passwordFile !== undefined) { // all people of the page know it
      this.env["CHATTERBOX_PASSWORD"] = (await Deno.readTextFile(`${home}/${passwordFile}`)).trim();
    }
    return server;
  }

  /** An example has stopped the page's server: the next one that it starts takes its place. */
  get hasStopped(): boolean {
    const own = this.#servers.filter((server) => server.isMain);
    return own.length > 0 && own.every((server) => server.hasEnded);
  }

  /** Resolves when the page's server, which an example has stopped, has ended. */
  async serverEnds(): Promise<void> {
    for (const server of this.#servers) if (server.isMain) await server.ends();
  }

  /**
   * The URL of a server that speaks TLS, in the place of a host that an example calls `ircs://host.example`: the page's
   * own, or another one.
   */
  async tlsServer(): Promise<string> {
    const own = this.#servers.find((server) => server.isMain && !server.hasEnded)?.tlsUrl;
    if (own !== undefined) return own;
    this.#tlsServer ??= await this.startServer("chatterbox serve --tls 0.0.0.0 --tls-self-signed", false);
    const { tlsUrl } = this.#tlsServer;
    assert(tlsUrl !== undefined, "a server with TLS has the URL");
    return tlsUrl;
  }

  /** Runs `command` to its end. */
  async run(command: string): Promise<Finished> {
    const { code, out } = await outputOf(command, this.#spawn(`{ ${command}\n} 2>&1`));
    return { code, lines: out.split("\n").filter((line) => line !== "" && line !== BUILT) };
  }

  /**
   * Runs a command that goes on until it is interrupted: `provoke` is called until it writes something, then it is
   * interrupted.
   */
  async runUntilOutput(command: string, provoke: () => Promise<unknown>): Promise<number> {
    const child = this.#spawn(`{ ${command}\n} 2>&1`);
    let hasOutput = false;
    const read = (async () => {
      for await (const _ of linesOf(child.stdout, "unguarded")) hasOutput = true;
    })();
    let hasEnded = false;
    child.status.then(() => hasEnded = true);
    await comesTrue(`output of ${command}`, async () => {
      if (!hasOutput && !hasEnded) await provoke();
      return hasOutput || hasEnded;
    });
    const pid = (await Deno.readTextFile(`${this.home}/following.pid`)).trim();
    if (!hasEnded) {
      await new Deno.Command("sh", { args: ["-c", `kill -INT ${pid}`], stderr: "null" }).output();
    }
    const { code } = await endOf(child);
    await read;
    await child.stderr.cancel();
    return code;
  }

  /** The terminal at which `person` is in the chat, by `join PERSON` unless another command is given. */
  async terminal(person: string, command = `chatterbox join ${person}`): Promise<Pty> {
    const known = this.#terminals.get(person);
    if (known !== undefined && !/\[code \d+\]/.test(known.raw)) return known;
    await known?.[Symbol.asyncDispose]();
    this.#visitors.add(person);
    const opened = new Pty(["-c", command], this.env, ["sh"], TERMINAL);
    this.#terminals.set(person, opened);
    await opened.shows((lines) => promptRoom(lines) !== undefined, `the prompt of ${command}`);
    return opened;
  }

  /** Whether `person` has been in the chat. */
  hasBeenThere(person: string): boolean {
    return this.#visitors.has(person);
  }

  /** Ends `join` at the terminal of `person`, and returns its exit code. */
  async leave(person: string): Promise<number> {
    const terminal = await this.terminal(person);
    terminal.press("/quit\r");
    const { code } = await terminal.end();
    await this.closeTerminal(person);
    return code;
  }

  /** Takes the terminal from under whatever runs there. */
  async closeTerminal(person: string): Promise<void> {
    await this.#terminals.get(person)?.[Symbol.asyncDispose]();
    this.#terminals.delete(person);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const terminal of this.#terminals.values()) await terminal[Symbol.asyncDispose]();
    for (const server of this.#servers) await server.stop();
    await Deno.remove(this.home, { recursive: true });
  }

  #spawn(script: string, env: Readonly<Record<string, string>> = {}): Deno.ChildProcess {
    return new Deno.Command("sh", {
      args: ["-c", script],
      cwd: this.home,
      clearEnv: true,
      env: { ...this.env, ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }
}

/** `chatterbox serve` in the background. */
class RunningServer {
  readonly #child: Deno.ChildProcess;
  /** What it wrote until it listened. */
  readonly lines: string[] = [];
  hasEnded = false;

  constructor(child: Deno.ChildProcess, readonly isMain: boolean) {
    this.#child = child;
    child.status.then(() => this.hasEnded = true);
    child.stderr.pipeTo(new WritableStream({ write: (chunk) => void this.lines.push(decode(chunk)) }));
  }

  get url(): string {
    return `irc://${this.#listening(/listening on (127\.0\.0\.1:\d+)/)}`;
  }

  /** "": it does not listen for browsers. */
  get webUrl(): string {
    return this.#listening(/listening on (http:\S+)/) ?? "";
  }

  get tlsUrl(): string | undefined {
    return this.#listening(/listening on (ircs:\S+)/);
  }

  /** Reads what it writes; resolves when it listens everywhere: its address for plain clients is told first. */
  async listens(): Promise<void> {
    const lines = linesOf(this.#child.stdout, "unguarded");
    const quiet = { heard: () => this.lines };
    for (;;) {
      const next = await inTime("serve listens", lines.next(), quiet);
      if (next.done) throw new Error(`serve ended: ${this.lines.join("\n")}`);
      this.lines.push(next.value);
      if (this.lines.some((line) => line.includes("listening on")) && next.value === "") break;
    }
    (async () => {
      for await (const line of lines) this.lines.push(line);
    })();
  }

  async ends(): Promise<void> {
    await endOf(this.#child);
    this.hasEnded = true;
  }

  async stop(): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // ended already
    }
    await this.ends();
  }

  #listening(form: RegExp): string | undefined {
    return this.lines.map((line) => form.exec(line)?.[1]).find((found) => found !== undefined);
  }
}

/** The room that the prompt at the bottom of a terminal names; undefined: there is no prompt. */
export function promptRoom(lines: readonly string[]): string | undefined {
  return /^(?:\[.*\] )?([#@]?[^\s>]+)(?: \[[^\]>]*\])?>/.exec(lines.at(-1) ?? "")?.[1];
}

/** The program as deno.json's tasks run it. What may follow leaves its process id, so that it can be interrupted. */
function chatterboxScript(): string {
  const { tasks }: { tasks: Record<string, string> } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const cases = Object.values(tasks).flatMap((task) => {
    const [, flags, command] = /(?:^|&& )deno run (.*) main\.ts (\w+)$/.exec(task) ?? [];
    return command === undefined ? [] : [`${command}) flags="${flags}" ;;`];
  });
  return [
    "flags='-q --no-prompt -P'",
    `case "$1" in ${cases.join(" ")} esac`,
    'case " $* " in *" --tail "*|*" -f "*|*" --follow "*|*" --watch "*|*" key share "*) echo $$ > "$HOME/following.pid" ;; esac',
    `exec "${Deno.execPath()}" run $flags --config="${ROOT}deno.json" "${ROOT}main.ts" "$@"`,
  ].join("\n");
}

async function writeProgram(path: string, script: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** Deno's cache: it lies in the home unless the environment names it. */
async function findDenoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(decode(stdout)).denoDir;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
