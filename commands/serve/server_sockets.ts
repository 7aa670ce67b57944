/**
 * The sockets of a server that starts: its TLS certificate, the admin socket, and the listeners for clients.
 */
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { Address } from "../../lib/net/address.ts";
import { AdminSocket } from "../../lib/server/console/admin_socket.ts";
import type { ProcessControl } from "../../lib/server/console/console_runner.ts";
import type { KeeperLink } from "../../lib/server/keeper/keeper_link.ts";
import type { HubStart } from "../../lib/server/keeper/keeper_protocol.ts";
import type { TlsAcceptor } from "../../lib/server/listen/certificate.ts";
import {
  openListeners,
  openWebListeners,
  pageUrl,
  setUpTls,
  stsPolicy,
} from "../../lib/server/listen/listeners.ts";
import type { Listen, LoadHttpHandler, TlsSetupOutcome } from "../../lib/server/listen/listeners.ts";
import type { FrontSet } from "../../lib/server/relay/front_set.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";
import type { Storage } from "../../lib/server/storage.ts";
import type { WebAddress } from "../../lib/server/settings/web_flags.ts";
import type { StartedFronts } from "./fronts.ts";
import type { Reloadable } from "./reload.ts";

/** A hub with fronts that gives no sign of life for this time hangs: its keeper kills it and starts another one. */
const HUB_HANG_MS = 20_000;

/** Why a server cannot start. */
export interface StartFailure {
  readonly code: ExitCode;
  readonly why: string;
}

export function describeBadCertificate(
  { path, why, exposed }: TlsSetupOutcome & { kind: "bad" },
): StartFailure {
  return { code: exposed ? EXIT.badConfig : EXIT.ioError, why: `${path}: ${why}` };
}

/** The sockets of a started server. */
export interface OpenSockets {
  /** Addresses of the listeners for IRC. */
  readonly addresses: readonly Address[];
  /** Addresses of the listeners for HTTP. */
  readonly web: readonly WebAddress[];
  readonly admin: AdminSocket | undefined;
  /** No more admin commands; the listeners for clients close when the server stops. */
  stopListening(): Promise<void>;
  /** With fronts. */
  readonly keeper: KeeperLink | undefined;
  /** Ends the fronts, after the clients have got their last lines. */
  closeFronts(): Promise<void>;
}

interface OpenListeners {
  readonly open: Address[];
  readonly web: WebAddress[];
  readonly pids: readonly number[] | undefined;
}

/** What the sockets of a server are for. */
export interface SocketOptions {
  readonly control: ProcessControl;
  readonly loadHandler: LoadHttpHandler;
  readonly log: ServerLog;
  readonly io: Io;
  /** With fronts. */
  readonly hub: HubStart | undefined;
  /** Resolves when the server is to end: a keeper starts no more fronts then. */
  readonly stopping: Promise<unknown>;
  /** Is filled before anything listens. */
  readonly reloadable: Reloadable;
}

/**
 * Starts `server`, with what `storage` holds and the sessions that fronts present, and opens its sockets. Where that
 * fails the server has ended, and clients that the fronts hold are left to another hub.
 */
export async function startServer(
  settings: ServeSettings,
  server: ChatServer,
  storage: Storage,
  options: SocketOptions,
): Promise<OpenSockets | StartFailure> {
  const certificate = await setUpTls(settings, options.log, options.io.clock.now());
  const tls = certificate?.kind === "ok" ? certificate.acceptor : undefined;
  options.reloadable.tls = tls;
  const fronts = certificate?.kind === "bad"
    ? describeBadCertificate(certificate)
    : await startFronts(settings, server, tls, options);
  if (fronts !== undefined && "why" in fronts) {
    await storage.close();
    return fronts;
  }
  await server.start(storage.facts, fronts?.presented, fronts?.isTakeover);
  const opened = await openSockets(settings, server, tls, fronts, options);
  if (!("why" in opened)) return opened;
  if (options.hub?.isRestart) await server.suspend();
  else await server.stop("Server could not start");
  await storage.close();
  return opened;
}

async function openSockets(
  settings: ServeSettings,
  server: ChatServer,
  tls: TlsAcceptor | undefined,
  { fronts, keeper }: Partial<StartedFronts> = {},
  options: SocketOptions,
): Promise<OpenSockets | StartFailure> {
  const { log } = options;
  const admin = await openAdminSocket(settings.dataDir, server, log);
  const stopListening = async () => await admin?.stopListening();
  const opening = openAllListeners(server, settings, tls, options, fronts);
  const listening = await (fronts === undefined ? opening : Promise.race([opening, nothingOpen(options)]));
  const closeFronts = async () => await fronts?.close();
  if ("open" in listening) {
    keeper?.start(HUB_HANG_MS);
    if (listening.pids !== undefined) logFronts(listening.pids, log);
    return { addresses: listening.open, web: listening.web, admin, keeper, stopListening, closeFronts };
  }
  await stopListening();
  if (!options.hub?.isRestart) await closeFronts();
  await keeper?.close();
  return { code: EXIT.cannotCreate, why: listening.why };
}

/** What is open of a server that ends before its fronts have started. */
async function nothingOpen({ stopping }: SocketOptions): Promise<OpenListeners> {
  await stopping;
  return { open: [], web: [], pids: undefined };
}

/** Takes the fronts, which listen in place of this process; their code is loaded only then. */
async function startFronts(
  settings: ServeSettings,
  server: ChatServer,
  tls: TlsAcceptor | undefined,
  { control, log, hub, reloadable }: SocketOptions,
): Promise<StartedFronts | StartFailure | undefined> {
  if (hub === undefined) return undefined;
  const { startFrontSet } = await import("./fronts.ts");
  const started = await startFrontSet(settings, server, tls, { hub, control, log });
  if ("why" in started) return { code: EXIT.cannotCreate, why: started.why };
  reloadable.reloadFronts = started.reload;
  return started;
}

export function logFronts(pids: readonly number[], log: ServerLog): void {
  const [fronts, processes] = pids.length === 1 ? ["1 front holds", "process"] : [
    `${pids.length} fronts hold`,
    "processes",
  ];
  const list = pids.join(", ");
  const text = `${fronts} the connections of clients: ${processes} ${list}; the hub is process ${Deno.pid}`;
  log.info("fronts", text, { processes: list, hub: Deno.pid });
}

/** The socket for `chatterbox admin`. A server that cannot open it runs without one, and logs why. */
async function openAdminSocket(
  dataDir: string,
  server: ChatServer,
  log: ServerLog,
): Promise<AdminSocket | undefined> {
  const onTrouble = (why: unknown) => log.warning("admin_socket", `chatterbox admin: ${why}`);
  const outcome = await AdminSocket.open(dataDir, server.consoleRunner, onTrouble);
  if (outcome.kind === "open") return outcome.socket;
  log.warning("admin_socket", `chatterbox admin cannot reach this server: ${outcome.why}`);
  return undefined;
}

/**
 * Opens all listeners; the STS policy is in force before the first web client. Returns their addresses, and the processes of the fronts, or why one
 * cannot be opened.
 */
async function openAllListeners(
  server: ChatServer,
  settings: ServeSettings,
  tls: TlsAcceptor | undefined,
  { loadHandler, log }: SocketOptions,
  fronts: FrontSet | undefined,
): Promise<OpenListeners | { why: string }> {
  const listen: Listen = fronts === undefined
    ? (...options) => server.listen(...options)
    : (address, _tls, web, access) => fronts.listen(address, web, access);
  const irc = await openListeners(listen, settings, tls, log);
  if ("why" in irc) return irc;
  const sts = stsPolicy(settings, irc.open);
  if (sts !== undefined) server.hub.reconfigure({ sts });
  const web = await openWebListeners(listen, settings, tls, irc.open, log, loadHandler);
  if ("why" in web) return web;
  const page = pageUrl(settings, web.open);
  if (page !== undefined) server.hub.reconfigure({ pageUrl: page });
  const started = await fronts?.whenStarted();
  if (started !== undefined && "why" in started) return started;
  return { open: irc.open, web: web.open, pids: started?.pids };
}
