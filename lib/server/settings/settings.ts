/** Settings of `serve`: flags of the command line, else the configuration file, else defaults. */
import { utf8Length } from "../../base/bytes.ts";
import type { AddressSet } from "../../base/ip.ts";
import { stateDir } from "../../cli/files/user_dirs.ts";
import { parseDuration } from "../../base/values/duration.ts";
import { JOIN_REPLAY_MESSAGES } from "../../hub/model/config.ts";
import { MAX_REPLAY_MESSAGES, parseReplay } from "../../hub/policy/replay_limit.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { nickFault } from "../../irc/names/new_name_rules.ts";
import { mergeWildcards, parseAddress } from "../../net/address.ts";
import type { Address } from "../../net/address.ts";
import { resolveArchiveSetting } from "./archive_flags.ts";
import type { ArchiveSetting } from "./archive_flags.ts";
import { resolveCluster } from "./cluster_flags.ts";
import type { ClusterSettings } from "./cluster_flags.ts";
import { configFaultText, mergeFlags, readConfig } from "./config_file.ts";
import { resolveFronts } from "./front_flags.ts";
import { resolveHubSettings } from "./hub_flags.ts";
import type { HubSettings } from "./hub_flags.ts";
import { resolveLimitSettings } from "./limit_flags.ts";
import type { LimitSettings } from "./limit_flags.ts";
import { resolveNotifyPolicy } from "./notify_flags.ts";
import type { NotifyPolicy } from "./notify_flags.ts";
import { resolveTrustedProxies } from "./proxy_flags.ts";
import type { ServeFlags } from "./serve_flags.ts";
import { resolveTlsSettings } from "./tls_flags.ts";
import type { TlsSettings } from "./tls_flags.ts";
import { resolveUnixSettings } from "./unix_flags.ts";
import type { UnixSettings } from "./unix_flags.ts";
import { resolveWebSettings } from "./web_flags.ts";
import type { WebSettings } from "./web_flags.ts";

export interface ServeSettings extends NetworkSettings, StorageSettings, ChatSettings, ProcessSettings {
  limits: LimitSettings;
  hub: HubSettings;
  /** The flags of the command line. */
  commandLine: ServeFlags;
  /** The same, and where they are silent, the configuration file. */
  flags: ServeFlags;
  logFormat: "text" | "json";
}

/** Where the server listens, and how connections reach it. */
interface NetworkSettings {
  addresses: Address[];
  unix: UnixSettings;
  /** Undefined: no TLS. */
  tls: TlsSettings | undefined;
  web: WebSettings;
  /** Addresses of trusted proxies. */
  proxies: AddressSet;
  /** Where notifications may go. */
  notify: NotifyPolicy;
}

interface StorageSettings {
  dataDir: string;
  capacityBytes: number;
  /** Start although the state database is not the one that the log knows. */
  acceptDatabase: boolean;
  /** A smaller ring may drop records. */
  shrink: boolean;
  /** No size was given: a larger file keeps its size. */
  keepLarger: boolean;
  archive: ArchiveSetting;
  /** Milliseconds between syncs, or a sync for every batch. */
  sync: number | "always";
  /** The ring is shared with other processes of the user. */
  shm: boolean;
}

interface ProcessSettings {
  /** Processes that hold listeners and client connections; 0: this one does. */
  fronts: number;
  /** Undefined: this server is alone. */
  cluster: ClusterSettings | undefined;
}

interface ChatSettings {
  serverName: string;
  passwordFile: string | undefined;
  motdFile: string | undefined;
  /** One line; undefined: not stated. */
  admin: string | undefined;
  accounts: "open" | "required" | "off";
  /** Folded names of accounts. */
  opers: ReadonlySet<string>;
  /** Users see cloaks instead of addresses. */
  cloak: boolean;
  /** Messages of a channel that are replayed to a client on JOIN; 0: none. */
  replay: number;
}

export type SettingsOutcome =
  | { kind: "ok"; settings: ServeSettings }
  /** The value of a flag is not valid. */
  | { kind: "usage"; why: string }
  /** The configuration file cannot be used, or what is configured is refused. */
  | { kind: "config"; why: string };

/** One line of ADMIN, after the longest names of a server and of the client that asks. */
const ADMIN_MAX_BYTES = 400;
/**
 * About 100,000 messages. Memory is used as the ring fills; a new file of this size takes 30 ms longer to create
 * than one of 1 MiB.
 */
export const DEFAULT_CAPACITY_BYTES = 16 * 1024 * 1024;
const DEFAULT_SYNC_MS = 1000;
/** With a shorter interval a sync would hardly end before the next one begins. */
const MIN_SYNC_MS = 10;

export async function resolveServeSettings(
  flags: ServeFlags,
  env: (name: string) => string | undefined,
  hostname: () => string = () => Deno.hostname(),
): Promise<SettingsOutcome> {
  let merged = flags;
  if (flags.config !== undefined) {
    const read = await readConfig(flags.config);
    if (read.kind === "bad") {
      return { kind: "config", why: `${flags.config}: ${read.faults.map(configFaultText).join("; ")}` };
    }
    merged = mergeFlags(flags, read.flags);
  }
  const settings = resolveFlags(merged, env, hostname);
  if (!("why" in settings)) return { kind: "ok", settings: { ...settings, commandLine: flags } };
  return { kind: settings.refused === true ? "config" : "usage", why: settings.why };
}

/** The settings of flags and their defaults. */
export function resolveFlags(
  flags: ServeFlags,
  env: (name: string) => string | undefined,
  hostname: () => string = () => Deno.hostname(),
): ServeSettings | { why: string; refused?: true } {
  const network = resolveNetworkSettings(flags);
  if ("why" in network) return network;
  const limits = resolveLimitSettings(flags);
  if ("why" in limits) return limits;
  const hub = resolveHubSettings(flags);
  if ("why" in hub) return hub;
  const chat = resolveChatSettings(flags);
  if ("why" in chat) return chat;
  const storage = resolveStorageSettings(flags, env);
  if ("why" in storage) return storage;
  const cluster = resolveCluster(flags, hostname);
  if ("why" in cluster) return cluster;
  const fronts = resolveFronts(flags, cluster.cluster !== undefined);
  if ("why" in fronts) return fronts;
  const logFormat = flags["log-format"] === "json" ? "json" : "text";
  return {
    ...network,
    ...storage,
    ...chat,
    ...fronts,
    ...cluster,
    limits,
    hub,
    logFormat,
    commandLine: flags,
    flags,
  };
}

function resolveNetworkSettings(flags: ServeFlags): NetworkSettings | { why: string } {
  const { listen, tls = [] } = flags;
  const web = resolveWebSettings(flags, flags.unix !== undefined && listen.length === 0 && tls.length === 0);
  if ("why" in web) return web;
  const secure = resolveTlsSettings(flags, web.addresses.some(({ kind }) => kind === "tls"));
  if ("why" in secure) return secure;
  const unix = resolveUnixSettings(flags);
  if ("why" in unix) return unix;
  const addresses = collectListenAddresses(flags.listen, unix.path, secure.addresses);
  if ("why" in addresses) return addresses;
  const trusted = resolveTrustedProxies(flags["trust-proxy"]);
  if ("why" in trusted) return trusted;
  const notify = resolveNotifyPolicy(flags);
  if ("why" in notify) return notify;
  return {
    addresses: mergeWildcards(addresses.list),
    unix,
    tls: secure.tls,
    web,
    proxies: trusted.proxies,
    ...notify,
  };
}

function resolveStorageSettings(
  flags: ServeFlags,
  env: (name: string) => string | undefined,
): StorageSettings | { why: string } {
  const sync = parseSyncInterval(flags.sync);
  if (sync === undefined) {
    return { why: `--sync ${flags.sync}: not a duration of 10ms or more, nor "always"` };
  }
  const dataDir = flags["data-dir"] ?? stateDir(env);
  if (dataDir === undefined) {
    return { why: "there is no home directory; name the data folder with --data-dir DIR" };
  }
  const archive = resolveArchiveSetting(flags);
  if ("why" in archive) return archive;
  return {
    ...archive,
    dataDir,
    acceptDatabase: flags["accept-database"],
    capacityBytes: alignDown(flags.buffer ?? DEFAULT_CAPACITY_BYTES),
    keepLarger: flags.buffer === undefined,
    shrink: flags.shrink,
    sync,
    shm: flags.shm,
  };
}

function resolveChatSettings(flags: ServeFlags): ChatSettings | { why: string } {
  const replay = parseReplay(flags.replay ?? String(JOIN_REPLAY_MESSAGES));
  if (replay === undefined) {
    return { why: `--replay ${flags.replay}: not a number up to ${MAX_REPLAY_MESSAGES}, nor "off"` };
  }
  const serverName = flags.name ?? "chatterbox.local";
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(serverName)) {
    return {
      why:
        `--name ${serverName}: a server name consists of letters, digits, dots and hyphens, at most 63 characters`,
    };
  }
  const isRequired = flags["require-account"];
  if (isRequired && (flags.accounts ?? "required") !== "required") {
    return { why: `--require-account and --accounts ${flags.accounts} contradict each other` };
  }
  const unfit = flags.oper.find((name) => nickFault(name) !== undefined);
  if (unfit !== undefined) return { why: `--oper ${unfit}: not a valid account name` };
  if (!isAdminText(flags.admin ?? "")) {
    return { why: `--admin: one line of at most ${ADMIN_MAX_BYTES} bytes` };
  }
  return {
    serverName,
    passwordFile: flags["password-file"],
    motdFile: flags["motd-file"],
    admin: flags.admin,
    accounts: isRequired ? "required" : parseAccounts(flags.accounts),
    opers: new Set(flags.oper.map(casefold)),
    cloak: flags.cloak !== "off",
    replay,
  };
}

function isAdminText(text: string): boolean {
  return utf8Length(text) <= ADMIN_MAX_BYTES && !/\p{Cc}/u.test(text);
}

function parseAccounts(text: string | undefined): "open" | "required" | "off" {
  return text === "required" || text === "off" ? text : "open";
}

/** The ring requires a multiple of 8. */
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
