/** What `serve` is told: flags, else the configuration file, else defaults. The file's keys are the flags' names. */
import { utf8Length } from "../../base/bytes.ts";
import type { AddressSet } from "../../base/ip.ts";
import { parseDuration } from "../../cli/values/duration.ts";
import { parseFlags } from "../../cli/flags/flags.ts";
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import { stateDir } from "../../cli/files/user_dirs.ts";
import { readSmallFile } from "../../cli/files/small_file.ts";
import { JOIN_REPLAY_MESSAGES } from "../../hub/model/config.ts";
import { MAX_REPLAY_MESSAGES, parseReplay } from "../../hub/replay_limit.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { nickFault } from "../../irc/names/name_rules.ts";
import { type Address, mergeWildcards, parseAddress } from "../../net/address.ts";
import { HUB_FLAGS, resolveHubSettings } from "./hub_flags.ts";
import type { HubSettings } from "./hub_flags.ts";
import { LIMIT_FLAGS, resolveLimitSettings } from "./limit_flags.ts";
import type { LimitSettings } from "./limit_flags.ts";
import { PROXY_FLAGS, resolveTrustedProxies } from "./proxy_flags.ts";
import { resolveTlsSettings, TLS_FLAGS } from "./tls_flags.ts";
import type { TlsSettings } from "./tls_flags.ts";
import { resolveUnixSettings, UNIX_FLAGS } from "./unix_flags.ts";
import type { UnixSettings } from "./unix_flags.ts";
import { resolveWebSettings, WEB_FLAGS } from "./web_flags.ts";
import type { WebSettings } from "./web_flags.ts";

/** Flags have no defaults here, so that the file can speak where the command line is silent. */
export const SERVE_FLAGS = {
  listen: {
    type: "string",
    repeatable: true,
    value: "HOST:PORT",
    help:
      "where to listen: PORT alone on this machine only, *:PORT on every address, port 0 on any free one " +
      "(default 127.0.0.1:6667)",
  },
  ...UNIX_FLAGS,
  "data-dir": {
    type: "string",
    value: "DIR",
    help: "where the history is kept (default $XDG_STATE_HOME/chatterbox)",
  },
  "accept-database": {
    type: "boolean",
    help:
      "for one start: go on although state.sqlite is missing, another or older; names that it held are free",
  },
  shrink: {
    type: "boolean",
    help: "for one start: --buffer may drop the oldest messages that do not fit; a copy of the file is kept",
  },
  buffer: {
    type: "size",
    value: "SIZE",
    min: 64 * 1024,
    max: 1024 ** 3,
    help: "bytes of history (default 16MiB, or more where the file has more)",
  },
  sync: { type: "string", value: "DURATION|always", help: "how often history goes to disk (default 1s)" },
  name: { type: "string", value: "NAME", help: "the server's own name (default chatterbox.local)" },
  "password-file": {
    type: "string",
    value: "FILE",
    help: "ask clients for the password in FILE; reread on SIGHUP",
  },
  accounts: {
    type: "string",
    value: "open|required|off",
    choices: ["open", "required", "off"],
    help: "names can have accounts, everybody needs one, or nobody has one (default open)",
  },
  "require-account": { type: "boolean", help: "the same as --accounts required" },
  oper: {
    type: "string",
    repeatable: true,
    value: "ACCOUNT",
    help: "an account that exists; who is logged in to it runs the server: may kick, kill, ban and mute",
  },
  cloak: {
    type: "string",
    value: "on|off",
    choices: ["on", "off"],
    help: "others see cloaked hosts, operators the addresses; off: all see the addresses (default on)",
  },
  replay: {
    type: "string",
    value: "N|off",
    help:
      "newest messages of a room, shown on entering to a client with batch and server-time that lacks draft/chathistory; " +
      `without those it is told how many (at most ${MAX_REPLAY_MESSAGES}; default 30)`,
  },
  "motd-file": { type: "string", value: "FILE", help: "message of the day; reread on SIGHUP" },
  admin: { type: "string", value: "TEXT", help: "who runs the server and how to reach them, for ADMIN" },
  "log-format": {
    type: "string",
    value: "FORMAT",
    choices: ["text", "json"],
    help: "the server's own log (default text)",
  },
  config: { type: "string", value: "FILE", help: "JSON file with any of these flags as keys" },
  ...HUB_FLAGS,
  ...TLS_FLAGS,
  ...WEB_FLAGS,
  ...PROXY_FLAGS,
  ...LIMIT_FLAGS,
} as const satisfies FlagTable;

export type ServeFlags = FlagValues<typeof SERVE_FLAGS>;

export interface ServeSettings {
  addresses: Address[];
  unix: UnixSettings;
  dataDir: string;
  capacityBytes: number;
  /** Start although the state database is not the one that the log knows. */
  acceptDatabase: boolean;
  /** A smaller ring may drop records. */
  shrink: boolean;
  /** Nothing was said about the size: a file that is larger stays so. */
  keepLarger: boolean;
  /** Milliseconds between syncs, or a sync for every batch. */
  sync: number | "always";
  serverName: string;
  passwordFile: string | undefined;
  motdFile: string | undefined;
  /** One line; undefined: nobody says. */
  admin: string | undefined;
  accounts: "open" | "required" | "off";
  /** Folded names of accounts. */
  opers: ReadonlySet<string>;
  /** Others see cloaks instead of addresses. */
  cloak: boolean;
  /** Messages of a channel that are replayed to a client which enters it; 0: none. */
  replay: number;
  /** Undefined: no TLS. */
  tls: TlsSettings | undefined;
  web: WebSettings;
  /** Addresses of trusted proxies; undefined: there are none. */
  proxies: AddressSet | undefined;
  limits: LimitSettings;
  hub: HubSettings;
  logFormat: "text" | "json";
}

export type SettingsOutcome =
  | { kind: "ok"; settings: ServeSettings }
  /** A flag's value makes no sense. */
  | { kind: "usage"; why: string }
  /** The configuration file can't be used. */
  | { kind: "config"; why: string };

/** One line of ADMIN, behind the longest names of a server and of who asks. */
const ADMIN_MAX_BYTES = 400;
const ADMIN_FAULT = `--admin: one line of at most ${ADMIN_MAX_BYTES} bytes`;
/** Flags that are no settings: the file itself, and what is meant for one start. */
const NOT_IN_CONFIG: readonly string[] = ["config", "accept-database", "shrink"];
/** Most that a configuration file may hold. */
const MAX_CONFIG_BYTES = 64 * 1024;
/** About 100,000 messages. Memory is taken as it fills up; a new file of this size takes 30 ms more to make than one of 1 MiB. */
export const DEFAULT_CAPACITY_BYTES = 16 * 1024 * 1024;
const DEFAULT_SYNC_MS = 1000;
/** Below this a sync would hardly end before the next begins. */
const MIN_SYNC_MS = 10;

function isOneLine(text: string): boolean {
  return utf8Length(text) <= ADMIN_MAX_BYTES && !/\p{Cc}/u.test(text);
}

export async function resolveServeSettings(
  flags: ServeFlags,
  env: (name: string) => string | undefined,
): Promise<SettingsOutcome> {
  let file: Partial<ServeFlags> = {};
  if (flags.config !== undefined) {
    const read = await readConfig(flags.config);
    if ("why" in read) return { kind: "config", why: `${flags.config}: ${read.why}` };
    file = read.flags;
  }
  const pick = <K extends keyof ServeFlags>(key: K) => flags[key] ?? file[key];
  const listen = flags.listen.length > 0 ? flags.listen : file.listen ?? [];
  const web = resolveWebSettings({
    web: flags.web.length > 0 ? flags.web : file.web ?? [],
    "web-origin": flags["web-origin"].length > 0 ? flags["web-origin"] : file["web-origin"] ?? [],
  });
  if ("why" in web) return { kind: "usage", why: web.why };
  const secure = resolveTlsSettings({
    tls: flags.tls.length > 0 ? flags.tls : file.tls ?? [],
    "tls-cert": pick("tls-cert"),
    "tls-key": pick("tls-key"),
    "tls-self-signed": flags["tls-self-signed"] || file["tls-self-signed"] === true,
    sts: pick("sts"),
  }, web.addresses.some(({ kind }) => kind === "tls"));
  if ("why" in secure) return { kind: "usage", why: secure.why };
  const unix = resolveUnixSettings(pick("unix"), pick("unix-mode"), pick("unix-group"));
  if ("why" in unix) return { kind: "usage", why: unix.why };
  const addresses = collectListenAddresses(listen, unix.path, secure.addresses);
  if ("why" in addresses) return { kind: "usage", why: addresses.why };
  const limits = resolveLimitSettings(pick, flags.exempt.length > 0 ? flags.exempt : file.exempt ?? []);
  if ("why" in limits) return { kind: "usage", why: limits.why };
  const trusted = resolveTrustedProxies(
    flags["trust-proxy"].length > 0 ? flags["trust-proxy"] : file["trust-proxy"] ?? [],
  );
  if ("why" in trusted) return { kind: "usage", why: trusted.why };
  const hub = resolveHubSettings(pick);
  if ("why" in hub) return { kind: "usage", why: hub.why };
  const sync = parseSyncInterval(pick("sync"));
  if (sync === undefined) {
    return { kind: "usage", why: `--sync ${pick("sync")}: not a duration of 10ms or more, nor "always"` };
  }
  const replay = parseReplay(pick("replay") ?? String(JOIN_REPLAY_MESSAGES));
  if (replay === undefined) {
    return {
      kind: "usage",
      why: `--replay ${pick("replay")}: not a number up to ${MAX_REPLAY_MESSAGES}, nor "off"`,
    };
  }
  const serverName = pick("name") ?? "chatterbox.local";
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(serverName)) {
    return {
      kind: "usage",
      why: `--name ${serverName}: a server's name has letters, digits, dots and hyphens, at most 63`,
    };
  }
  const requires = flags["require-account"] || file["require-account"] === true;
  if (requires && (pick("accounts") ?? "required") !== "required") {
    return {
      kind: "usage",
      why: `--require-account and --accounts ${pick("accounts")} contradict each other`,
    };
  }
  const opers = flags.oper.length > 0 ? flags.oper : file.oper ?? [];
  const unfit = opers.find((name) => nickFault(name) !== undefined);
  if (unfit !== undefined) {
    return { kind: "usage", why: `--oper ${unfit}: not a name that an account can have` };
  }
  if (!isOneLine(pick("admin") ?? "")) return { kind: "usage", why: ADMIN_FAULT };
  const dataDir = pick("data-dir") ?? stateDir(env);
  if (dataDir === undefined) {
    return { kind: "usage", why: "there is no home directory; say where to keep data with --data-dir DIR" };
  }
  return {
    kind: "ok",
    settings: {
      addresses: mergeWildcards(addresses.list),
      unix,
      dataDir,
      acceptDatabase: flags["accept-database"],
      capacityBytes: alignDown(pick("buffer") ?? DEFAULT_CAPACITY_BYTES),
      keepLarger: pick("buffer") === undefined,
      shrink: flags.shrink,
      sync,
      serverName,
      passwordFile: pick("password-file"),
      motdFile: pick("motd-file"),
      admin: pick("admin"),
      accounts: requires ? "required" : parseAccounts(pick("accounts")),
      opers: new Set(opers.map(casefold)),
      cloak: pick("cloak") !== "off",
      replay,
      tls: secure.tls,
      web,
      proxies: trusted.proxies,
      limits,
      hub,
      logFormat: pick("log-format") === "json" ? "json" : "text",
    },
  };
}

function parseAccounts(text: string | undefined): "open" | "required" | "off" {
  return text === "required" || text === "off" ? text : "open";
}

/** The ring wants a multiple of 8. */
function alignDown(bytes: number): number {
  return bytes - bytes % 8;
}

function parseSyncInterval(text: string | undefined): number | "always" | undefined {
  if (text === undefined) return DEFAULT_SYNC_MS;
  if (text === "always") return text;
  const ms = parseDuration(text);
  return ms !== undefined && ms >= MIN_SYNC_MS ? ms : undefined;
}

function collectListenAddresses(
  listen: readonly string[],
  unix: string | undefined,
  secure: readonly Address[],
): { list: Address[] } | { why: string } {
  const named = listen.length > 0 || unix !== undefined || secure.length > 0;
  const texts = named ? listen : ["127.0.0.1:6667"];
  const list: Address[] = [];
  for (const text of texts) {
    const address = parseAddress(text);
    if (address.kind === "bad") return { why: `--listen ${text}: ${address.why}` };
    list.push(address);
  }
  if (unix !== undefined) list.push({ kind: "unix", path: unix });
  return { list: [...list, ...secure] };
}

async function readConfig(path: string): Promise<{ flags: ServeFlags } | { why: string }> {
  const read = await readSmallFile(path, MAX_CONFIG_BYTES);
  if (read.kind === "bad") return { why: read.why };
  let value: unknown;
  try {
    value = JSON.parse(read.text);
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { why: "not a JSON object" };
  }
  const args = [];
  for (const [key, setting] of Object.entries(value)) {
    if (!Object.hasOwn(SERVE_FLAGS, key) || NOT_IN_CONFIG.includes(key)) {
      return {
        why: `unknown setting "${key}"; there are ${
          Object.keys(SERVE_FLAGS).filter((name) => !NOT_IN_CONFIG.includes(name)).join(", ")
        }`,
      };
    }
    for (const each of Array.isArray(setting) ? setting : [setting]) {
      if (typeof each !== "boolean") args.push(`--${key}=${String(each)}`);
      else if (SERVE_FLAGS[key as keyof ServeFlags].type !== "boolean") {
        return { why: `"${key}" takes a value, not ${each}` };
      } else if (each) args.push(`--${key}`);
    }
  }
  const parsed = parseFlags(SERVE_FLAGS, args);
  if (parsed.kind === "ok") return { flags: parsed.flags };
  return { why: parsed.kind === "usage" ? parsed.text : "--help is no setting" };
}
