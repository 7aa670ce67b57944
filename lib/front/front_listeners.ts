/** The listeners of a front, which the hub has it open, and what they do with HTTP requests. */
import { encodeUtf8 } from "../base/bytes.ts";
import { VERSION } from "../base/version.ts";
import { closeQuietly, type Conn, writeAll } from "../net/conn.ts";
import { joinConns } from "../net/tunnel.ts";
import { formatHttpResponse } from "../net/web/http_request.ts";
import type { HttpUpgrader, UpgradeAdmission } from "../net/web/http_upgrade.ts";
import { encodeHello, RELAY_VERSION } from "../relay/handshake.ts";
import type { UpFrame } from "../relay/upward.ts";
import { Acceptor, type AcceptorOptions } from "../server/listen/acceptor.ts";
import type { TlsAcceptor } from "../server/listen/certificate.ts";
import {
  type FrontSetup,
  isSameAddress,
  type ListenRequest,
  type OpenListener,
  parseJson,
} from "../server/relay/front_setup.ts";

/** How a front of a cluster's node reaches hubs. */
export interface ClusterHubs {
  /** Another connection to the hub that has its sessions; undefined: there is none. */
  readonly connect: () => Promise<Conn | undefined>;
  /** Tells the node's own hub what concerns listeners. */
  readonly tellOwn: (frame: UpFrame) => void;
}

export interface FrontListenersOptions {
  readonly acceptor: Acceptor;
  /** Tells the hub that has the sessions, or the next one. */
  report(frame: UpFrame): void;
  readonly setup: FrontSetup;
  readonly tls: TlsAcceptor | undefined;
  /** Connects to the hub; undefined: there is none. */
  connect(): Promise<Conn | undefined>;
  tell(frame: UpFrame): void;
  /** Whether there is a hub that has taken over. */
  isRelayed(): boolean;
}

/** The acceptor of a front: it knows limits and proxies, but no bans. */
export function makeAcceptor(
  { serverName }: FrontSetup,
  parts: Pick<AcceptorOptions, "addresses" | "proxies" | "refusals" | "attach" | "release">,
  report: (frame: UpFrame) => void,
): Acceptor {
  return new Acceptor({
    ...parts,
    serverName,
    monotonic: { now: () => performance.now() },
    findBan: () => undefined, // the hub knows them
    reportForwardingHeader: (header, host) => report({ kind: "forwarding", header, host }),
    onRecoverableError: (error) =>
      report({ kind: "trouble", why: error instanceof Error ? error.message : String(error) }),
  });
}

export class FrontListeners {
  readonly #options: FrontListenersOptions;
  #web: Promise<HttpUpgrader> | undefined;
  readonly #open: OpenListener[] = [];

  constructor(options: FrontListenersOptions) {
    this.#options = options;
  }

  /** The listeners that are open. */
  get open(): readonly OpenListener[] {
    return this.#open;
  }

  /** Opens the listener that the hub asks for, unless it is open from an earlier hub, and tells it the outcome. */
  async listen(request: number, what: string): Promise<void> {
    const { tls, tell } = this.#options;
    const { address, asked, isWeb, access, sharing } = parseJson<ListenRequest>(what);
    const known = this.#open.find((each) =>
      each.isWeb === isWeb &&
      (isSameAddress(each.address, address) ||
        sharing === "first" && isSameAddress(address, asked) && isSameAddress(each.asked, asked))
    );
    if (known !== undefined) {
      return tell({ kind: "listening", request, address: JSON.stringify(known.address) });
    }
    const web = isWeb ? await (this.#web ??= this.#makeUpgrader()) : undefined;
    const wrap = address.kind === "tls" ? tls?.wrap : undefined;
    const outcome = await this.#options.acceptor.listen(address, wrap, web, access, sharing);
    if (outcome.kind === "failed") {
      return tell({ kind: "failed", request, why: outcome.why, inUse: outcome.inUse === true });
    }
    this.#open.push({ asked, isWeb, address: outcome.address });
    tell({ kind: "listening", request, address: JSON.stringify(outcome.address) });
  }

  /** Reads the certificate again. */
  async reload(): Promise<void> {
    const { tls, report } = this.#options;
    const read = await tls?.reload();
    if (read?.kind === "bad") report({ kind: "trouble", why: `${read.path}: ${read.why}` });
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
    const hub = await this.#connectToHub();
    if (hub === undefined) {
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

  /** Undefined: there is no hub, or it has not taken over yet. */
  async #connectToHub(): Promise<Conn | undefined> {
    const { isRelayed, connect } = this.#options;
    return isRelayed() ? await connect() : undefined;
  }
}
