/** A server with a web listener as a process, accounts on it, and their tokens. */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { Serve } from "../../server/serve_process.ts";
import { inTime } from "../../support/guard.ts";
import type { SocketClient } from "../../support/socket_client.ts";
import { EventReader } from "./event_reader.ts";

const PASSPHRASE = "correct horse battery";

export class ApiTestServer {
  #serve: Serve;
  #web: string;
  readonly #home: string;

  private constructor(home: string, serve: Serve, web: string) {
    this.#home = home;
    this.#serve = serve;
    this.#web = web;
  }

  static async start(home: string, flags: readonly string[] = []): Promise<ApiTestServer> {
    return new ApiTestServer(home, ...await startServe(home, flags));
  }

  /** `http://127.0.0.1:PORT`. */
  get web(): string {
    return this.#web;
  }

  get serve(): Serve {
    return this.#serve;
  }

  /** Ends the process without warning, and starts another one with its data, at other ports. */
  async crash(): Promise<void> {
    await this.#serve.kill();
    [this.#serve, this.#web] = await startServe(this.#home);
  }

  /** A client that is logged in to the account of its name, which is made if it is not there. */
  async enter(name: string): Promise<SocketClient> {
    const client = await this.#serve.connect();
    await client.send(`CAP REQ :sasl message-tags standard-replies draft/account-registration`);
    await client.send(`NICK ${name}\r\nUSER ${name} 0 * :${name}`);
    await client.send("AUTHENTICATE PLAIN");
    await client.until((line) => line === "AUTHENTICATE +");
    await client.send(`AUTHENTICATE ${btoa(`\0${name}\0${PASSPHRASE}`)}`);
    await client.until((line) => / 90[34] /.test(line));
    const isNew = client.take().some((line) => / 904 /.test(line));
    await client.send("CAP END");
    await client.barrier();
    if (isNew) {
      await client.send(`REGISTER * * :${PASSPHRASE}`);
      await client.until((line) => line.includes("REGISTER SUCCESS") || line.includes("FAIL REGISTER"));
    }
    client.take();
    return client;
  }

  /** The secret of a new token of the account that `client` is logged in to, and its id. */
  async token(client: SocketClient, ...scopes: readonly string[]): Promise<{ secret: string; id: string }> {
    await client.send(`TOKEN CREATE 90d ${scopes.join(",")} :test`);
    await client.until((line) => / TOKEN /.test(line));
    const made = client.take().find((line) => / TOKEN CREATE /.test(line));
    assert(made !== undefined, "a token is made");
    const [, id = "", secret = ""] = / TOKEN CREATE (\S+) .*:(\S+)$/.exec(made) ?? [];
    return { id, secret };
  }

  /** A stream of messages. */
  async open(path: string, token: string, lastId?: string): Promise<EventReader> {
    const gone = new AbortController();
    const headers = { accept: "text/event-stream", ...lastId !== undefined && { "last-event-id": lastId } };
    const response = await this.fetch(path, token, { headers, signal: gone.signal });
    assertEquals([response.status, response.headers.get("content-type")], [200, "text/event-stream"]);
    return new EventReader(response, gone);
  }

  /** A request with a token, unless it is "". */
  async fetch(path: string, token: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token !== "") headers.set("authorization", `Bearer ${token}`);
    return await inTime(`the answer to ${path}`, fetch(this.#web + path, { ...init, headers }));
  }

  async post(token: string, message: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return await this.fetch("/api/v1/messages", token, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(message),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#serve.end();
    await this.#serve.stderr;
  }
}

/** The objects of an answer in NDJSON. */
// deno-lint-ignore no-explicit-any
export async function linesOfJson(response: Response): Promise<any[]> {
  const text = await response.text();
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** The path of the page that a `Link` header leads to; undefined: there is none. */
export function linkOf({ headers }: Response, rel: string): string | undefined {
  return new RegExp(`<([^>]*)>; rel="${rel}"`).exec(headers.get("link") ?? "")?.[1];
}

async function startServe(home: string, flags: readonly string[] = []): Promise<[Serve, string]> {
  const serve = await Serve.start(home, ["--web", "127.0.0.1:0", ...flags]);
  const { address } = await serve.until((said) => said.address?.startsWith("http:") === true);
  return [serve, address!];
}
