/** `serve` as a process: started, listened to, ended or killed. */
import { linesOf, withoutDefaultWeb } from "../commands/program.ts";
import { endOf } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";

const ROOT = `${import.meta.dirname}/../../`;
const SERVE = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json"];

export interface Said {
  readonly level: string;
  readonly event: string;
  readonly text: string;
  readonly address?: string;
}

export class Serve {
  readonly child: Deno.ChildProcess;
  readonly stderr: Promise<string>;
  readonly said: Said[] = [];
  readonly #lines: AsyncGenerator<string>;
  port = 0;

  /**
   * `before` are words for the shell that starts it: limits. `program`: in this tree, or the main.ts of a copy of it.
   * `within`: what runs it elsewhere, as words in front.
   */
  private constructor(before: string, program: string, flags: string[], within: readonly string[] = []) {
    const permissions = program.endsWith("main.ts") ? "-P" : "-A";
    const path = program.startsWith("/") ? program : ROOT + program;
    const config = program.startsWith("/") ? program.replace(/main\.ts$/, "deno.json") : `${ROOT}deno.json`;
    const serve = withoutDefaultWeb([...SERVE, ...flags]);
    const args = ["run", "-q", permissions, `--config=${config}`, path, ...serve];
    this.child = new Deno.Command("sh", {
      args: ["-c", `${before} exec "$0" "$@"`, ...within, Deno.execPath(), ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stderr = new Response(this.child.stderr).text();
    this.#lines = linesOf(this.child.stdout);
  }

  static async start(
    home: string,
    flags: string[] = [],
    before = "",
    program = "main.ts",
    within: readonly string[] = [],
  ): Promise<Serve> {
    const serve = new Serve(before, program, ["--data-dir", `${home}/data`, ...flags], within);
    const { address } = await serve.until(({ event }) => event === "listening");
    serve.port = Number(address!.split(":")[1]);
    return serve;
  }

  /** One that may not listen for some time. */
  static starting(home: string, flags: string[], before = ""): Serve {
    return new Serve(before, "main.ts", ["--data-dir", `${home}/data`, ...flags]);
  }

  /** Exit code and standard error of one that does not start. */
  static async refused(
    home: string,
    flags: string[] = [],
    before = "",
  ): Promise<{ code: number; words: string }> {
    const serve = new Serve(before, "main.ts", ["--data-dir", `${home}/data`, ...flags]);
    for await (const line of serve.#lines) serve.said.push(JSON.parse(line));
    const { code } = await endOf(serve.child);
    return { code, words: await serve.stderr };
  }

  /** The next entry of its log that `done` holds of. */
  async until(done: (said: Said) => boolean): Promise<Said> {
    for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next()) {
      const said = JSON.parse(line.value) as Said;
      this.said.push(said);
      if (done(said)) return said;
    }
    throw new Error(`serve ended; it said: ${JSON.stringify(this.said)} ${await this.stderr}`);
  }

  connect(): Promise<SocketClient> {
    return SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port: this.port });
  }

  async enter(nick: string): Promise<SocketClient> {
    const client = await this.connect();
    await client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nJOIN #lobby`);
    await client.barrier();
    client.take();
    return client;
  }

  /** Ends it in order; answers its exit code, with all that it has said. */
  end(): Promise<number> {
    this.child.kill("SIGTERM");
    return this.ended();
  }

  /** Waits until it has ended; answers its exit code. */
  async ended(): Promise<number> {
    for await (const line of this.#lines) this.said.push(JSON.parse(line));
    return (await endOf(this.child)).code;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    for await (const _ of this.#lines);
    await endOf(this.child);
    await this.stderr;
  }

  saidOf(event: string): string[] {
    return this.said.filter((said) => said.event === event).map(({ level, text }) =>
      `${level}: ${text.split(":")[0]}`
    );
  }
}
