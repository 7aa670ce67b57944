/** Checks of this machine: files, folders, outbox, terminal. Nothing is created or changed. */
import { formatUtcSecond } from "../../lib/base/values/timestamp.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { describeReadError } from "../../lib/cli/files/small_file.ts";
import { configDir, NO_CONFIG_DIR_TEXT, stateDir } from "../../lib/cli/files/user_dirs.ts";
import { formatCounted } from "../../lib/client/conversation/model/room_text.ts";
import { decodeFileName, serverFolderName } from "../../lib/client/identity/file_names.ts";
import { DEFAULT_PORT, DEFAULT_TLS_PORT, formatAddress, isLoopback } from "../../lib/net/address.ts";
import type { Address } from "../../lib/net/address.ts";
import { failed, ok, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** POSIX mode bits (sys/stat.h): others may read or enter; others may write. */
const OTHERS_BITS = 0o077;
const OTHERS_WRITE_BITS = 0o022;

/** The configuration file; `why`: the clients cannot use it. */
export function checkConfigFile(io: Io, why: string | undefined): Finding {
  if (why !== undefined) return failed("config", EXIT.badConfig, why);
  const dir = configDir(io.env);
  if (dir === undefined) return warning("config", NO_CONFIG_DIR_TEXT);
  const path = `${dir}/config.json`;
  const info = statOf(path);
  if (info === undefined || info instanceof Error) {
    return ok("config", `${path}: there is none, and none is needed`);
  }
  if (isOpenTo(info, OTHERS_WRITE_BITS)) {
    return failed("config", EXIT.badConfig, `${path}: other users can change it: chmod 600 ${path}`);
  }
  return ok("config", `${path} is valid`);
}

/** The folders of configuration and state. */
export function checkFolders(io: Io): Finding[] {
  const dirs = [configDir(io.env), stateDir(io.env)].filter((dir) => dir !== undefined);
  return [...new Set(dirs)].map((dir) => checkFolder(dir));
}

function checkFolder(dir: string): Finding {
  const info = statOf(dir);
  if (info === undefined) return ok("folders", `${dir}: not there yet; it is made when it is needed`);
  if (info instanceof Error) return failed("folders", EXIT.badConfig, `${dir}: ${info.message}`);
  if (!info.isDirectory) return failed("folders", EXIT.badConfig, `${dir} is not a folder: move it away`);
  const uid = Deno.build.os === "windows" ? null : Deno.uid();
  if (uid !== null && info.uid !== null && uid !== 0 && info.uid !== uid) {
    return failed("folders", EXIT.badConfig, `${dir} belongs to another user (uid ${info.uid}): chown it`);
  }
  if (isOpenTo(info, OTHERS_WRITE_BITS)) {
    return failed("folders", EXIT.badConfig, `${dir}: other users can change it: chmod 700 ${dir}`);
  }
  if (isOpenTo(info, OTHERS_BITS)) {
    return warning("folders", `${dir}: other users can list it: chmod 700 ${dir}`);
  }
  return ok("folders", `${dir} is private`);
}

/** Files of the outbox that are looked at. */
export const MAX_OUTBOX_FILES_CHECKED = 10_000;

/** `<time>-<id in hex>.json` (`lib/client/sending/outbox_store.ts`). */
const OUTBOX_FILE = /^(\d{16})-[0-9a-f]+\.json$/;

/**
 * The messages that wait to be sent, for all servers and names. `usual`: the server that is used without a flag;
 * undefined: not known.
 */
export function checkOutbox(io: Io, usual: Address | undefined): Finding[] {
  const state = stateDir(io.env);
  const dir = state === undefined ? undefined : `${state}/outbox`;
  const found: Finding[] = [];
  try {
    let files = 0;
    for (const server of dir === undefined ? [] : foldersIn(dir)) {
      for (const name of foldersIn(`${dir}/${server}`)) {
        const path = `${dir}/${server}/${name}`;
        const names = [...Deno.readDirSync(path)].map(({ name }) => name);
        files += names.length;
        if (files > MAX_OUTBOX_FILES_CHECKED) {
          return [warning("outbox", `${dir} has more than ${MAX_OUTBOX_FILES_CHECKED} files`)];
        }
        const isUsual = usual !== undefined && server === serverFolderName(usual);
        const person = decodeFileName(name) ?? name;
        const advice = `chatterbox join ${person}${isUsual ? "" : describeServerFlag(server)}`;
        found.push(...checkWaiting(path, { name: person, advice }, names));
      }
    }
  } catch (error) {
    found.push(failed("outbox", EXIT.ioError, `${dir}: ${describeReadError(error)}`));
  }
  return found.length === 0 ? [ok("outbox", "no message waits to be sent")] : found;
}

/** ` --server …` for the server of a folder ({@link serverFolderName}), which does not tell whether it has TLS. */
function describeServerFlag(folder: string): string {
  const [, host, port] = /^(.+)_(\d+)$/.exec(decodeFileName(folder) ?? "") ?? [];
  if (host === undefined) {
    return ` --server ${(decodeFileName(folder) ?? folder).replace(/^unix_/, "unix:")}`;
  }
  const where = formatAddress({ kind: "tcp", host, port: Number(port) });
  if (isLoopback(host)) return ` --server ${where}`;
  const tlsPort = Number(port) === DEFAULT_PORT ? DEFAULT_TLS_PORT : Number(port);
  return ` --server ${where} (or ${
    formatAddress({ kind: "tls", host, port: tlsPort })
  }, if it is reached by TLS)`;
}

/** `advice`: the command that sends them. */
function checkWaiting(
  path: string,
  { name, advice }: { readonly name: string; readonly advice: string },
  files: readonly string[],
): Finding[] {
  const waiting = files.filter((file) => OUTBOX_FILE.test(file)).sort();
  const damaged = files.filter((file) => file.endsWith(".bad")).length;
  const found: Finding[] = [];
  const exposed = waiting.find((file) => {
    const info = statOf(`${path}/${file}`);
    return info !== undefined && !(info instanceof Error) && isOpenTo(info, OTHERS_BITS);
  });
  if (exposed !== undefined) {
    const text = `${path}/${exposed}: other users can read or change it: chmod 600 ${path}/*.json`;
    found.push(failed("outbox", EXIT.badConfig, text));
  }
  const [, since] = OUTBOX_FILE.exec(waiting[0] ?? "") ?? [];
  if (since !== undefined) {
    const count = formatCounted(waiting.length, "message", "messages");
    const text = `${count} of ${name} in ${path}, since ${formatUtcSecond(Number(since))}; ` +
      `${advice} sends what waits`;
    found.push(warning("outbox", text));
  }
  if (damaged > 0) {
    found.push(
      warning("outbox", `${path}: ${formatCounted(damaged, "damaged file", "damaged files")} (.bad)`),
    );
  }
  return found;
}

/** Empty if there is no such folder. */
function foldersIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name)
      .sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Below this the chat has no room for a name and a few words. */
const LEAST_COLUMNS = 40;
const LEAST_ROWS = 10;

/** The terminal that standard output is. */
export function checkTerminal(io: Io): Finding[] {
  const term = io.env("TERM");
  const found: Finding[] = [];
  if (!io.stdout.isTerminal) return [ok("terminal", "standard output is no terminal: nothing to check")];
  if (term === undefined || term === "dumb") {
    const what = term === undefined ? "TERM is not set" : "TERM is dumb";
    found.push(warning("terminal", `${what}: the chat is shown line by line; export TERM=xterm-256color`));
  }
  const locale = io.env("LC_ALL") ?? io.env("LC_CTYPE") ?? io.env("LANG");
  if (Deno.build.os !== "windows" && !/utf-?8/i.test(locale ?? "")) {
    const what = locale === undefined ? "no locale is set" : `the locale is ${locale}`;
    found.push(
      warning("terminal", `${what}, not UTF-8: names and texts may be shown wrong; export LANG=C.UTF-8`),
    );
  }
  const { columns = 0, rows = 0 } = io.stdout.size() ?? {}; // 0: not known
  const few = [
    ...columns > 0 && columns < LEAST_COLUMNS ? [`${columns} columns, ${LEAST_COLUMNS} are needed`] : [],
    ...rows > 0 && rows < LEAST_ROWS ? [`${rows} rows, ${LEAST_ROWS} are needed`] : [],
  ];
  if (few.length > 0) found.push(warning("terminal", `it is too small: ${few.join("; ")}`));
  if (found.length > 0) return found;
  const colors = io.env("NO_COLOR") === undefined ? "colours" : "no colours (NO_COLOR)";
  const known = [...columns > 0 ? [`${columns} columns`] : [], ...rows > 0 ? [`${rows} rows`] : []];
  const room = known.length === 2
    ? known.join(", ")
    : known.length === 0
    ? "size unknown"
    : `${known[0]}, the rest of its size unknown`;
  return [ok("terminal", `${term}, ${locale ?? "no locale"}, ${colors}, ${room}`)];
}

/** Undefined: it does not exist. */
function statOf(path: string): Deno.FileInfo | Error | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    return error as Error;
  }
}

function isOpenTo({ mode }: Deno.FileInfo, bits: number): boolean {
  return Deno.build.os !== "windows" && mode !== null && (mode & bits) !== 0;
}
