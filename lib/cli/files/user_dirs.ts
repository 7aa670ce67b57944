/** The folders of a user's files: the XDG base directories, or their equivalents on Windows. */

type Env = (name: string) => string | undefined;

/** Folder of the configuration; undefined if the environment has no home folder. */
export function configDir(env: Env): string | undefined {
  return appDir(ifAbsolute(env("XDG_CONFIG_HOME")) ?? env("APPDATA") ?? inHome(env, ".config"));
}

/** The message where {@link configDir} is undefined. */
export const NO_CONFIG_DIR_TEXT = "there is no configuration folder (HOME is not set)";

/** Folder of data that must outlive a restart and belongs to this machine. */
export function stateDir(env: Env): string | undefined {
  return appDir(ifAbsolute(env("XDG_STATE_HOME")) ?? env("LOCALAPPDATA") ?? inHome(env, ".local/state"));
}

/** XDG Base Directory Specification: "If an implementation encounters a relative path […] it should […] ignore it." */
function ifAbsolute(dir: string | undefined): string | undefined {
  return dir !== undefined && /^(?:[\\/]|[A-Za-z]:[\\/])/.test(dir) ? dir : undefined;
}

function appDir(dir: string | undefined): string | undefined {
  return dir === undefined ? undefined : `${dir}/chatterbox`;
}

function inHome(env: Env, path: string): string | undefined {
  const home = env("HOME") ?? env("USERPROFILE");
  return home === undefined ? undefined : `${home}/${path}`;
}
