/** Where a user's files are: the XDG base directories, or what Windows has in their place. */

type Env = (name: string) => string | undefined;

/** Folder of our configuration; undefined when the environment names no home. */
export function configDir(env: Env): string | undefined {
  return appDir(ifAbsolute(env("XDG_CONFIG_HOME")) ?? env("APPDATA") ?? inHome(env, ".config"));
}

/** Folder of our data: what must outlive a restart, but is of this machine. */
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
