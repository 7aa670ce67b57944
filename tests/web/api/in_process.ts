/** A server and its web application in one process: what the network holds for a client is not in the way. */
import { assert } from "../../../lib/base/assert.ts";
import { makeWebHandler } from "../../../lib/web/app.ts";
import { runServer } from "../../support/chat_server.ts";
import type { RunningServer, RunOptions } from "../../support/chat_server.ts";
import { SocketClient } from "../../support/socket_client.ts";
import { fakePorts } from "../ports.ts";

const HOST = "127.0.0.1";

export interface AskOptions {
  readonly token: string;
  readonly headers?: Record<string, string>;
  /** Address of the client. */
  readonly from?: string;
  readonly signal?: AbortSignal;
}

export class InProcessApi {
  /** Bytes that were charged to clients. */
  charged = 0;
  readonly #handler: ReturnType<typeof makeWebHandler>;

  private constructor(readonly running: RunningServer) {
    const { server } = running;
    this.#handler = makeWebHandler(
      fakePorts({ connect: (host, isSecure) => server.connect(host, isSecure) }),
    );
  }

  static async start(options: RunOptions = {}): Promise<InProcessApi> {
    return new InProcessApi(await runServer(options));
  }

  /** The answer to GET. */
  async get(path: string, options: AskOptions): Promise<Response> {
    return await this.#ask(path, {}, options);
  }

  /** The answer to a request of any method. */
  async send(path: string, init: RequestInit, options: AskOptions): Promise<Response> {
    return await this.#ask(path, init, options);
  }

  /** The answer to a message that is sent. */
  async post(message: unknown, options: AskOptions): Promise<Response> {
    const headers = { "content-type": "application/json", ...options.headers };
    return await this.#ask("/api/v1/messages", { method: "POST", body: JSON.stringify(message) }, {
      ...options,
      headers,
    });
  }

  async #ask(
    path: string,
    init: RequestInit,
    { token, headers = {}, from = HOST, signal = new AbortController().signal }: AskOptions,
  ): Promise<Response> {
    const request = new Request(`http://${HOST}${path}`, {
      ...init,
      headers: { host: HOST, authorization: `Bearer ${token}`, ...headers },
    });
    return await this.#handler(request, {
      host: from,
      isSecure: false,
      signal,
      charge: (bytes) => void (this.charged += bytes),
    });
  }

  /** A user with a new account, in the room #ops. */
  async enter(name: string): Promise<SocketClient> {
    const outcome = this.running.server.connect(HOST, false);
    assert(outcome.kind === "connected", "it is admitted");
    const client = SocketClient.over(outcome.conn);
    await client.send(
      `CAP REQ :draft/account-registration standard-replies\r\nNICK ${name}\r\nUSER u 0 * :u\r\nCAP END`,
    );
    await client.send("REGISTER * * :correct horse battery");
    await client.until((line) => line.includes("REGISTER SUCCESS"));
    await client.send("JOIN #ops");
    await client.barrier();
    client.take();
    return client;
  }

  /** The secret of a new token. */
  async token(client: SocketClient, ...scopes: readonly string[]): Promise<string> {
    await client.send(`TOKEN CREATE * ${scopes.join(",")}`);
    await client.until((line) => line.includes(" TOKEN CREATE "));
    const [, secret] = /TOKEN CREATE .*:(\S+)$/.exec(client.take().at(-1)!) ?? [];
    assert(secret !== undefined, "a token is made");
    return secret;
  }

  /** The ids of the tokens of the account that `client` is logged in to. */
  async tokenIds(client: SocketClient): Promise<string[]> {
    await client.send("TOKEN LIST");
    await client.until((line) => line.endsWith(" TOKEN LIST *"));
    return client.take().flatMap((line) => / TOKEN LIST ([0-9a-f]{8}) /.exec(line)?.[1] ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running.stop();
  }
}
