/** People that write on a server by IRC, at times of their own. */
import { SocketClient } from "../../support/socket_client.ts";
import type { ClockedPages } from "./clocked_pages.ts";
import type { Step } from "./sample_conversation.ts";

const CAPABILITIES =
  "message-tags echo-message batch draft/multiline draft/message-redaction labeled-response server-time";

export class Team {
  readonly #clients = new Map<string, SocketClient>();
  /** Ids of what was written, by its text. */
  readonly #ids: { readonly text: string; readonly id: string }[] = [];
  readonly #pages: ClockedPages;
  #batches = 0;

  constructor(pages: ClockedPages) {
    this.#pages = pages;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#runStep(step);
  }

  /** All of them leave. */
  async close(): Promise<void> {
    for (const name of this.#clients.keys()) await this.leave(name);
  }

  /** The latest message that begins with `text`. */
  idOf(text: string): string {
    const found = this.#ids.findLast((each) => each.text.startsWith(text));
    if (found === undefined) throw new Error(`nobody wrote: ${text}`);
    return found.id;
  }

  async #runStep(step: Step): Promise<void> {
    if ("at" in step) return await this.#setClock(step.at);
    if ("enter" in step) {
      for (const name of step.enter) await (await this.#client(name)).send(`JOIN ${step.room ?? "#lobby"}`);
      for (const name of step.enter) await (await this.#client(name)).barrier();
    } else if ("leave" in step) {
      for (const name of step.leave) await this.leave(name);
    } else if ("crash" in step) {
      this.#clients.clear();
      await this.#pages.kill();
      await this.#pages.restart();
    } else if ("mode" in step) await this.ask(step.from, `MODE ${step.room} ${step.mode}`);
    else if ("topic" in step) {
      await this.ask(step.from, `TOPIC ${step.room ?? "#lobby"} :${step.topic}`);
    } else if ("react" in step) {
      await this.ask(
        step.from,
        `@+draft/react=${step.react};+draft/reply=${this.idOf(step.to)} TAGMSG #lobby`,
      );
    } else if ("remove" in step) await this.ask(step.from, `REDACT #lobby ${this.idOf(step.remove)}`);
    else if ("edit" in step) await this.#edit(step.from, step.edit, step.text);
    else await this.say(step.from, step.room ?? "#lobby", step.text, step.replyTo);
  }

  async say(from: string, to: string, text: string, replyTo?: string): Promise<void> {
    if (to !== "#lobby" && to.startsWith("#")) await this.ask(from, `JOIN ${to}`);
    await this.#write(from, to, text, replyTo === undefined ? "" : `+draft/reply=${this.idOf(replyTo)}`);
  }

  async #edit(from: string, beginning: string, text: string): Promise<void> {
    const id = this.idOf(beginning);
    await this.#write(from, "#lobby", text, `+chatterbox.chat/replaces=${id}`);
    await this.ask(from, `REDACT #lobby ${id}`);
  }

  async #write(from: string, to: string, text: string, tags: string): Promise<void> {
    const client = await this.#client(from);
    client.take();
    const lines = text.split("\n");
    const prefix = tags === "" ? "" : `@${tags} `;
    if (lines.length === 1) await client.send(`${prefix}PRIVMSG ${to} :${text}`);
    else {
      const batch = `text${++this.#batches}`;
      await client.send(`${prefix}BATCH +${batch} draft/multiline ${to}`);
      for (const line of lines) await client.send(`@batch=${batch} PRIVMSG ${to} :${line}`);
      await client.send(`BATCH -${batch}`);
    }
    await client.barrier();
    const echo = client.take().find((line) => line.includes(` :${from}!`) && line.includes("msgid="));
    const id = /msgid=([^; ]+)/.exec(echo ?? "")?.[1];
    if (id === undefined) throw new Error(`no echo of: ${text}`);
    this.#ids.push({ text, id });
  }

  async ask(from: string, line: string): Promise<void> {
    const client = await this.#client(from);
    await client.send(line);
    await client.barrier();
  }

  async #client(name: string): Promise<SocketClient> {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port: this.#pages.port });
    this.#clients.set(name, client);
    const lines = [`CAP REQ :${CAPABILITIES}`, `NICK ${name}`, `USER ${name} 0 * :${name}`, "CAP END"];
    for (const line of [...lines, "JOIN #lobby"]) await client.send(line);
    await client.barrier();
    return client;
  }

  async leave(name: string): Promise<void> {
    const client = this.#clients.get(name);
    this.#clients.delete(name);
    await client?.send("QUIT :");
    await client?.ended();
  }

  /** Clients that have said nothing for days would be closed: each says something at once. */
  async #setClock(at: string): Promise<void> {
    await this.#pages.setTime(Date.parse(`2026-11-${at}:00Z`));
    await Promise.all(this.#clients.values().map((client) => client.barrier()));
  }
}
