/** Settings of the clients, in order of precedence: flags, environment, configuration file, defaults. */
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
  /** The file at `path`, or the environment variable of that name, cannot be used, for the reason `why`. */
  | { readonly kind: "bad"; readonly path: string; readonly why: string };

/** Content of `config.json`; every key is optional. */
interface ConfigFile {
  server?: string;
  name?: string;
  password?: string;
  ca?: string;
  rooms?: readonly string[];
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
  },
  env: Env,
  systemName: SystemName,
): Promise<SettingsOutcome> {
  const dir = configDir(env);
  const read = dir === undefined ? {} : await readConfig(`${dir}/config.json`);
  if ("why" in read) return { kind: "bad", path: `${dir}/config.json`, why: read.why };
  const passwordInEnv = env("CHATTERBOX_PASSWORD");
  let password = passwordInEnv ?? read.password;
  if (flags.passwordFile !== undefined) {
    const read = await readSecretFile(flags.passwordFile);
    if (read.kind === "bad") return { kind: "bad", path: flags.passwordFile, why: read.why };
    password = read.secret;
  }
  const fault = password === undefined ? undefined : secretFault(password);
  if (fault !== undefined) {
    const path = passwordInEnv === undefined ? `${dir}/config.json` : "CHATTERBOX_PASSWORD";
    return { kind: "bad", path, why: `the password ${fault}` };
  }
  const chosen = flags.name ?? env("CHATTERBOX_NAME") ?? read.name;
  return {
    kind: "ok",
    settings: {
      server: flags.server ?? env("CHATTERBOX_SERVER") ?? read.server ?? DEFAULT_SERVER,
      name: chosen ?? await findLoginName(env, systemName),
      nameChosen: chosen !== undefined,
      password,
      caFile: flags.caFile ?? env("CHATTERBOX_CA") ?? read.ca,
      rooms: read.rooms ?? [],
    },
  };
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
  const secret = "why" in file || file.password === undefined
    ? undefined
    : findExposure(path, await Deno.stat(path));
  return secret === undefined ? file : { why: `it contains a password, and ${secret}` };
}

const TEXT_KEYS = ["server", "name", "password", "ca"] as const;
const CONFIG_KEYS = [...TEXT_KEYS, "rooms"];

function parseConfig(value: unknown): ConfigFile | { why: string } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { why: "not a JSON object" };
  }
  const file: ConfigFile = {};
  for (const [key, setting] of Object.entries(value)) {
    if (key === "rooms") {
      if (!Array.isArray(setting) || !setting.every((room) => typeof room === "string" && room !== "")) {
        return { why: '"rooms" must be a list of non-empty strings' };
      }
      file.rooms = setting;
      continue;
    }
    const known = TEXT_KEYS.find((name) => name === key);
    if (known === undefined) {
      return { why: `unknown setting "${key}"; the settings are ${CONFIG_KEYS.join(", ")}` };
    }
    if (typeof setting !== "string" || setting === "") {
      return { why: `"${key}" must be a non-empty string` };
    }
    file[known] = setting;
  }
  return file;
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
