/** `chatterbox key import --code`: a key that another client of the same person shares. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { describeSecretPath, readSecret } from "../../lib/cli/files/secret_file.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { fetchParcel } from "../../lib/client/accounts/key_share.ts";
import type { FetchOutcome } from "../../lib/client/accounts/key_share.ts";
import { askToTrust } from "../../lib/client/connection/connect.ts";
import { checkKeyStore, storeKey } from "../../lib/client/identity/key_file.ts";
import { deriveParcelId, openParcel, parseShareCode } from "../../lib/irc/key_share.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { ServerAndName } from "../support/client_options.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import { reportStored } from "./stored_key_report.ts";

type SharedKeyOutcome =
  | { readonly kind: "ok"; readonly key: string }
  | { readonly kind: "failed"; readonly code: ExitCode };

/** Where a key goes: `dir` is the configuration folder, `replace` permits it in place of another one. */
interface KeyDestination {
  readonly dir: string;
  readonly replace: boolean;
}

/**
 * Fetches and stores the key for `given`, a code or `-` for standard input. A code serves once: it is used only when
 * the key can be stored. Throws {@link UsageError} where it is no code.
 */
export async function importSharedKey(
  given: string,
  owner: ServerAndName,
  { dir, replace }: KeyDestination,
  io: Io,
): Promise<ExitCode> {
  const { address, name } = owner;
  const read = await readCode(given, io);
  if (read.kind === "failed") return read.code;
  const place = await checkKeyStore(dir, address, name, replace);
  if (place.kind !== "ready") return reportStored(place, owner, dir, io);
  const fetched = await fetchSharedKey(read.shareCode, owner, io);
  if (fetched.kind === "failed") return fetched.code;
  const outcome = await storeKey(dir, address, name, fetched.key, replace);
  if (outcome.kind === "bad" || outcome.kind === "other") {
    io.stderr.write("chatterbox: the code is used up; make another one with key share\n");
  }
  return reportStored(outcome, owner, dir, io);
}

async function readCode(
  given: string,
  io: Io,
): Promise<{ kind: "ok"; shareCode: string } | { kind: "failed"; code: ExitCode }> {
  let typed = given;
  if (given === "-") {
    const read = await readSecret("-", io);
    if (read.kind === "bad") {
      const text = toPrintable(`${describeSecretPath("-")}: ${read.why}`);
      return { kind: "failed", code: reportFailure(io, EXIT.ioError, text) };
    }
    typed = read.secret;
  }
  const shareCode = parseShareCode(typed);
  if (shareCode === undefined) throw new UsageError("--code: not a code such as 7ZQK-4M0X-V1D8-RBTA");
  return { kind: "ok", shareCode };
}

async function fetchSharedKey(code: string, owner: ServerAndName, io: Io): Promise<SharedKeyOutcome> {
  const failed = (code: ExitCode, text: string): SharedKeyOutcome => ({
    kind: "failed",
    code: reportFailure(io, code, toPrintable(text)),
  });
  const { name, password, isNameExplicit, trust, questions } = owner;
  const id = await deriveParcelId(code, name);
  const found = await fetchFromAny(owner, id, io);
  const { address, earlier } = found;
  let { outcome } = found;
  if (outcome.kind === "untrusted") {
    const answer = await askToTrust(outcome, trust, questions);
    if (answer.kind === "interrupted") return { kind: "failed", code: answer.code as ExitCode };
    if (answer.kind === "answer") outcome = await fetchParcel(address, trust, id, io.signal);
  }
  const where = formatAddress(address);
  switch (outcome.kind) {
    case "fetched": {
      const key = await openParcel(code, name, outcome.parcel);
      if (key !== undefined) return { kind: "ok", key };
      return failed(
        EXIT.malformed,
        `${where}: what it has for this code cannot be opened; make another code`,
      );
    }
    case "failed":
      return failed(exitCodeFor(outcome), `${where}: ${describeFailure(outcome, name)}`);
    case "unsupported": {
      const text = `${where} passes no keys on: it is another kind of server, or an older one`;
      return failed(EXIT.unreachable, text);
    }
    default: {
      const access = { address, name, isNameExplicit, registration: { nick: name, password } };
      return { kind: "failed", code: reportConnectFailure(io, { ...outcome, earlier }, access) };
    }
  }
}

/** Asks the addresses of the chat in order, up to the first that answers. `earlier`: why those before it did not. */
async function fetchFromAny({ address: only, servers, trust }: ServerAndName, id: string, io: Io) {
  const earlier: string[] = [];
  const addresses = [...servers?.inOrder() ?? [only]];
  for (;;) {
    const address = addresses.shift() ?? only;
    const outcome = await fetchParcel(address, trust, id, io.signal);
    if (addresses.length === 0 || !NO_ANSWERS.has(outcome.kind)) return { address, outcome, earlier };
    earlier.push("text" in outcome ? outcome.text : "");
  }
}

const NO_ANSWERS: ReadonlySet<string> = new Set(["no_such_host", "unreachable", "not_irc", "timed_out"]);

function exitCodeFor({ code }: FetchOutcome & { kind: "failed" }): ExitCode {
  return code === "TEMPORARILY_UNAVAILABLE" ? EXIT.tryAgain : EXIT.refused;
}

function describeFailure({ code, text }: FetchOutcome & { kind: "failed" }, name: string): string {
  switch (code) {
    case "NO_SUCH_PARCEL":
      return `there is no such code for ${name}; check both`;
    case "ALREADY_FETCHED":
      return `this code of ${name} has been used already; make another one, and if you have not used it, change the key`;
    case "PARCEL_EXPIRED":
      return `this code of ${name} has expired or was withdrawn; make another one`;
    default:
      return text;
  }
}
