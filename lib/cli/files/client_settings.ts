/**
 * Settings of the clients, in order of precedence: flags, environment, profile, top level of the configuration file,
 * defaults. What belongs to the server of the top level (password, authorities, rooms) is not used with a profile that
 * names a server of its own: that server must not be sent the password of another one.
 */
import { configDir } from "./user_dirs.ts";
import { readSecretFile, secretFault } from "./secret_file.ts";
import { findExposure, readSmallFile } from "./small_file.ts";

export interface ClientSettings {
  /** As the user wrote it: `irc://host:port`, `host:port` or `unix:/path`. */
  readonly server: string;
  /** Undefined: none was given, and the user has no login name. */
  readonly name: string | undefined;
  /** Whether the name was given (flag, environment, file); otherwise it is the login name. */
  readonly nameChosen: boolean;
  /** The server password; undefined if none is set. */
  readonly password: string | undefined;
  /** File with the certificates of trusted authorities; undefined: those of this machine. */
  readonly caFile: string | undefined;
  /** Rooms that `join` enters where it was in none before. */
  readonly rooms: readonly string[];
}

export type SettingsOutcome =
  | { readonly kind: "ok"; readonly settings: ClientSettings }
  /**
   * The file at `path`, or the environment variable of that name, cannot be used, for the reason `why`. `isUsage`: the
   * command line is wrong.
   */
  | { readonly kind: "bad"; readonly path: string; readonly why: string; readonly isUsage?: boolean };

/** The settings of one server; every key is optional. */
interface ServerSettings {
  server?: string;
  name?: string;
  password?: string;
  ca?: string;
  rooms?: readonly string[];
}

/** Content of `config.json`. */
interface ConfigFile extends ServerSettings {
  /** By the name of the profile. */
  profiles?: Readonly<Record<string, ServerSettings>>;
}

const DEFAULT_SERVER = "irc://127.0.0.1:6667";

/** Maximum size of the configuration file. */
const MAX_CONFIG_BYTES = 64 * 1024;

type Env = (name: string) => string | undefined;

/** The name of the user in the system's user database; undefined: the user has no entry. */
export type SystemName = () => Promise<string | undefined>;

/**
 * The settings in force. `flags` come from the command line; the file `passwordFile` is read here.
 * `systemName` is called if neither flags nor environment nor file give a name.
 */
export async function loadClientSettings(
  flags: {
    readonly server?: string | undefined;
    readonly name?: string | undefined;
    readonly passwordFile?: string | undefined;
    readonly caFile?: string | undefined;
    readonly profile?: string | undefined;
  },
  env: Env,
  systemName: SystemName,
): Promise<SettingsOutcome> {
  const dir = configDir(env);
  const path = `${dir}/config.json`;
  const read = dir === undefined ? {} : await readConfig(path);
  if ("why" in read) return { kind: "bad", path, why: read.why };
  const profile = flags.profile ?? env("CHATTERBOX_PROFILE");
  const file = profile === undefined ? read : selectProfile(read, profile);
  if (file === undefined) {
    const from = flags.profile === undefined ? "CHATTERBOX_PROFILE" : "--profile";
    const why = `there is no profile ${JSON.stringify(profile)} in ${path}; ${listProfiles(read)}`;
    return { kind: "bad", path: from, why, isUsage: flags.profile !== undefined };
  }
  const server = flags.server ?? env("CHATTERBOX_SERVER") ?? file.server ?? DEFAULT_SERVER;
  const passwordInEnv = env("CHATTERBOX_PASSWORD");
  // The password in the file is that of the server in the file, and goes to no other one.
  const isServerOfFile = server === (file.server ?? DEFAULT_SERVER);
  let password = passwordInEnv ?? (isServerOfFile ? file.password : undefined);
  if (flags.passwordFile !== undefined) {
    const read = await readSecretFile(flags.passwordFile);
    if (read.kind === "bad") return { kind: "bad", path: flags.passwordFile, why: read.why };
    password = read.secret;
  }
  const fault = password === undefined ? undefined : secretFault(password);
  if (fault !== undefined) {
    const from = passwordInEnv === undefined ? path : "CHATTERBOX_PASSWORD";
    return { kind: "bad", path: from, why: `the password ${fault}` };
  }
  const chosen = flags.name ?? env("CHATTERBOX_NAME") ?? file.name;
  return {
    kind: "ok",
    settings: {
      server,
      name: chosen ?? await findLoginName(env, systemName),
      nameChosen: chosen !== undefined,
      password,
      caFile: flags.caFile ?? env("CHATTERBOX_CA") ?? file.ca,
      rooms: file.rooms ?? [],
    },
  };
}

/** The settings of the profile `name`, over those of the top level; undefined: there is no such profile. */
function selectProfile({ profiles = {}, ...top }: ConfigFile, name: string): ServerSettings | undefined {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile?.server === undefined) return profile && { ...top, ...profile };
  return { ...top.name !== undefined && { name: top.name }, ...profile };
}

function listProfiles({ profiles = {} }: ConfigFile): string {
  const names = Object.keys(profiles);
  return names.length === 0 ? "it has none" : `the profiles are ${names.join(", ")}`;
}

async function readConfig(path: string): Promise<ConfigFile | { why: string }> {
  const read = await readSmallFile(path, MAX_CONFIG_BYTES);
  if (read.kind === "bad") return read.fault === "missing" ? {} : { why: read.why };
  let value: unknown;
  try {
    value = JSON.parse(read.text);
  } catch (error) {
    return { why: `not JSON: ${(error as Error).message}` };
  }
  const file = parseConfig(value);
  if ("why" in file) return file;
  const hasSecret = [file, ...Object.values(file.profiles ?? {})].some((each) => each.password !== undefined);
  const secret = hasSecret ? findExposure(path, await Deno.stat(path)) : undefined;
  return secret === undefined ? file : { why: `it contains a password, and ${secret}` };
}

const TEXT_KEYS = ["server", "name", "password", "ca"] as const;
const SERVER_KEYS = [...TEXT_KEYS, "rooms"];

function parseConfig(value: unknown): ConfigFile | { why: string } {
  if (!isObject(value)) return { why: "not a JSON object" };
  const { profiles, ...top } = value;
  const file = parseServerSettings(top, "", [...SERVER_KEYS, "profiles"]);
  if ("why" in file || profiles === undefined) return file;
  if (!isObject(profiles)) {
    return { why: '"profiles" must be an object: name of each profile, and its settings' };
  }
  const parsed = Object.entries(profiles).map(([name, settings]) =>
    [
      name,
      isObject(settings)
        ? parseServerSettings(settings, `profile ${JSON.stringify(name)}: `, SERVER_KEYS)
        : { why: `profile ${JSON.stringify(name)}: not a JSON object` },
    ] as const
  );
  for (const [, settings] of parsed) if ("why" in settings) return settings;
  return { ...file, profiles: Object.fromEntries(parsed as [string, ServerSettings][]) };
}

/** `where` begins the reason for a fault; `keys` are told where one is unknown. */
function parseServerSettings(
  value: Readonly<Record<string, unknown>>,
  where: string,
  keys: readonly string[],
): ServerSettings | { why: string } {
  const settings: ServerSettings = {};
  for (const [key, setting] of Object.entries(value)) {
    if (key === "rooms") {
      if (!Array.isArray(setting) || !setting.every((room) => typeof room === "string" && room !== "")) {
        return { why: `${where}"rooms" must be a list of non-empty strings` };
      }
      settings.rooms = setting;
      continue;
    }
    const known = TEXT_KEYS.find((name) => name === key);
    if (known === undefined) {
      return { why: `${where}unknown setting ${JSON.stringify(key)}; the settings are ${keys.join(", ")}` };
    }
    if (typeof setting !== "string" || setting === "") {
      return { why: `${where}"${key}" must be a non-empty string` };
    }
    settings[known] = setting;
  }
  return settings;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The login name, reduced to the characters that a nick may have; undefined if there is none or no character
 * is left.
 */
export async function findLoginName(env: Env, systemName: SystemName): Promise<string | undefined> {
  const login = env("USER") ?? env("LOGNAME") ?? env("USERNAME") ?? await systemName() ?? "";
  const usable = login.replace(/[^A-Za-z0-9[\]\\^_{|}`-]/g, "").replace(/^[0-9-]+/, "").slice(0, 30);
  return usable === "" ? undefined : usable;
}
