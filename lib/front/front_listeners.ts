/** The listeners of a front, which the hub has it open, and what they do with HTTP requests. */
import { encodeUtf8 } from "../base/bytes.ts";
import { VERSION } from "../base/version.ts";
import { closeQuietly, type Conn, writeAll } from "../net/conn.ts";
import { joinConns } from "../net/tunnel.ts";
import { formatHttpResponse } from "../net/web/http_request.ts";
import type { HttpUpgrader, UpgradeAdmission } from "../net/web/http_upgrade.ts";
import { encodeHello, RELAY_VERSION } from "../relay/handshake.ts";
import type { UpFrame } from "../relay/upward.ts";
import type { Acceptor } from "../server/listen/acceptor.ts";
import type { TlsAcceptor } from "../server/listen/certificate.ts";
import { type FrontSetup, type ListenRequest, parseJson } from "../server/relay/front_setup.ts";

export interface FrontListenersOptions {
  readonly acceptor: Acceptor;
  readonly setup: FrontSetup;
  readonly tls: TlsAcceptor | undefined;
  /** Of the hub's relay. */
  readonly socketPath: string;
  tell(frame: UpFrame): void;
}

export class FrontListeners {
  readonly #options: FrontListenersOptions;
  #web: Promise<HttpUpgrader> | undefined;

  constructor(options: FrontListenersOptions) {
    this.#options = options;
  }

  /** Opens the listener that the hub asks for, and tells it the outcome. */
  async open(request: number, what: string): Promise<void> {
    const { acceptor, tls, tell } = this.#options;
    const { address, isWeb, access, sharing } = parseJson<ListenRequest>(what);
    const web = isWeb ? await (this.#web ??= this.#makeUpgrader()) : undefined;
    const wrap = address.kind === "tls" ? tls?.wrap : undefined;
    const outcome = await acceptor.listen(address, wrap, web, access, sharing);
    if (outcome.kind === "failed") {
      return tell({ kind: "failed", request, why: outcome.why, inUse: outcome.inUse === true });
    }
    tell({ kind: "listening", request, address: JSON.stringify(outcome.address) });
  }

  close(): void {
    void this.#options.acceptor.close();
  }

  /** A request that does not ask for WebSocket is for the hub. */
  async #makeUpgrader(): Promise<HttpUpgrader> {
    const { origins, names } = this.#options.setup;
    const { HttpUpgrader } = await import("../net/web/http_upgrade.ts");
    const policy = { origins: new Set(origins), names: new Set(names) };
    return new HttpUpgrader(policy, { tunnel: (conn, first, from) => this.#tunnel(conn, first, from) });
  }

  async #tunnel(client: Conn, first: Uint8Array, { origin }: UpgradeAdmission): Promise<void> {
    const { host, secure, endpoint = "" } = origin;
    let hub: Conn;
    try {
      hub = await Deno.connect({ transport: "unix", path: this.#options.socketPath });
    } catch {
      const words = formatHttpResponse({
        status: 503,
        text: "The server does not answer; try again in a second.",
      });
      await writeAll(client, encodeUtf8(words)).catch(() => {}); // it is gone
      return closeQuietly(client);
    }
    const side = { version: RELAY_VERSION, program: VERSION };
    try {
      await writeAll(hub, encodeHello({ kind: "tunnel", side, host, endpoint, secure }));
      await writeAll(hub, first);
    } catch {
      closeQuietly(hub);
      return closeQuietly(client);
    }
    await joinConns(client, hub);
  }
}
