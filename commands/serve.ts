/** `chatterbox serve`: starts the server, runs it until it is stopped, and saves its history. */
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { loadPalette, reportFailure, wantsColor } from "../lib/cli/standard_streams.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import type { OriginPolicy } from "../lib/net/web/websocket_handshake.ts";
import { HostCloak } from "../lib/hub/model/host_cloak.ts";
import type { ProcessControl } from "../lib/server/console/console_runner.ts";
import { CommandFailure, refusedFailure } from "../lib/server/console/console_command.ts";
import type { CommandAnswer } from "../lib/server/console/console_command.ts";
import { reloadTls, setUpTls } from "../lib/server/listen/listeners.ts";
import type { TlsAcceptor } from "../lib/server/listen/certificate.ts";
import type { ConsolePrompt, ConsolePromptHost } from "../lib/server/console/console_prompt.ts";
import type { LogLevel } from "../lib/server/server_log.ts";
import { ServerLog } from "../lib/server/server_log.ts";
import type { ChatServer } from "../lib/server/server.ts";
import { SERVE_FLAGS } from "../lib/server/settings/serve_flags.ts";
import { resolveServeSettings } from "../lib/server/settings/settings.ts";
import type { ServeSettings } from "../lib/server/settings/settings.ts";
import { Storage } from "../lib/server/storage.ts";
import type { StorageFault, StorageOptions } from "../lib/server/storage.ts";
import { openCloakKey } from "../lib/store/disk/cloak_key.ts";
import { readReloadableFiles } from "../lib/server/settings/reloadable_files.ts";
import { makeArchive } from "./serve/archive.ts";
import { makeServer, randomBytes } from "./serve/chat_server.ts";
import { printNextSteps } from "./serve/next_steps.ts";
import { loadSharing } from "./serve/ring_sharing.ts";
import { describeBadCertificate, openSockets } from "./serve/server_sockets.ts";
import { shutDown, type StopCause } from "./serve/shut_down.ts";
import { loadWebApp } from "./serve/web_app.ts";

export const command: Command = defineCommand({
  name: "serve",
  summary: "Run the server: chatterbox clients and all IRC clients can connect.",
  permissions: [
    "read",
    "write",
    "net",
    "sys:hostname",
    "sys:umask",
    "sys:statfs",
    "sys:setPriority",
    "ffi",
    "run",
  ],
  synopsis: "[FLAGS]",
  examples: [
    ["chatterbox serve", "for this machine: IRC on 127.0.0.1:6667, HTTP on 127.0.0.1:6680"],
    ["chatterbox serve </dev/null &", "in the background of a shell"],
    [
      "chatterbox serve --tls 0.0.0.0 --tls-self-signed --password-file pw",
      "for a network: encrypted, with a password",
    ],
    [
      "chatterbox serve --tls 0.0.0.0 --tls-cert cert.pem --tls-key key.pem",
      "with your own certificate",
    ],
    [
      "chatterbox serve --tls 0.0.0.0 --web https://0.0.0.0:443 --tls-self-signed",
      "for browsers of a network, too",
    ],
    [
      "chatterbox serve --buffer 64MiB --sync always",
      "more history; every message is on disk before it is acknowledged",
    ],
    ["chatterbox serve --shm", "with the history in memory that logs --local and send --local use"],
    ["chatterbox serve --fronts 2", "client connections in two further processes, to use more cores"],
  ],
  flags: SERVE_FLAGS,
  notes: [
    "--flood-rate counts tokens: a line, a WebSocket frame or a read without a whole line costs one, and a line of " +
    "more than 512 bytes one for each 512. A millisecond of the server's time costs the tokens of 200 ms. Nothing is " +
    "lost: input beyond the rate is read later. Before registration the rate is 100/30s.",
    "A trusted proxy names the client of each connection: by a PROXY header (version 1 or 2) before IRC or TLS, on " +
    "--web addresses by X-Forwarded-For or Forwarded. The client's address counts for limits, bans, cloaks and " +
    "--exempt.",
    "--shm keeps the ring in a segment of shared memory, /dev/shm/chatterbox-…, named after the data folder and " +
    "accessible to the server's user alone. It takes its whole size from the start, is removed when the server stops, " +
    "and after a crash taken over by the next one. A second segment, …-inbox, takes lines of clients on this machine.",
    "Signals: SIGINT and SIGTERM shut the server down: users are notified, history is saved, exit code 0; a second " +
    "signal stops it at once. SIGHUP reloads the password, the message of the day and the certificate.",
    "Commands: at a terminal the server has a prompt, where help lists them. Without a terminal, use chatterbox " +
    "admin; on IRC, operators use OperServ.",
    "Operators: register the account first (chatterbox register alice, or register alice at the server's prompt), " +
    "then start with --oper alice, or type oper alice at the prompt. While there is no account alice, --oper alice " +
    "has no effect, and the name cannot be registered over the network.",
  ],
  exitCodes: [
    ["0", "stopped"],
    ["64", "wrong usage"],
    [
      "73",
      "an address, the data folder or /dev/shm cannot be used, another server uses it, or a front cannot be started",
    ],
    [
      "74",
      "a file cannot be read, the database is missing or not that of the history, the history is larger than " +
      "--buffer, or not all of it was saved",
    ],
    ["78", "bad configuration, --shm is not possible here, or a secret file that is missing or not private"],
  ],
}, async (flags, words, io) => {
  if (words[0] !== undefined) throw new UsageError(`unexpected argument ${words[0]}: serve takes flags only`);
  const outcome = await resolveServeSettings(flags, io.env);
  if (outcome.kind !== "ok" || !outcome.settings.shm) io.revoke(["ffi"]);
  if (outcome.kind !== "ok" || outcome.settings.fronts === 0) io.revoke(["run"]);
  if (outcome.kind !== "ok") {
    return reportFailure(io, outcome.kind === "usage" ? EXIT.usage : EXIT.badConfig, outcome.why);
  }
  return await serve(outcome.settings, io);
});

/** Runs the server until it is stopped. Returns the exit code. */
async function serve(settings: ServeSettings, io: Io): Promise<number> {
  const read = await readReloadableFiles(settings.passwordFile, settings.motdFile);
  if (read.kind !== "ok") {
    const isSecret = read.kind === "exposed" || read.path === settings.passwordFile;
    const code = isSecret ? EXIT.badConfig : EXIT.ioError;
    return reportFailure(io, code, `${read.path}: ${read.why}`);
  }
  let prompt: ConsolePrompt | undefined;
  const show = (line: string, level: LogLevel) => prompt ? prompt.show(line, level) : io.stdout.write(line);
  const log = new ServerLog(settings.logFormat, io.clock, show);
  const stop = Promise.withResolvers<StopCause>();
  const askToStop = () => stop.resolve({ kind: "asked" });
  callOnAbort(io.signal, askToStop); // before there is history that an interruption could lose
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
  let tls: TlsAcceptor | undefined;
  const control: ProcessControl = {
    reload: () => reloadSettings(settings, server, tls, log, io),
    stop() {
      askToStop();
      return stopped.promise;
    },
  };
  const onFatalError = (error: unknown) => stop.resolve({ kind: "failed", error });
  const parts = { ...read.files, ...(cloak && { cloak }) };
  const archive = makeArchive(settings, storage, log, {
    tellOperators: (text) => server.sendNoticeToOperators(text),
    onOrdered: (order) => server.confirmOrder(order),
  });
  const server = makeServer(settings, parts, storage, archive, io, log, { onFatalError, control });
  sendNoticeToAll = (text) => server.sendNoticeToAll(text);
  await server.start(storage.facts);
  const loadHandler = (policy: OriginPolicy) => loadWebApp(policy, server, storage, archive, log, io.clock);
  const certificate = await setUpTls(settings, log, io.clock.now());
  if (certificate?.kind === "ok") tls = certificate.acceptor;
  const sockets = certificate?.kind === "bad"
    ? describeBadCertificate(certificate)
    : await openSockets(settings, server, tls, control, loadHandler, log, io);
  if ("why" in sockets) {
    await server.stop("Server could not start");
    await storage.close();
    return reportFailure(io, sockets.code, sockets.why);
  }
  io.revoke(["sys:hostname", "sys:umask", "sys:statfs"]); // what they were for is done
  // An archive is trusted only beside the facts from which it began.
  if (archive !== undefined) await storage.ensureFactsDurable();
  archive?.start();
  if (settings.logFormat === "text") printNextSteps(sockets, settings, io);
  prompt = await openConsolePrompt(settings, io);
  prompt?.run(promptHost(server)).then(askToStop, stop.reject);
  const cause = await stop.promise;
  prompt?.close();
  prompt = undefined;
  await sockets.stopListening();
  const code = await shutDown(server, storage, archive, log, cause, io);
  await sockets.closeFronts();
  stopped.resolve(code === EXIT.ok ? ALL_SAVED : NOT_ALL_SAVED);
  await sockets.admin?.close();
  return code;
}

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
  const { createTerminal } = await import("../lib/tui/terminal/terminal.ts");
  const { ConsolePrompt } = await import("../lib/server/console/console_prompt.ts");
  const terminal = createTerminal(io);
  return terminal && new ConsolePrompt(terminal, loadPalette(wantsColor(io.stdout, io.env, false)));
}

function callOnAbort(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback();
  else signal.addEventListener("abort", callback, { once: true });
}

async function reloadSettings(
  settings: ServeSettings,
  server: ChatServer,
  tls: TlsAcceptor | undefined,
  log: ServerLog,
  io: Io,
): Promise<CommandAnswer> {
  const failures = tls === undefined ? [] : [await reloadTls(tls, log, io.clock.now())];
  server.reloadFronts();
  const outcome = await readReloadableFiles(settings.passwordFile, settings.motdFile);
  if (outcome.kind === "ok") {
    server.hub.reconfigure(outcome.files);
    log.info("reread", "password and message of the day reloaded");
  } else {
    const words = `${outcome.path}: ${outcome.why}; the previous one stays in use`;
    log.warning("reread", words);
    failures.push(words);
  }
  const why = failures.filter((words) => words !== undefined);
  if (why.length > 0) return { lines: [], failure: refusedFailure(why.join("; ")) };
  const what = ["password", "message of the day", ...tls === undefined ? [] : ["certificate"]];
  return { lines: [`reloaded: ${what.join(", ")}`] };
}
