/**
 * The sockets of a server that starts: its TLS certificate, the admin socket, and the listeners for clients.
 */
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { Address } from "../../lib/net/address.ts";
import { AdminSocket } from "../../lib/server/console/admin_socket.ts";
import type { ProcessControl } from "../../lib/server/console/console_runner.ts";
import type { TlsAcceptor } from "../../lib/server/listen/certificate.ts";
import { openListeners, openWebListeners, pageUrl, stsPolicy } from "../../lib/server/listen/listeners.ts";
import type { Listen, LoadHttpHandler, TlsSetupOutcome } from "../../lib/server/listen/listeners.ts";
import type { FrontSet } from "../../lib/server/relay/front_set.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";
import type { WebAddress } from "../../lib/server/settings/web_flags.ts";

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
  /** No more admin commands and no more SIGHUP; the listeners for clients close when the server stops. */
  stopListening(): Promise<void>;
  /** Ends the fronts, after the clients have got their last lines. */
  closeFronts(): Promise<void>;
}

export async function openSockets(
  settings: ServeSettings,
  server: ChatServer,
  tls: TlsAcceptor | undefined,
  control: ProcessControl,
  loadHandler: LoadHttpHandler,
  log: ServerLog,
  io: Io,
): Promise<OpenSockets | StartFailure> {
  const admin = await openAdminSocket(settings.dataDir, server, log);
  // Before the log says that the server listens: from then on a SIGHUP may be sent.
  const ignoreHangup = io.onSignal("SIGHUP", () => void control.reload());
  const stopListening = async () => {
    ignoreHangup();
    await admin?.stopListening();
  };
  const fronts = settings.fronts === 0 ? undefined : await startFronts(settings, server, tls, log);
  const listening = fronts !== undefined && "why" in fronts
    ? fronts
    : await openAllListeners(server, settings, tls, loadHandler, log, fronts);
  const closeFronts = async () => {
    if (fronts !== undefined && !("why" in fronts)) await fronts.close();
  };
  if ("open" in listening) {
    return { addresses: listening.open, web: listening.web, admin, stopListening, closeFronts };
  }
  await stopListening();
  await closeFronts();
  return { code: EXIT.cannotCreate, why: listening.why };
}

/** Starts the fronts, which listen in place of this process; their code is loaded only then. */
async function startFronts(
  settings: ServeSettings,
  server: ChatServer,
  tls: TlsAcceptor | undefined,
  log: ServerLog,
): Promise<FrontSet | { why: string }> {
  const { startFrontSet } = await import("./fronts.ts");
  return await startFrontSet(settings, server, tls, log);
}

function logFronts(pids: readonly number[], log: ServerLog): void {
  const [fronts, processes] = pids.length === 1 ? ["1 front holds", "process"] : [
    `${pids.length} fronts hold`,
    "processes",
  ];
  const list = pids.join(", ");
  log.info("fronts", `${fronts} the connections of clients: ${processes} ${list}`, { processes: list });
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
 * Opens all listeners; the STS policy is in force before the first web client. Returns their addresses, or why one
 * cannot be opened.
 */
async function openAllListeners(
  server: ChatServer,
  settings: ServeSettings,
  tls: TlsAcceptor | undefined,
  loadHandler: LoadHttpHandler,
  log: ServerLog,
  fronts: FrontSet | undefined,
): Promise<{ open: Address[]; web: WebAddress[] } | { why: string }> {
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
  if (started !== undefined) {
    if ("why" in started) return started;
    logFronts(started.pids, log);
  }
  return { open: irc.open, web: web.open };
}
