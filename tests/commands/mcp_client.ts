/** `chatterbox mcp` as a process, driven by the MCP client of npm, and people who are in the chat meanwhile. */
import { Client } from "@modelcontextprotocol/sdk/client";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio";
import { assertEquals } from "@std/assert";
import { formatMessage } from "../../lib/irc/message.ts";
import type { Message } from "../../lib/irc/message.ts";
import { comesTrue, inTime } from "../support/guard.ts";
import { LineClient } from "../support/line_client.ts";
import { DENO_ARGS, HOME_ENVIRONMENT } from "./program.ts";

/** A person at a client that only knows IRC. */
export class Person {
  readonly lines: string[] = [];
  #client!: LineClient;

  constructor(readonly nick: string) {}

  static async enter(nick: string, url: string, ...rooms: string[]): Promise<Person> {
    const person = new Person(nick);
    const { hostname, port } = new URL(url);
    const address = { kind: "tcp", host: hostname, port: Number(port) } as const;
    const onMessage = (message: Message) => person.lines.push(formatMessage(message));
    person.#client = await LineClient.enter({ address, nick, onMessage, caps: ["message-tags"] });
    for (const room of rooms) person.say(`JOIN ${room}`);
    await person.#client.barrier();
    return person;
  }

  say(line: string): void {
    this.#client.send(line);
  }

  /** Resolves when the server has all that was said. */
  async barrier(): Promise<void> {
    await this.#client.barrier();
  }

  /** The first line that `pattern` matches, from now on or before; it is taken out. */
  async hears(pattern: RegExp): Promise<string> {
    const find = () => this.lines.findIndex((line) => pattern.test(line));
    await comesTrue(`${this.nick} hears ${pattern}`, () => find() >= 0, { heard: () => this.lines });
    return this.lines.splice(find(), 1)[0]!;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

// deno-lint-ignore no-explicit-any -- the answer of a tool, as its schema has it
export type Answer = any;

/** One run of `chatterbox mcp`, and its client. */
export class McpRun implements AsyncDisposable {
  readonly #reports: string[] = [];

  private constructor(readonly client: Client, readonly transport: StdioClientTransport) {}

  static async start(home: string, ...flags: string[]): Promise<McpRun> {
    const transport = new StdioClientTransport({
      command: Deno.execPath(),
      args: [...DENO_ARGS.map((word) => word === "-P" ? "-P=client" : word), "mcp", ...flags],
      env: { ...Deno.env.toObject(), ...HOME_ENVIRONMENT, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home },
      stderr: "pipe",
    });
    const run = new McpRun(new Client({ name: "test", version: "1" }), transport);
    transport.stderr!.on("data", (chunk: Uint8Array) => run.#reports.push(new TextDecoder().decode(chunk)));
    await inTime("chatterbox mcp", run.client.connect(transport), { heard: () => run.#reports });
    return run;
  }

  /** What is on standard error. */
  get reports(): string {
    return this.#reports.join("");
  }

  async reported(pattern: RegExp): Promise<void> {
    await comesTrue(`report ${pattern}`, () => pattern.test(this.reports), { heard: () => this.#reports });
  }

  /** What the tool answers, as data; its text is not empty. */
  async call(name: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<Answer> {
    const { structuredContent, isError, content } = await this.#call(name, args, signal);
    assertEquals(isError ?? false, false, JSON.stringify(content));
    return structuredContent;
  }

  /** The text that the tool answers with. */
  async text(name: string, args: Record<string, unknown>): Promise<string> {
    const { content } = await this.#call(name, args);
    return (content as { text: string }[])[0]!.text;
  }

  /** The text of a refusal. */
  async refusal(name: string, args: Record<string, unknown>): Promise<string> {
    const { isError, content, structuredContent } = await this.#call(name, args);
    assertEquals(isError, true, JSON.stringify(structuredContent));
    return (content as { text: string }[])[0]!.text;
  }

  #call(name: string, args: Record<string, unknown>, signal?: AbortSignal) {
    const options = { ...signal && { signal } };
    const call = this.client.callTool({ name, arguments: args }, undefined, options);
    return inTime(`${name} ${JSON.stringify(args)}`, call, { heard: () => this.#reports });
  }

  /** Ends the program by SIGKILL: the process itself is private to the transport. */
  kill(): void {
    this.transport._process.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
