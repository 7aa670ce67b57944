/**
 * The names that a shell offers: people and rooms of the server that the typed line is about, and the names with a key
 * on this machine. What goes wrong is silent: a Tab has no place for an error.
 */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { callAfter } from "../../lib/base/deadlines.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { configDir } from "../../lib/cli/files/user_dirs.ts";
import type { CandidateSource } from "../../lib/cli/command_syntax.ts";
import { connect } from "../../lib/client/connection/connect.ts";
import { withLink } from "../../lib/client/connection/with_link.ts";
import { queryChannels, queryOnlineNames } from "../../lib/client/query/presence.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { makeObserverRegistration, readClientLogin } from "../support/client_login.ts";
import { withStderr } from "../support/quiet_io.ts";
import type { ClientFlags } from "../support/client_options.ts";

/** Time for the connection and the answers: a Tab that takes longer is in the way. */
const MAX_LOOKUP_MS = 1000;
/** More are no help to a person; the next letter makes them fewer. */
const MAX_CANDIDATES = 1000;

/** Flags of the typed line that choose the server, or the login there. */
const LOGIN_FLAGS = ["server", "profile", "name", "password-file", "key-file", "ca", "fingerprint"] as const;

/**
 * `args`: the {@link CandidateSource}s with commas between them, then the typed words from the name of the program to
 * the one at the cursor, without their quotes. Prints a name a line.
 */
export async function printCandidates(args: readonly string[], io: Io): Promise<ExitCode> {
  const [sources = "", ...line] = args;
  io.revoke(["write"]);
  const stop = new AbortController();
  const cancel = callAfter(MAX_LOOKUP_MS, () => stop.abort());
  try {
    const prefix = casefold(line.at(-1) ?? "").replace(/^--[a-z-]+=/, "");
    const found = await findNames(sources.split(",") as CandidateSource[], line.slice(0, -1), io, stop);
    const offered = found.filter((name) => isOneWord(name) && casefold(name).startsWith(prefix));
    io.stdout.write(offered.slice(0, MAX_CANDIDATES).map((name) => `${name}\n`).join(""));
  } catch {
    // no names, then
  } finally {
    cancel();
  }
  return EXIT.ok;
}

async function findNames(
  sources: readonly CandidateSource[],
  line: readonly string[],
  io: Io,
  stop: AbortController,
): Promise<string[]> {
  const wantsPeople = sources.includes("people"), wantsRooms = sources.includes("rooms");
  const own = sources.includes("names") ? await listOwnNames(io) : [];
  return wantsPeople || wantsRooms
    ? [...own, ...await askServer({ wantsPeople, wantsRooms }, readLoginFlags(line), io, stop)]
    : own;
}

async function listOwnNames(io: Io): Promise<string[]> {
  const dir = configDir(io.env);
  if (dir === undefined) return [];
  const { listKeys } = await import("../../lib/client/identity/key_file.ts");
  return [...new Set((await listKeys(dir)).map(({ name }) => name))];
}

/** Asks as `list` does: no user sees the connection. */
async function askServer(
  { wantsPeople, wantsRooms }: { readonly wantsPeople: boolean; readonly wantsRooms: boolean },
  flags: ClientFlags,
  io: Io,
  stop: AbortController,
): Promise<string[]> {
  const found = await readClientLogin(makeSilentIo(io, stop), flags, "observe");
  if (found.kind === "failed") return [];
  const { access } = found;
  // Nothing is noted of the key, and nothing is asked.
  const { keyring: _, questions: __, ...registration } = makeObserverRegistration(access);
  const connecting = connect({
    address: access.address,
    trust: access.trust,
    registration,
    signal: stop.signal,
  });
  const outcome = await withLink(connecting, stop.signal, async (link) => {
    const [people, rooms] = await Promise.all([
      wantsPeople ? queryOnlineNames(link) : undefined,
      wantsRooms ? queryChannels(link) : undefined,
    ]);
    return [
      ...people?.kind === "ok" ? people.rows : [],
      ...rooms?.kind === "ok" ? rooms.rows.map(({ name }) => name) : [],
    ];
  });
  return outcome.kind === "done" ? outcome.value : [];
}

/**
 * `io` with a standard error that ends the lookup: what a person would have to be told, such as the certificate of a
 * server that is not known yet, is nothing to go past unseen.
 */
function makeSilentIo(io: Io, stop: AbortController): Io {
  return withStderr(io, (text) => {
    stop.abort();
    throw new Error(text);
  });
}

/** `--server URL` and `--server=URL`, and those like it, wherever they are in the line. */
function readLoginFlags(line: readonly string[]): ClientFlags {
  const flags: Record<string, string> = {};
  for (const [at, word] of line.entries()) {
    for (const name of LOGIN_FLAGS) {
      const value = word === `--${name}`
        ? line[at + 1]
        : word.startsWith(`--${name}=`)
        ? word.slice(name.length + 3)
        : undefined;
      if (value !== undefined && value !== "" && value !== "-") flags[name] = value;
    }
  }
  return flags;
}

/** A name without blanks, and without characters that are not seen as they are: one line, and one word of it. */
function isOneWord(name: string): boolean {
  return name !== "" && !/\s/u.test(name) && toPrintable(name) === name;
}
