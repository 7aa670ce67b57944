/**
 * What a running server does at SIGHUP and at the command `reload`: it reads its files again. So do a hub with fronts
 * and a node of a cluster, which leads or will lead.
 */
import type { Io } from "../../lib/cli/command.ts";
import { refusedFailure } from "../../lib/server/console/console_command.ts";
import type { CommandAnswer } from "../../lib/server/console/console_command.ts";
import { replaceOperators } from "../../lib/server/console/oper_setting.ts";
import type { TlsAcceptor } from "../../lib/server/listen/certificate.ts";
import { reloadTls } from "../../lib/server/listen/listeners.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import { compareSettings, FRONT_SETTINGS } from "../../lib/server/settings/live_settings.ts";
import type { Setting } from "../../lib/server/settings/live_settings.ts";
import { readReloadableFiles } from "../../lib/server/settings/reloadable_files.ts";
import type { ReloadableFiles } from "../../lib/server/settings/reloadable_files.ts";
import { resolveFlags, resolveServeSettings } from "../../lib/server/settings/settings.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";

/** What is there to reload once a server has started. */
export interface Reloadable {
  tls?: TlsAcceptor | undefined;
  /** Has the fronts take over the settings, and read the certificate again; undefined: there are none. */
  reloadFronts?: ((settings: ServeSettings) => void) | undefined;
}

/** What uses the settings of a process. */
export interface SettingsUser extends Readonly<Reloadable> {
  /** Undefined: this node does not lead its cluster. The server that it starts when it does begins with the settings. */
  findServer(): Promise<ChatServer | undefined>;
}

/** A change of the configuration file: what can be taken over, and what waits for a restart. */
type SettingsChange = ReturnType<typeof compareSettings>;

const NO_CHANGE: SettingsChange = { live: [], waiting: [] };

export class SettingsReloader {
  #settings: ServeSettings;
  #files: ReloadableFiles;
  /** Settles at the end of the last reload. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    settings: ServeSettings,
    files: ReloadableFiles,
    readonly log: ServerLog,
    readonly io: Pick<Io, "env" | "clock">,
  ) {
    this.#settings = settings;
    this.#files = files;
  }

  /** As they are in use: those that wait for a restart have their former values. */
  get settings(): ServeSettings {
    return this.#settings;
  }

  /** Password and message of the day, as they were read last. */
  get files(): ReloadableFiles {
    return this.#files;
  }

  /**
   * Reads configuration, password, message of the day and certificate again, one reload after another. What is bad is
   * logged and not used.
   */
  async reload(user: SettingsUser): Promise<CommandAnswer> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    return await this.#reload(user).finally(resolve);
  }

  async #reload(user: SettingsUser): Promise<CommandAnswer> {
    const { log, io } = this;
    const { tls } = user;
    const failures = tls === undefined ? [] : [await reloadTls(tls, log, io.clock.now())];
    const { change = NO_CHANGE, why: fault } = await this.#readConfig();
    const unread = await this.#readFiles();
    failures.push(fault, unread);
    user.reloadFronts?.(this.#settings);
    const server = await user.findServer();
    const changes = this.#report(change, server !== undefined);
    if (unread === undefined) log.info("reread", "password and message of the day reloaded");
    if (server !== undefined) {
      const [settings, files] = [this.#settings, this.#files];
      server.hub.reconfigure(files);
      if (change.live.length > 0) {
        await server.turnQueue.run((_hub, now) => applySettings(server, settings, now));
      }
    }
    const why = failures.filter((words) => words !== undefined);
    if (why.length > 0) return { lines: [], failure: refusedFailure(why.join("; ")) };
    const what = ["password", "message of the day", ...tls === undefined ? [] : ["certificate"]];
    return { lines: [`reloaded: ${what.join(", ")}`, ...changes] };
  }

  /** Takes over what can change of the configuration file. `why`: a fault, for which nothing is taken over. */
  async #readConfig(): Promise<{ change?: SettingsChange; why?: string }> {
    const before = this.#settings;
    const { commandLine } = before;
    if (commandLine.config === undefined) return {};
    // The permission to ask for the host name is given up, and the name of a node stays.
    const hostname = () => before.cluster?.node ?? "node";
    const read = await resolveServeSettings(commandLine, this.io.env, hostname);
    if (read.kind !== "ok") return this.#refuse(read.why);
    const change = compareSettings(before.flags, read.settings.flags);
    const kept = Object.fromEntries(change.waiting.map((name) => [name, before.flags[name]]));
    const flags = { ...read.settings.flags, ...kept };
    const after = resolveFlags(flags, this.io.env, hostname);
    if ("why" in after) return this.#refuse(after.why);
    // Listeners and connections hold these two.
    const { proxies, notify } = before;
    proxies.replace(after.proxies.members);
    notify.replace(after.notify);
    this.#settings = { ...after, commandLine, proxies, notify };
    return { change };
  }

  #refuse(why: string): { why: string } {
    const words = `${why}; the previous settings stay in use`;
    this.log.warning("reread", words);
    return { why: words };
  }

  /** Returns why a file is not used. */
  async #readFiles(): Promise<string | undefined> {
    const { passwordFile, motdFile } = this.#settings;
    const outcome = await readReloadableFiles(passwordFile, motdFile);
    if (outcome.kind === "ok") {
      this.#files = outcome.files;
      return undefined;
    }
    const words = `${outcome.path}: ${outcome.why}; the previous one stays in use`;
    this.log.warning("reread", words);
    return words;
  }

  /** Logs what has changed, and returns it for people. */
  #report({ live, waiting }: SettingsChange, isInUse: boolean): string[] {
    const isNow = (name: Setting) => isInUse || FRONT_SETTINGS.includes(name);
    const groups = [
      ["changed", live.filter(isNow)],
      ["changed, for the time when this node leads", live.filter((name) => !isNow(name))],
    ] as const;
    const lines = groups.flatMap(([what, names]) =>
      names.length === 0 ? [] : [`${what}: ${names.join(", ")}`]
    );
    for (const line of lines) this.log.info("reread", `settings ${line}`);
    if (waiting.length > 0) {
      const words = `changed in the configuration file, but need a restart: ${waiting.join(", ")}`;
      this.log.warning("reread", words);
      lines.push(words);
    }
    return lines;
  }
}

/** Has the server use those of `settings` that can change while it runs. */
function applySettings(server: ChatServer, settings: ServeSettings, now: number): void {
  const { hub } = server;
  const { replay, admin, opers, limits: { maxClients, ...limits } } = settings;
  const { description, icon, passphraseMinBytes } = settings.hub;
  hub.beginTask(now);
  hub.reconfigure({ replay, admin, description, icon, passphraseMinBytes, maxClients });
  server.replaceLimits(limits.hub, limits.server);
  replaceOperators(hub, opers);
}
