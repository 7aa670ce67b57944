/** The flags of `serve` for a Unix socket: where it is, and who of this machine may connect. */
import type { FlagTable } from "../../cli/flags/flags.ts";
import { readSmallFile } from "../../cli/files/small_file.ts";
import type { UnixAccess } from "../../net/listener.ts";

/** Most of a system's list of groups. */
const MAX_GROUPS_BYTES = 1024 * 1024;
const GROUPS_FILE = "/etc/group";

/** Without defaults of their own, as all flags of `serve`. */
export const UNIX_FLAGS = {
  unix: { type: "string", value: "PATH", help: "listen on a Unix socket; on TCP too only with --listen" },
  "unix-mode": {
    type: "string",
    value: "MODE",
    help:
      "who may connect to it, as chmod has it: 0660 its user and group (default), 0666 all, 0600 its user",
  },
  "unix-group": {
    type: "string",
    value: "NAME|GID",
    help: "its group (default: that of the server's process)",
  },
} as const satisfies FlagTable;

export interface UnixSettings {
  /** Undefined: no Unix socket. */
  readonly path: string | undefined;
  /** Undefined: as by default. */
  readonly mode: number | undefined;
  /** A name of the system's, or a number. */
  readonly group: string | undefined;
}

export function resolveUnixSettings(
  path: string | undefined,
  mode: string | undefined,
  group: string | undefined,
): UnixSettings | { why: string } {
  if (path === undefined) {
    const alone = mode !== undefined ? "--unix-mode" : group !== undefined ? "--unix-group" : undefined;
    if (alone !== undefined) return { why: `${alone} needs --unix PATH` };
  }
  // The owner's own rights stay: for the moment in which the socket is made the process's mask is made of the mode.
  if (mode !== undefined && !/^0?[67][0-7]{2}$/.test(mode)) {
    return { why: `--unix-mode ${mode}: not three octal digits such as 0660, 0666 or 0600` };
  }
  return { path, mode: mode === undefined ? undefined : parseInt(mode, 8), group };
}

/** As the socket is to be; `why` where there is no such group. */
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
      why: `--unix-group ${group}: there is no such group in ${GROUPS_FILE}; a number can be given, too`,
    };
  }
  return { ...access, group: Number(line[2]) };
}
