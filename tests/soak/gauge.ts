/** What a server process holds: by its own account (SERVERSTATS), and by the system's. */
import type { Message } from "../../lib/irc/message.ts";
import { processFigures } from "../support/process_figures.ts";
import type { ProcessFigures } from "../support/process_figures.ts";
import { LineClient } from "../support/line_client.ts";
import type { Address } from "../../lib/net/address.ts";

export interface Holding extends ProcessFigures {
  readonly connections: number;
  readonly users: number;
  readonly channels: number;
}

export class Gauge {
  #stats = new Map<string, number>();

  private constructor(
    readonly pid: number,
    readonly client: LineClient,
    readonly said: { message?: (message: Message) => void },
  ) {
    said.message = ({ command, params }) => {
      if (command === "SERVERSTATS" && params.length > 1) this.#stats.set(params[0]!, Number(params[1]));
    };
  }

  /** Looks at the server at `address` by a connection of its own, which counts. */
  static async open(pid: number, address: Address & { kind: "tcp" }): Promise<Gauge> {
    const said: { message?: (message: Message) => void } = {};
    const caps = ["chatterbox.chat/receipts", "chatterbox.chat/observer"];
    const client = await LineClient.enter({
      address,
      nick: "gauge",
      caps,
      onMessage: (message) => said.message?.(message),
    });
    return new Gauge(pid, client, said);
  }

  /** Undefined: the server has gone. */
  async read(): Promise<Holding | undefined> {
    this.#stats = new Map();
    this.client.send("SERVERSTATS");
    if (!await this.client.barrier()) return undefined;
    const stat = (key: string) => this.#stats.get(key) ?? NaN;
    return {
      connections: stat("connections"),
      users: stat("users"),
      channels: stat("rooms"),
      ...await processFigures(this.pid),
    };
  }
}
