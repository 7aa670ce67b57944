/** The server as `serve` runs it: from its settings to its end. */
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { loadPalette, reportFailure, wantsColor } from "../../lib/cli/standard_streams.ts";
import type { OriginPolicy } from "../../lib/net/web/websocket_handshake.ts";
import { HostCloak } from "../../lib/hub/model/host_cloak.ts";
import { CommandFailure } from "../../lib/server/console/console_command.ts";
import type { CommandAnswer } from "../../lib/server/console/console_command.ts";
import type { HubStart } from "../../lib/server/keeper/keeper_protocol.ts";
import type { ArchiveService } from "../../lib/server/archive/archive_service.ts";
import type { ConsolePrompt, ConsolePromptHost } from "../../lib/server/console/console_prompt.ts";
import type { LogLevel } from "../../lib/server/server_log.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import { NotificationQueue } from "../../lib/server/notify/notification_queue.ts";
import type { ServerOptions } from "../../lib/server/server_options.ts";
import { readReloadableFiles } from "../../lib/server/settings/reloadable_files.ts";
import type { ReloadableFiles } from "../../lib/server/settings/reloadable_files.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";
import { Storage } from "../../lib/server/storage.ts";
import type { StorageFault, StorageOptions } from "../../lib/server/storage.ts";
import { openCloakKey } from "../../lib/store/disk/cloak_key.ts";
import { makeArchive } from "./archive.ts";
import { makeServer, randomBytes } from "./chat_server.ts";
import { printNextSteps } from "./next_steps.ts";
import { type Reloadable, SettingsReloader } from "./reload.ts";
import { loadSharing } from "./ring_sharing.ts";
import { type OpenSockets, startServer } from "./server_sockets.ts";
import { makeProcessControl, openServiceReports } from "./service_reports.ts";
import type { ServiceReports } from "./service_reports.ts";
import { shutDown, type StopCause } from "./shut_down.ts";
import { loadWebApp } from "./web_app.ts";

/** Runs the server until it is stopped. `hub`: a keeper has started it. Returns the exit code. */
export async function runServer(settings: ServeSettings, io: Io, hub?: HubStart): Promise<number> {
  const files = await readFiles(settings, io);
  if (typeof files === "number") return files;
  let prompt: ConsolePrompt | undefined;
  const show = (line: string, level: LogLevel) => prompt ? prompt.show(line, level) : io.stdout.write(line);
  const log = new ServerLog(settings.logFormat, io.clock, show);
  const stop = Promise.withResolvers<StopCause>();
  const askToStop = () => stop.resolve({ kind: "asked" });
  callOnAbort(io.signal, askToStop); // before there is history that an interruption could lose
  const handOver = () => stop.resolve({ kind: "handed_over" });
  if (hub !== undefined) await heedKeeper(hub, askToStop, handOver, io);
  else io.onSignal("SIGUSR2", () => log.warning("signal", NO_HUB_TO_RESTART));
  let sendNoticeToAll: (text: string) => void = () => {}; // there are no sessions yet
  const sharing = settings.shm ? await loadSharing(settings.hub, io) : undefined;
  if (typeof sharing === "number") return sharing;
  const stores = await openStores(settings, log, io, {
    shareRing: sharing,
    onEnded: (why) => stop.resolve({ kind: "unsaved", why }),
    onTrouble: (why) => sendNoticeToAll(describeSaving(why)),
  });
  if ("code" in stores) return stores.code;
  const { storage, cloak } = stores;
  const stopped = Promise.withResolvers<CommandAnswer>();
  const reloadable: Reloadable = {};
  const reports = await openServiceReports(io, log);
  const reloader = new SettingsReloader(settings, files, log, io);
  const reload = () => reloader.reload({ ...reloadable, findServer: () => Promise.resolve(server) });
  const control = makeProcessControl(reload, askToStop, stopped.promise, reports, hub && handOver);
  const onFatalError = (error: unknown) => stop.resolve({ kind: "failed", error });
  const parts = { ...files, ...(cloak && { cloak }) };
  const archive = makeArchive(settings, storage, log, {
    tellOperators: (text) => server.sendNoticeToOperators(text),
    onOrdered: (order) => server.confirmOrder(order),
  });
  const notifications = new NotificationQueue(settings.notify, (text) => log.info("notify", text));
  const hooks = { onFatalError, control, notifications, ...hub && await loadHandover() };
  const server = makeServer(settings, parts, storage, archive, io, log, hooks);
  sendNoticeToAll = (text) => server.sendNoticeToAll(text);
  const sources = { server, storage, archive, notifications, log, clock: io.clock };
  const loadHandler = (policy: OriginPolicy) => loadWebApp(policy, sources);
  const sockets = await startServer(settings, server, storage, {
    control,
    loadHandler,
    log,
    io,
    hub,
    stopping: stop.promise,
    reloadable,
  });
  if ("why" in sockets) return reportFailure(io, sockets.code, sockets.why);
  io.revoke(["sys:hostname", "sys:umask", "sys:statfs"]); // what they were for is done
  // An archive is trusted only beside the facts from which it began.
  if (archive !== undefined) await storage.ensureFactsDurable();
  archive?.start();
  if (settings.logFormat === "text" && !hub?.isRestart) printNextSteps(sockets, settings, io);
  await reports?.ready(server, sockets);
  const ignoreHangup = io.onSignal("SIGHUP", () => void control.reload()); // also for one that came before
  prompt = await openConsolePrompt(settings, io);
  prompt?.run(promptHost(server)).then(askToStop, stop.reject);
  const cause = await stop.promise;
  prompt?.close();
  prompt = undefined;
  notifications.stop();
  ignoreHangup();
  const code = await end(cause, server, storage, archive, sockets, reports, log, io);
  stopped.resolve(code === EXIT.ok ? ALL_SAVED : NOT_ALL_SAVED);
  await sockets.admin?.close();
  return code;
}

/** Ends the server because of `cause`; returns the exit code. Fronts outlive a hub that another one follows. */
async function end(
  cause: StopCause,
  server: ChatServer,
  storage: Storage,
  archive: ArchiveService | undefined,
  sockets: OpenSockets,
  reports: ServiceReports | undefined,
  log: ServerLog,
  io: Io,
): Promise<number> {
  const isLast = cause.kind === "asked" || cause.kind === "unsaved";
  if (isLast) sockets.keeper?.report({ kind: "stopping" });
  if (isLast) await reports?.stopping();
  await sockets.stopListening();
  const code = await shutDown(server, storage, archive, log, cause, io);
  if (isLast) await sockets.closeFronts();
  await sockets.keeper?.close();
  reports?.manager.close();
  return code;
}

/** The files that can be reloaded; an exit code where one cannot be read, which has been reported. */
export async function readFiles(
  { passwordFile, motdFile }: ServeSettings,
  io: Io,
): Promise<ReloadableFiles | ExitCode> {
  const read = await readReloadableFiles(passwordFile, motdFile);
  if (read.kind === "ok") return read.files;
  const isSecret = read.kind === "exposed" || read.path === passwordFile;
  return reportFailure(io, isSecret ? EXIT.badConfig : EXIT.ioError, `${read.path}: ${read.why}`);
}

/** What only a server with fronts has; its code is loaded only then. */
async function loadHandover(): Promise<Pick<ServerOptions, "makeHandover">> {
  const { Handover } = await import("../../lib/hub/handover/handover.ts");
  return { makeHandover: (hub) => new Handover(hub) };
}

/** A hub stops when its keeper has died. SIGUSR2 may be sent to all processes of a server. */
async function heedKeeper(hub: HubStart, askToStop: () => void, handOver: () => void, io: Io): Promise<void> {
  const { watchParent } = await import("../../lib/server/keeper/parent_watch.ts");
  watchParent(hub.keeper, askToStop);
  io.onSignal("SIGUSR2", handOver);
}

const NO_HUB_TO_RESTART = "SIGUSR2: the server runs without fronts; serve --fronts N has a hub to restart";
const ALL_SAVED: CommandAnswer = { lines: ["the server has stopped; its history is on disk"] };
const NOT_ALL_SAVED: CommandAnswer = {
  lines: [],
  failure: new CommandFailure(
    "not_saved",
    "the server has stopped; not all of its history could be saved; see the server log",
  ),
};

/**
 * Opens the data folder: history, saved facts and the key of cloaks. `code`: it could not be opened, and the reason
 * is printed.
 */
async function openStores(
  settings: ServeSettings,
  log: ServerLog,
  io: Io,
  hooks: Pick<StorageOptions, "onEnded" | "onTrouble" | "shareRing">,
): Promise<{ storage: Storage; cloak: HostCloak | undefined } | { code: ExitCode }> {
  const fail = (fault: StorageFault, why: string) => ({
    code: reportFailure(io, fault === "file" ? EXIT.ioError : EXIT.cannotCreate, why),
  });
  const opened = await Storage.open(settings, log, io.clock.now(), hooks);
  io.revoke(["ffi"]);
  if (opened.kind !== "ok") return fail(opened.fault, opened.why);
  const { storage } = opened;
  if (!settings.cloak) return { storage, cloak: undefined };
  const cloak = openCloakKey(settings.dataDir, randomBytes);
  if (cloak.kind !== "failed") return { storage, cloak: new HostCloak(cloak.key) };
  await storage.close();
  return fail(cloak.fault, `${cloak.path}: ${cloak.why}`);
}

/** Notice to all users when saving begins to fail, because of `why`, and when it works again (undefined). */
function describeSaving(why: string | undefined): string {
  return why === undefined
    ? "Messages are being saved again"
    : "Messages are currently not being saved: they are delivered, but a crash of the server would lose them " +
      `(${why.replace(/[\r\n]+/g, " ")})`;
}

function promptHost({ hub, turnQueue, consoleRunner }: ChatServer): ConsolePromptHost {
  return {
    turnQueue,
    consoleRunner,
    nicks: () => [...hub.context.state.users.values()].map(({ nick }) => nick),
  };
}

/** The prompt, if standard input is a terminal; its code is loaded only then. */
async function openConsolePrompt(settings: ServeSettings, io: Io): Promise<ConsolePrompt | undefined> {
  if (settings.logFormat !== "text" || !io.stdin.isTerminal) return undefined;
  const { createTerminal } = await import("../../lib/tui/terminal/terminal.ts");
  const { ConsolePrompt } = await import("../../lib/server/console/console_prompt.ts");
  const terminal = createTerminal(io);
  return terminal && new ConsolePrompt(terminal, loadPalette(wantsColor(io.stdout, io.env, false)));
}

function callOnAbort(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback();
  else signal.addEventListener("abort", callback, { once: true });
}
