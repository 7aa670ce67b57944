/** `chatterbox key share`: the key of a name for a browser or another machine, by a one-time code. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatTimeOfDay } from "../../lib/base/values/timestamp.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { reportFailure, wantsColor } from "../../lib/cli/standard_streams.ts";
import { leaveParcel, readParcelEnd, withdrawParcel } from "../../lib/client/accounts/key_share.ts";
import type { LeaveOutcome, ParcelEnd } from "../../lib/client/accounts/key_share.ts";
import { connect } from "../../lib/client/connection/connect.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import type { Credentials } from "../../lib/client/session/credentials.ts";
import { formatShareCode, makeShareCode, sealKey } from "../../lib/irc/key_share.ts";
import { formatAddress } from "../../lib/net/address.ts";
import {
  listAccountCredentials,
  makeObserverRegistration,
  readClientLogin,
} from "../support/client_login.ts";
import type { ClientLogin } from "../support/client_login.ts";
import type { ClientFlags } from "../support/client_options.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import { withStopSignal } from "../support/stop_signal.ts";

/** Of a terminal that does not tell its width. */
const DEFAULT_COLUMNS = 80;

const NO_COLOR_TEXT =
  "without colours the QR code is drawn for a dark terminal; on a light one unset NO_COLOR: it is black on white then";

export interface ShareFlags extends ClientFlags {
  readonly qr: boolean;
  readonly "no-qr": boolean;
  readonly "no-color": boolean;
}

/** What one attempt works with. `signal` ends the wait. */
interface Attempt {
  readonly access: ClientLogin;
  readonly flags: ShareFlags;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** Shares the key of the name that `flags` choose, and waits until it is fetched or its time is over. */
export async function shareKey(flags: ShareFlags, io: Io): Promise<ExitCode> {
  const found = await readClientLogin(io, flags, "use");
  if (found.kind === "failed") return found.code;
  const { access } = found;
  const { credentials } = access.registration;
  if (credentials === undefined) {
    const text = `there is no key of ${access.name} for ${formatAddress(access.address)} here; ` +
      "a name with a passphrase needs none: log in with that on the other device";
    return reportFailure(io, EXIT.noUser, toPrintable(text));
  }
  return await withStopSignal(io, async (signal) => {
    const attempt = { access, flags, io, signal };
    const [own, ...others] = await listAccountCredentials(access, credentials);
    for (const next of others) {
      const code = await tryKey(attempt, next, false);
      if (code !== undefined) return code;
    }
    return await tryKey(attempt, own!, true);
  });
}

/**
 * Shares the key in `credentials`. A next key (`lib/client/identity/next_key.ts`) is shared only if it logs in:
 * undefined where it does not. `isOwn`: the key of the name, which may also claim it; the server's answer decides.
 */
function tryKey(attempt: Attempt, credentials: Credentials, isOwn: true): Promise<ExitCode>;
function tryKey(attempt: Attempt, credentials: Credentials, isOwn: false): Promise<ExitCode | undefined>;
async function tryKey(
  attempt: Attempt,
  credentials: Credentials,
  isOwn: boolean,
): Promise<ExitCode | undefined> {
  const { access, io, signal } = attempt;
  const { address, trust } = access;
  const observer = makeObserverRegistration(access);
  const registration = { ...observer, credentials, claimKey: isOwn ? observer.claimKey : undefined };
  const code = makeShareCode();
  const parts = await sealKey(code, access.name, credentials.secret);
  const told = Promise.withResolvers<ParcelEnd>();
  const outcome = await connect({
    ...{ address, trust, registration, signal },
    onEvent(event) {
      const end = readParcelEnd(event, parts.id);
      if (end !== undefined) told.resolve(end);
    },
  });
  if (outcome.kind !== "connected") return reportConnectFailure(io, outcome, access, signal);
  const { link } = outcome;
  try {
    if (!isOwn && link.session.accountStatus.kind !== "logged_in") return undefined;
    const left = await leaveParcel(link, access.name, parts);
    if (left.kind !== "left") return reportNotLeft(left, access, io);
    await showCode(code, left, attempt);
    return await awaitEnd(link, parts.id, told.promise, attempt);
  } finally {
    await link.close();
  }
}

function reportNotLeft(
  outcome: Exclude<LeaveOutcome, { kind: "left" }>,
  { address, name }: ClientLogin,
  io: Io,
): ExitCode {
  const where = formatAddress(address);
  const report = (code: ExitCode, text: string) => reportFailure(io, code, toPrintable(text));
  switch (outcome.kind) {
    case "unsupported":
      return report(
        EXIT.unreachable,
        `${where} passes no keys on: it is another kind of server, or an older one; use chatterbox key export`,
      );
    case "not_yours":
      return report(
        EXIT.refused,
        `${where} does not take the key that is here for that of ${name}; ` +
          "if the name has a passphrase, log in with that on the other device",
      );
    case "refused":
      return report(EXIT.refused, `${where} refuses: ${outcome.text}`);
    case "try_again":
      return report(EXIT.tryAgain, `${where}: ${outcome.text}`);
  }
}

/** Prints the code, and how to use it. */
async function showCode(
  code: string,
  { until, page }: LeaveOutcome & { kind: "left" },
  { access: { name, address, registration }, flags, io }: Attempt,
): Promise<void> {
  const note = (text: string) => io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  io.stdout.write(`${formatShareCode(code)}\n`);
  if (page !== undefined) {
    const url = `${page.url}/#add=${encodeURIComponent(name)}:${code}`;
    io.stdout.write(`${toPrintable(url)}\n`);
    const isDrawn = flags.qr || page.isLocal !== true;
    if (io.stdout.isTerminal && isDrawn && !flags["no-qr"]) await showQrCode(url, flags, io);
  }
  await io.stdout.flush(); // a terminal shows both streams
  if (page?.isLocal === true && !flags.qr) {
    note("only this machine can open the address: on a phone it is of no use, and no QR code is drawn");
  }
  if (page !== undefined) note("in a browser: open this address");
  else note("in a browser: open the server's page (serve --web), and choose: Add this browser to a name");
  if (page?.otherHost !== undefined) {
    note(`the page is at another host, ${page.otherHost}, which gets the code`);
  }
  note(
    `at a terminal: chatterbox key import ${name} --code=- --server ${
      registration.servers?.text ?? formatAddress(address)
    }`,
  );
  const time = until === undefined ? "for 10 minutes" : `until ${formatTimeOfDay(until)}`;
  note(`the code gives access to ${name}, once and ${time}: show it to no one else; Ctrl-C withdraws it`);
}

async function showQrCode(url: string, flags: ShareFlags, io: Io): Promise<void> {
  const { drawQrCode } = await import("./qr_code.ts");
  const columns = io.stdout.size()?.columns ?? DEFAULT_COLUMNS;
  const hasColor = wantsColor(io.stdout, io.env, flags["no-color"]);
  const lines = await drawQrCode(url, columns, hasColor);
  if (lines !== undefined) {
    io.stdout.write(`\n${lines.join("\n")}\n\n`);
    await io.stdout.flush();
    if (!hasColor) io.stderr.write(`chatterbox: ${NO_COLOR_TEXT}\n`);
  } else io.stderr.write(`chatterbox: the QR code is wider than ${columns} columns and is not shown\n`);
}

/** Waits until the parcel is fetched, its time is over, the signal is aborted or the connection is lost. */
async function awaitEnd(
  link: Link,
  id: string,
  told: Promise<ParcelEnd>,
  { access: { name }, io, signal }: Attempt,
): Promise<ExitCode> {
  const stopped = Promise.withResolvers<{ readonly kind: "stopped" }>();
  const onAbort = () => stopped.resolve({ kind: "stopped" });
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  const lost = link.closed.then((text) => ({ kind: "lost", text }) as const);
  const end = await Promise.race([told, stopped.promise, lost]);
  signal.removeEventListener("abort", onAbort);
  switch (end.kind) {
    case "fetched": {
      const text = `the key of ${name} was fetched from ${end.from}; if that was not you, change it now: ` +
        `chatterbox register ${name} --change`;
      io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
      return EXIT.ok;
    }
    case "expired":
      return reportFailure(
        io,
        EXIT.tryAgain,
        "the code was not used in time, or a newer one is in its place; key share makes another one",
      );
    case "stopped": {
      const isSaid = await withdrawParcel(link, id);
      const text = isSaid ? "the code is withdrawn" : "the code ends with this connection";
      return reportFailure(io, exitCodeForSignal(signal), text);
    }
    case "lost": {
      const text = `connection lost (${end.text}), and the code with it; key share makes another one`;
      return reportFailure(io, EXIT.tryAgain, toPrintable(text));
    }
  }
}
