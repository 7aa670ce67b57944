/** `chatterbox serve`: the server, from the first line it prints to the last. */
import { ClockStepDetector, systemStopwatch } from "../lib/base/clock.ts";
import type { AddressSet } from "../lib/base/ip.ts";
import { VERSION } from "../lib/base/version.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { loadPalette, reportFailure, wantsColor } from "../lib/cli/standard_streams.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { HostCloak } from "../lib/hub/model/host_cloak.ts";
import type { HubConfig } from "../lib/hub/model/config.ts";
import {
  DEFAULT_PORT,
  formatAddress,
  isLoopback,
  isWildcardHost,
  WILDCARD_HOST,
} from "../lib/net/address.ts";
import type { Address } from "../lib/net/address.ts";
import { AdminSocket } from "../lib/server/console/admin_socket.ts";
import type { ProcessControl } from "../lib/server/console/console_runner.ts";
import { CommandFailure, refusedFailure } from "../lib/server/console/console_command.ts";
import type { CommandAnswer } from "../lib/server/console/console_command.ts";
import {
  openListeners,
  openWebListeners,
  reloadTls,
  setUpTls,
  stsPolicy,
} from "../lib/server/listen/listeners.ts";
import type { Listen } from "../lib/server/listen/listeners.ts";
import type { TlsAcceptor } from "../lib/server/listen/certificate.ts";
import type { ConsolePrompt, ConsolePromptHost } from "../lib/server/console/console_prompt.ts";
import type { LogLevel } from "../lib/server/server_log.ts";
import { ServerLog } from "../lib/server/server_log.ts";
import { ChatServer } from "../lib/server/server.ts";
import type { ServerOptions } from "../lib/server/server.ts";
import { SERVE_FLAGS } from "../lib/server/settings/serve_flags.ts";
import { resolveServeSettings } from "../lib/server/settings/settings.ts";
import type { ServeSettings } from "../lib/server/settings/settings.ts";
import { Storage } from "../lib/server/storage.ts";
import { openCloakKey } from "../lib/store/disk/cloak_key.ts";
import { readReloadableFiles } from "../lib/server/settings/reloadable_files.ts";
import type { ReloadableFiles } from "../lib/server/settings/reloadable_files.ts";

const NETWORK = "ChatterBox";

export const command: Command = defineCommand({
  name: "serve",
  summary: "Run the server: every client of ours and every IRC client can connect.",
  permissions: ["read", "write", "net", "sys:hostname", "sys:umask"],
  synopsis: "[FLAGS]",
  examples: [
    ["chatterbox serve", "for this machine: 127.0.0.1:6667"],
    ["chatterbox serve </dev/null &", "in the background of a shell"],
    [
      "chatterbox serve --tls 0.0.0.0 --tls-self-signed --password-file pw",
      "for a network: encrypted, with a password",
    ],
    [
      "chatterbox serve --tls 0.0.0.0 --tls-cert cert.pem --tls-key key.pem",
      "with a certificate of your own",
    ],
    ["chatterbox serve --web 127.0.0.1:8080", "for IRC clients that speak WebSocket, too"],
    [
      "chatterbox serve --buffer 64MiB --sync always",
      "more history; nothing acknowledged before it is on disk",
    ],
  ],
  flags: SERVE_FLAGS,
  notes: [
    "What --flood-rate counts: a line of up to 512 bytes is one; a longer line is one for each 512 bytes, and so are a\n" +
    "WebSocket frame and a read without a whole line. A millisecond of the server's time costs what comes again in 200 ms.\n" +
    "Nothing is lost: what is beyond the rate is read when there is room again. Before registration it is 100/30s.",
    "How a trusted proxy tells for whom it connects: by a PROXY header (version 1 or 2) before IRC or TLS, to --web addresses\n" +
    "by X-Forwarded-For or Forwarded. That client's address counts for limits, bans, cloaks and --exempt.",
    "Signals: SIGINT and SIGTERM stop it in order (everybody told, history synced, exit 0), a second one at once;\n" +
    "SIGHUP rereads the password, the message of the day and the certificate. At a terminal it has a prompt; help lists\n" +
    "its commands. Without a terminal, chatterbox admin gives them; on IRC operators give them to OperServ.",
    "Operators: register the name first (chatterbox register alice), then start with --oper alice. Or at the server's\n" +
    "prompt: register alice makes the account, oper alice makes it an operator. As long as the account does not exist,\n" +
    "--oper alice has no effect, and the name cannot be registered over the network.",
    "Exit code: 0 stopped in order; 73 an address, the data folder or another server is in the way; 74 a file not readable,\n" +
    "the state database missing or another one, the history larger than --buffer, or not saved; 78 bad configuration file, or a secret file\n" +
    "(password, TLS key) that others can reach.",
  ],
}, async (flags, words, io) => {
  if (words[0] !== undefined) throw new UsageError(`what is ${words[0]}? serve takes flags only`);
  const outcome = await resolveServeSettings(flags, io.env);
  if (outcome.kind !== "ok") {
    return reportFailure(io, outcome.kind === "usage" ? EXIT.usage : EXIT.badConfig, outcome.why);
  }
  return await serve(outcome.settings, io);
});

async function serve(settings: ServeSettings, io: Io): Promise<number> {
  const texts = await readReloadableFiles(settings.passwordFile, settings.motdFile);
  if (texts.kind !== "ok") {
    return reportFailure(
      io,
      texts.kind === "exposed" ? EXIT.badConfig : EXIT.ioError,
      `${texts.path}: ${texts.why}`,
    );
  }
  let prompt: ConsolePrompt | undefined;
  const show = (line: string, level: LogLevel) => prompt ? prompt.show(line, level) : io.stdout.write(line);
  const log = new ServerLog(settings.logFormat, io.clock, show);
  const stop = waitForStopSignal(io.signal); // looked at before there is anything to lose
  const unsaved = Promise.withResolvers<string>();
  let tellAll: (text: string) => void = () => {}; // there is nobody yet
  const opened = await Storage.open(settings, log, io.clock.now(), {
    onEnded: unsaved.resolve,
    onTrouble: (why) => tellAll(describeSaving(why)),
  });
  if (opened.kind !== "ok") {
    return reportFailure(io, opened.fault === "folder" ? EXIT.cannotCreate : EXIT.ioError, opened.why);
  }
  const { storage } = opened;
  const cloak = settings.cloak ? await openCloakKey(settings.dataDir, randomBytes) : undefined;
  if (cloak?.kind === "failed") {
    await storage.close();
    return reportFailure(
      io,
      cloak.fault === "folder" ? EXIT.cannotCreate : EXIT.ioError,
      `${cloak.path}: ${cloak.why}`,
    );
  }
  const failed = Promise.withResolvers<unknown>();
  const parts = { ...texts.files, ...(cloak && { cloak: new HostCloak(cloak.key) }) };
  const wantsStop = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<CommandAnswer>();
  const control: ProcessControl = {
    reload: () => reloadSettings(settings, server, tls?.kind === "ok" ? tls.acceptor : undefined, log, io),
    stop() {
      wantsStop.resolve();
      return stopped.promise;
    },
  };
  const server = makeServer(settings, parts, storage, io, log, { onFatalError: failed.resolve, control });
  tellAll = (text) => server.sendNoticeToAll(text);
  await server.start(storage.facts);
  const notStarted = async (code: ExitCode, why: string) => {
    await server.stop("Server could not start");
    await storage.close();
    return reportFailure(io, code, why);
  };
  const tls = await setUpTls(settings, log, io.clock.now());
  if (tls?.kind === "bad") {
    return await notStarted(tls.exposed ? EXIT.badConfig : EXIT.ioError, `${tls.path}: ${tls.why}`);
  }
  const admin = await openAdminSocket(settings.dataDir, server, log);
  // Once the log says that it listens, the signal is awaited.
  const stopRereading = io.onSignal(
    "SIGHUP",
    () => void reloadSettings(settings, server, tls?.acceptor, log, io),
  );
  const listening = await listenEverywhere(server, settings, tls?.acceptor, log);
  if ("why" in listening) {
    stopRereading();
    await admin?.stopListening();
    return await notStarted(EXIT.cannotCreate, listening.why);
  }
  io.revoke(["sys:hostname", "sys:umask"]); // the machine's name is known, and its sockets are there
  if (settings.logFormat === "text") printNextSteps(bestClientAddress(listening.open, settings.proxies), io);
  prompt = await openConsolePrompt(settings, io);
  const endings = [
    stop,
    failed.promise.then((error): StopCause => ({ kind: "failed", error })),
    unsaved.promise.then((why): StopCause => ({ kind: "unsaved", why })),
    wantsStop.promise.then((): StopCause => ({ kind: "asked" })),
  ];
  if (prompt !== undefined) {
    endings.push(prompt.run(promptHost(server)).then((): StopCause => ({ kind: "asked" })));
  }
  const ending = await Promise.race(endings);
  prompt?.close();
  prompt = undefined;
  stopRereading();
  await admin?.stopListening();
  const code = await shutDown(server, storage, log, ending, io);
  stopped.resolve(
    code === EXIT.ok ? { lines: ["it has stopped, and its history is on disk"] } : NOT_ALL_SAVED,
  );
  await admin?.close();
  return code;
}

const NOT_ALL_SAVED: CommandAnswer = {
  lines: [],
  failure: new CommandFailure("not_saved", "it has stopped, and not all could be saved; its log says more"),
};

/** The socket for `chatterbox admin`; a server without one goes on, and says why. */
async function openAdminSocket(
  dataDir: string,
  server: ChatServer,
  log: ServerLog,
): Promise<AdminSocket | undefined> {
  const onTrouble = (why: unknown) => log.warning("admin_socket", `chatterbox admin: ${why}`);
  const outcome = await AdminSocket.open(dataDir, server.consoleRunner, onTrouble);
  if (outcome.kind === "open") return outcome.socket;
  log.warning("admin_socket", `chatterbox admin does not reach this server: ${outcome.why}`);
  return undefined;
}

/** What everybody is told when saving begins to fail, because of `why`, and when it is over. */
function describeSaving(why: string | undefined): string {
  return why === undefined
    ? "What is said is being saved again"
    : `What is said is not being saved at present, and would be lost in a crash: ${
      why.replace(/[\r\n]+/g, " ")
    }`;
}

/** Opens all listeners; the STS policy is in force before the first web client. Returns the addresses for IRC, or why one cannot be opened. */
async function listenEverywhere(
  server: ChatServer,
  settings: ServeSettings,
  tls: TlsAcceptor | undefined,
  log: ServerLog,
): Promise<{ open: Address[] } | { why: string }> {
  const listen: Listen = (...options) => server.listen(...options);
  const irc = await openListeners(listen, settings, tls, log);
  if ("why" in irc) return irc;
  const sts = stsPolicy(settings, irc.open);
  if (sts !== undefined) server.hub.config.sts = sts;
  return await openWebListeners(listen, settings, tls, irc.open, log) ?? irc;
}

function makeServer(
  settings: ServeSettings,
  parts: ReloadableFiles & Pick<HubConfig, "cloak">,
  storage: Storage,
  io: Io,
  log: ServerLog,
  hooks: Pick<ServerOptions, "onFatalError" | "control">,
): ChatServer {
  return new ChatServer({
    config: {
      serverName: settings.serverName,
      network: NETWORK,
      version: VERSION,
      logId: storage.logId,
      ...parts,
      maxClients: settings.limits.maxClients,
      limits: settings.limits.hub,
      accounts: settings.accounts,
      replay: settings.replay,
      opers: settings.opers,
      ...settings.hub,
      ...(settings.admin === undefined ? {} : { admin: settings.admin }),
      random: randomBytes,
      startedAt: io.clock.now(),
      logCreatedAt: storage.logCreatedAt,
      storage,
    },
    ring: storage.ring,
    lock: storage.lock,
    sync: () => storage.makeDurable(),
    onFacts: (facts) => storage.saveFacts(facts),
    flushFacts: () => storage.flushFacts(),
    ensureFactsDurable: () => storage.ensureFactsDurable(),
    clock: io.clock,
    clockWatch: new ClockStepDetector(io.clock, systemStopwatch),
    onServerEvents: (notices) => notices.forEach((notice) => log.serverEvent(notice)),
    limits: settings.limits.server,
    ...(settings.proxies === undefined ? {} : { proxies: settings.proxies }),
    onRefused: (text) => log.warning("refused", text),
    onRecoverableError: (error) =>
      log.warning("trouble", error instanceof Error ? error.message : String(error)),
    ...hooks,
    ...(settings.sync === "always" ? { makeDurable: () => storage.makeDurable() } : {}),
  });
}

function randomBytes(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

/** What to type next, for somebody who has just started a server for the first time; `address`: where clients of this machine can join. */
function printNextSteps(address: Address | undefined, io: Io): void {
  // Where the terminal belongs to somebody else (`serve &`), the shell stops whoever reads from it; nothing tells us beforehand.
  const here = io.stdin.isTerminal
    ? "Here, type help. (In the background: the same command with </dev/null & behind it.)\n\n"
    : "";
  if (address === undefined) {
    io.stdout.write(
      "\nClients of this machine that connect here are taken for trusted proxies. For them add what --trust-proxy does not\n" +
        `name, for example --unix PATH.\n\n${here}`,
    );
    return;
  }
  const at = address.kind === "tcp" && address.port === DEFAULT_PORT && isLocal(address.host)
    ? ""
    : ` --server ${formatAddress(reachableAddress(address))}`;
  const program = programName();
  io.stdout.write(
    `\nNow, in another terminal:\n` +
      `  ${program} join alice${at}\n` +
      `  ${program} send alice "hello"${at}\n` +
      `  ${program} logs --tail${at}\n\n${here}`,
  );
}

/**
 * The door to tell of: one that no network lies before, else one that encrypts; none where whoever comes from this machine is
 * taken for one of `proxies`.
 */
function bestClientAddress(all: readonly Address[], proxies: AddressSet | undefined): Address | undefined {
  const open = all.filter((address) =>
    !proxies?.has(address.kind === "unix" ? "localhost" : clientHost(address))
  );
  const near = open.find((address) => address.kind === "unix" || isLoopback(address.host));
  return near ?? open.find(({ kind }) => kind === "tls") ?? open[0];
}

/** The address from which a client of this machine comes to `address`. */
function clientHost(address: Address & { kind: "tcp" | "tls" }): string {
  const { host } = reachableAddress(address) as typeof address;
  return host === "localhost" ? "127.0.0.1" : host;
}

/** Where somebody on this machine finds it. */
function reachableAddress(address: Address): Address {
  if (address.kind === "unix" || !isWildcardHost(address.host)) return address;
  return { ...address, host: address.host === "::" ? "::1" : "127.0.0.1" };
}

function isLocal(host: string): boolean {
  return ["127.0.0.1", "localhost", "0.0.0.0", WILDCARD_HOST].includes(host);
}

/** How whoever started this calls the program: the binary, or a task of deno.json, by a Deno from npm where it is one. */
function programName(): string {
  if (Deno.build.standalone) return "chatterbox";
  return /[\\/]node_modules[\\/]/.test(Deno.execPath())
    ? `npx -y deno@${Deno.version.deno} task`
    : "deno task";
}

function promptHost({ hub, turnQueue, consoleRunner }: ChatServer): ConsolePromptHost {
  return { turnQueue, consoleRunner, nicks: () => [...hub.context.state.users.values()].map(({ nick }) => nick) };
}

/** A prompt, where a person sits at the terminal; loaded only there. */
async function openConsolePrompt(settings: ServeSettings, io: Io): Promise<ConsolePrompt | undefined> {
  if (settings.logFormat !== "text" || !io.stdin.isTerminal) return undefined;
  const { createTerminal } = await import("../lib/tui/terminal/terminal.ts");
  const { ConsolePrompt } = await import("../lib/server/console/console_prompt.ts");
  const terminal = createTerminal(io);
  return terminal && new ConsolePrompt(terminal, await loadPalette(wantsColor(io.stdout, io.env, false)));
}

type StopCause =
  | { kind: "asked" }
  /** A bug. */
  | { kind: "failed"; error: unknown }
  /** History can't be saved any more. */
  | { kind: "unsaved"; why: string };

/** Resolves at the first signal to stop. */
function waitForStopSignal(signal: AbortSignal): Promise<StopCause> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve({ kind: "asked" });
    signal.addEventListener("abort", () => resolve({ kind: "asked" }), { once: true });
  });
}

async function reloadSettings(
  settings: ServeSettings,
  server: ChatServer,
  tls: TlsAcceptor | undefined,
  log: ServerLog,
  io: Io,
): Promise<CommandAnswer> {
  const troubles = tls === undefined ? [] : [await reloadTls(tls, log, io.clock.now())];
  const outcome = await readReloadableFiles(settings.passwordFile, settings.motdFile);
  if (outcome.kind === "ok") {
    Object.assign(server.hub.context.config, outcome.files);
    log.info("reread", "password and message of the day reread");
  } else {
    const words = `${outcome.path}: ${outcome.why}; the old one stays`;
    log.warning("reread", words);
    troubles.push(words);
  }
  const why = troubles.filter((words) => words !== undefined);
  if (why.length > 0) return { lines: [], failure: refusedFailure(why.join("; ")) };
  const what = ["password", "message of the day", ...tls === undefined ? [] : ["certificate"]];
  return { lines: [`reread: ${what.join(", ")}`] };
}

async function shutDown(
  server: ChatServer,
  storage: Storage,
  log: ServerLog,
  ending: StopCause,
  io: Io,
): Promise<number> {
  if (ending.kind === "failed") {
    await storage.close();
    return reportFailure(io, EXIT.bug, `a bug in ChatterBox stopped the server: ${String(ending.error)}`);
  }
  await server.stop("Server shutting down");
  const { safe, unsafe } = await storage.close();
  if (ending.kind === "unsaved") {
    reportFailure(
      io,
      EXIT.ioError,
      `the server stopped, because history could not be saved any more: ${ending.why}`,
    );
  }
  if (unsafe > 0 || ending.kind === "unsaved") {
    log.error(
      "stopped",
      `stopped: ${messageCountText(unsafe)} could not be saved; ${messageCountText(safe)} on disk`,
      {
        safe,
        unsafe,
      },
    );
    return EXIT.ioError;
  }
  log.info("stopped", `stopped: ${messageCountText(safe)} safe on disk`, { safe });
  return EXIT.ok;
}

function messageCountText(messages: number): string {
  return messages === 1 ? "1 message" : `${messages} messages`;
}
