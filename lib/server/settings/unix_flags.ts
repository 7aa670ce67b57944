/** Flags of `serve` for a Unix socket: its path, and the users of this machine that may connect. */
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import { FLAG_GROUP } from "./flag_groups.ts";
import { readSmallFile } from "../../cli/files/small_file.ts";
import type { UnixAccess } from "../../net/listener.ts";

/** Maximum size of the system's list of groups. */
const MAX_GROUPS_BYTES = 1024 * 1024;
const GROUPS_FILE = "/etc/group";

export const UNIX_FLAGS = {
  unix: {
    type: "string",
    value: "PATH",
    group: FLAG_GROUP.unix,
    help: "listen on a Unix socket; add --listen to listen on TCP, too",
  },
  "unix-mode": {
    type: "string",
    value: "MODE",
    group: FLAG_GROUP.unix,
    help:
      "users that may connect to it, as for chmod: 0660 its user and group (default), 0666 all users, 0600 its user",
  },
  "unix-group": {
    type: "string",
    value: "NAME|GID",
    group: FLAG_GROUP.unix,
    help: "group of the socket (default: the group of the server process)",
  },
} as const satisfies FlagTable;

export interface UnixSettings {
  /** Undefined: no Unix socket. */
  readonly path: string | undefined;
  /** Undefined: the default. */
  readonly mode: number | undefined;
  /** Name or number of a group of the system. */
  readonly group: string | undefined;
}

export function resolveUnixSettings(
  { unix: path, "unix-mode": mode, "unix-group": group }: FlagValues<typeof UNIX_FLAGS>,
): UnixSettings | { why: string } {
  if (path === undefined) {
    const alone = mode !== undefined ? "--unix-mode" : group !== undefined ? "--unix-group" : undefined;
    if (alone !== undefined) return { why: `${alone} needs --unix PATH` };
  }
  // The owner keeps read and write: while the socket is created, the umask of the process is derived from this mode.
  if (mode !== undefined && !/^0?[67][0-7]{2}$/.test(mode)) {
    return { why: `--unix-mode ${mode}: not three octal digits such as 0660, 0666 or 0600` };
  }
  return { path, mode: mode === undefined ? undefined : parseInt(mode, 8), group };
}

/** Looks up the group by name; `why`: there is no such group. */
export async function resolveUnixAccess(
  { mode, group }: UnixSettings,
): Promise<Partial<UnixAccess> | { why: string }> {
  const access = mode === undefined ? {} : { mode };
  if (group === undefined) return access;
  if (/^\d{1,10}$/.test(group)) return { ...access, group: Number(group) };
  const groups = await readSmallFile(GROUPS_FILE, MAX_GROUPS_BYTES);
  const line = groups.kind === "ok"
    ? groups.text.split("\n").map((text) => text.split(":")).find(([name]) => name === group)
    : undefined;
  if (line?.[2] === undefined || !/^\d{1,10}$/.test(line[2])) {
    return {
      why: `--unix-group ${group}: no such group in ${GROUPS_FILE}; a number is accepted, too`,
    };
  }
  return { ...access, group: Number(line[2]) };
}
