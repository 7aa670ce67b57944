/** Settings of the clients: flags, else the environment, else the configuration file, else a default. */
import { configDir } from "./paths.ts";

export interface ClientSettings {
  /** As the user wrote it: `irc://host:port`, `host:port` or `unix:/path`. */
  readonly server: string;
  readonly name: string;
  /** Whether somebody chose the name (flag, environment, file), or it was derived from the login name. */
  readonly nameChosen: boolean;
  /** The server's password; undefined when none is set. */
  readonly password: string | undefined;
  /** File with the certificates of those who may vouch for a server; undefined: as this machine has it. */
  readonly caFile: string | undefined;
}

export type SettingsOutcome =
  | { readonly kind: "ok"; readonly settings: ClientSettings }
  /** The file at `path` cannot be used; `why` says what is wrong with it. */
  | { readonly kind: "bad"; readonly path: string; readonly why: string };

/** What stands in `config.json`; every key may be left out. */
interface ConfigFile {
  server?: string;
  name?: string;
  password?: string;
  ca?: string;
}

export const DEFAULT_SERVER = "irc://127.0.0.1:6667";

/** Most of a file that holds a few settings. */
const MAX_CONFIG_BYTES = 64 * 1024;

type Env = (name: string) => string | undefined;

/** The settings in force. `flags` are those given on the command line; `password-file` is read here. */
export async function clientSettings(
  flags: {
    readonly server?: string | undefined;
    readonly name?: string | undefined;
    readonly passwordFile?: string | undefined;
    readonly caFile?: string | undefined;
  },
  env: Env,
): Promise<SettingsOutcome> {
  const dir = configDir(env);
  const read = dir === undefined ? {} : await readConfig(`${dir}/config.json`);
  if ("why" in read) return { kind: "bad", path: `${dir}/config.json`, why: read.why };
  let password = env("CHATTERBOX_PASSWORD") ?? read.password;
  if (flags.passwordFile !== undefined) {
    try {
      password = (await Deno.readTextFile(flags.passwordFile)).replace(/\r?\n$/, "");
    } catch (error) {
      return { kind: "bad", path: flags.passwordFile, why: whyUnreadable(error) };
    }
  }
  if (password !== undefined && /[\r\n\0]/.test(password)) {
    return { kind: "bad", path: flags.passwordFile ?? "the password", why: "a password is one line" };
  }
  const chosen = flags.name ?? env("CHATTERBOX_NAME") ?? read.name;
  return {
    kind: "ok",
    settings: {
      server: flags.server ?? env("CHATTERBOX_SERVER") ?? read.server ?? DEFAULT_SERVER,
      name: chosen ?? loginName(env),
      nameChosen: chosen !== undefined,
      password,
      caFile: flags.caFile ?? env("CHATTERBOX_CA") ?? read.ca,
    },
  };
}

async function readConfig(path: string): Promise<ConfigFile | { why: string }> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? {} : { why: whyUnreadable(error) };
  }
  if (text.length > MAX_CONFIG_BYTES) return { why: `larger than ${MAX_CONFIG_BYTES} bytes` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { why: `not JSON: ${(error as Error).message}` };
  }
  return checkConfig(value);
}

const KEYS = ["server", "name", "password", "ca"] as const;

function checkConfig(value: unknown): ConfigFile | { why: string } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { why: "not a JSON object" };
  }
  const file: ConfigFile = {};
  for (const [key, setting] of Object.entries(value)) {
    const known = KEYS.find((name) => name === key);
    if (known === undefined) return { why: `unknown setting "${key}"; there are ${KEYS.join(", ")}` };
    if (typeof setting !== "string" || setting === "") {
      return { why: `"${key}" must be a text that is not empty` };
    }
    file[known] = setting;
  }
  return file;
}

function whyUnreadable(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "may not be read";
  if (error instanceof Deno.errors.IsADirectory) return "is a folder, not a file";
  return error instanceof Error ? error.message : String(error);
}

/** A name out of the login name, of the characters that a nick may have; "guest" when nothing is left. */
export function loginName(env: Env): string {
  const login = env("USER") ?? env("LOGNAME") ?? env("USERNAME") ?? "";
  const usable = login.replace(/[^A-Za-z0-9[\]\\^_{|}`-]/g, "").replace(/^[0-9-]+/, "").slice(0, 30);
  return usable === "" ? "guest" : usable;
}
