/** What a running server does at SIGHUP and at the command `reload`: it reads its files again. */
import type { Io } from "../../lib/cli/command.ts";
import { refusedFailure } from "../../lib/server/console/console_command.ts";
import type { CommandAnswer } from "../../lib/server/console/console_command.ts";
import { replaceOperators } from "../../lib/server/console/oper_setting.ts";
import type { TlsAcceptor } from "../../lib/server/listen/certificate.ts";
import { reloadTls } from "../../lib/server/listen/listeners.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import { compareSettings } from "../../lib/server/settings/live_settings.ts";
import { readReloadableFiles } from "../../lib/server/settings/reloadable_files.ts";
import type { ServeFlags } from "../../lib/server/settings/serve_flags.ts";
import { resolveServeSettings } from "../../lib/server/settings/settings.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";

export class SettingsReloader {
  /** What is in use; of settings that wait for a restart, `flags` has the former values. */
  #settings: ServeSettings;

  constructor(settings: ServeSettings, readonly log: ServerLog, readonly io: Pick<Io, "env" | "clock">) {
    this.#settings = settings;
  }

  /** Reads configuration, password, message of the day and certificate again. What is bad is logged and not used. */
  async reload(server: ChatServer, tls: TlsAcceptor | undefined): Promise<CommandAnswer> {
    const { log, io } = this;
    const failures = tls === undefined ? [] : [await reloadTls(tls, log, io.clock.now())];
    server.reloadFronts();
    const changes = await this.#reloadConfig(server, failures);
    const outcome = await readReloadableFiles(this.#settings.passwordFile, this.#settings.motdFile);
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
    return { lines: [`reloaded: ${what.join(", ")}`, ...changes] };
  }

  /** Takes over what the configuration file has changed; returns what has changed, for people. */
  async #reloadConfig(server: ChatServer, failures: (string | undefined)[]): Promise<string[]> {
    const { log } = this;
    const before = this.#settings;
    if (before.commandLine.config === undefined) return [];
    const read = await resolveServeSettings(before.commandLine, this.io.env);
    if (read.kind !== "ok") {
      const words = `${read.why}; the previous settings stay in use`;
      log.warning("reread", words);
      failures.push(words);
      return [];
    }
    const { live, waiting } = compareSettings(before.flags, read.settings.flags, before.fronts > 0);
    const kept = Object.fromEntries(waiting.map((name) => [name, before.flags[name]]));
    this.#settings = {
      ...read.settings,
      proxies: before.proxies,
      notify: before.notify,
      flags: { ...read.settings.flags, ...kept },
    };
    const lines: string[] = [];
    if (live.length > 0) {
      if (live.includes("trust-proxy")) before.proxies.replace(read.settings.proxies.members);
      before.notify.replace(read.settings.notify);
      await server.turnQueue.run((_hub, now) => applySettings(server, read.settings, live, now));
      lines.push(`changed: ${live.join(", ")}`);
      log.info("reread", `settings changed: ${live.join(", ")}`);
    }
    if (waiting.length > 0) {
      const words = `changed in the configuration file, but need a restart: ${waiting.join(", ")}`;
      log.warning("reread", words);
      lines.push(words);
    }
    return lines;
  }
}

/** Has the server use `settings`, of which `live` have changed and can change while it runs. */
function applySettings(
  server: ChatServer,
  settings: ServeSettings,
  live: readonly (keyof ServeFlags)[],
  now: number,
): void {
  const { hub } = server;
  const { limits, replay, admin, opers } = settings;
  const { description, icon, passphraseMinBytes } = settings.hub;
  hub.beginTask(now);
  hub.reconfigure({ replay, admin, description, icon, passphraseMinBytes });
  if (live.includes("max-clients")) hub.reconfigure({ maxClients: limits.maxClients });
  server.replaceLimits(limits.hub, limits.server);
  replaceOperators(hub, opers);
}
