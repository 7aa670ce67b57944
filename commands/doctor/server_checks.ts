/** Checks of the server: reachable, TLS, protocol, clock, and whether it knows the key. It is only read. */
import { formatExactDuration } from "../../lib/base/values/duration.ts";
import { formatUtcSecond } from "../../lib/base/values/timestamp.ts";
import { VERSION } from "../../lib/base/version.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { connect } from "../../lib/client/connection/connect.ts";
import type { ConnectFailure } from "../../lib/client/connection/connect_failure.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { withLink } from "../../lib/client/connection/with_link.ts";
import type { AccountStatus } from "../../lib/client/session/credentials.ts";
import type { RefusalReason } from "../../lib/client/session/refusal.ts";
import { WANTED_CAPABILITIES } from "../../lib/client/session/wanted_capabilities.ts";
import { RPL_TIME, RPL_VERSION } from "../../lib/irc/numerics.ts";
import { parseWireSeconds, parseWireTime } from "../../lib/irc/wire_number.ts";
import { formatAddress, isLoopback } from "../../lib/net/address.ts";
import type { ServerCertificate } from "../../lib/net/tls/server_certificate.ts";
import { makeObserverRegistration } from "../support/client_login.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { describeConnectFailure } from "../support/connect_failure_text.ts";
import { formatOtherNamesHint } from "../support/other_names_hint.ts";
import { failed, ok, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** Beyond this the times of messages look wrong. */
const CLOCK_TOLERANCE_MS = 5_000;
/** A certificate that ends so soon is to be renewed. */
const EXPIRY_NOTICE_MS = 14 * 86_400_000;

const KEY_REFUSALS: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  "claim",
  "forgotten",
  "impostor",
  "not_ours",
  "wrong_passphrase",
]);

export interface ServerChecks {
  readonly access: ClientLogin;
  readonly io: Io;
  /** The certificate that the server has shown, if it was reached by TLS. */
  readonly certificate: () => ServerCertificate | undefined;
  /** Why there is no key to check, or what is wrong with it. */
  readonly keyFault: Finding | undefined;
}

/** All checks of the server; the first that fails ends them. */
export async function checkServer(checks: ServerChecks): Promise<Finding[]> {
  const { access, keyFault } = checks;
  const first = await connectTo(checks, access);
  if (first.failure === undefined) return [...first.findings, keyFault ?? first.key];
  const { failure } = first;
  const isKeyRefused = failure.kind === "refused" && KEY_REFUSALS.has(failure.reason);
  if (!isKeyRefused) {
    return [...describeFailure(checks, failure), ...keyFault === undefined ? [] : [keyFault]];
  }
  const { credentials: _, ...registration } = access.registration;
  const without = await connectTo(checks, { ...access, registration });
  return [
    ...without.failure === undefined ? without.findings : describeFailure(checks, without.failure),
    keyFault ?? describeRefusedKey(access, failure),
  ];
}

/** A server does not tell an account that it does not have from a wrong key. */
function describeRefusedKey(access: ClientLogin, failure: ConnectFailure): Finding {
  const { name, key, address, registration: { credentials } } = access;
  const { code, text } = describeConnectFailure(failure, access);
  if (credentials?.kind !== "key" || key === undefined) return failed("key", code, text);
  const what = `${formatAddress(address)} does not know the key of ${name} (${key.path})`;
  if (credentials.isUnregistered) {
    return warning(
      "key",
      `${what}: the name is not registered with it; chatterbox register ${name} does so if the name is free`,
    );
  }
  return failed(
    "key",
    code,
    `${what}, which a server has accepted before: the account has another key now, or is gone; ` +
      `import its key (chatterbox key import ${name}), or register the name anew (chatterbox register ${name})`,
  );
}

type Connection =
  | { readonly failure: ConnectFailure }
  | { readonly failure?: undefined; readonly findings: Finding[]; readonly key: Finding };

async function connectTo({ io, certificate }: ServerChecks, access: ClientLogin): Promise<Connection> {
  const { address, trust } = access;
  const { keyring: _, claimKey: _claim, credentials, ...observer } = makeObserverRegistration(access);
  // A key that no server is known to have is tried, too: that is the question.
  const registration = credentials === undefined
    ? observer
    : { ...observer, credentials: { ...credentials, isUnregistered: false, isRequired: true } };
  const connecting = connect({ address, trust, registration, signal: io.signal });
  const used = await withLink(connecting, io.signal, async (link) => ({
    findings: [
      await checkRoundTrip(link),
      ...checkTls(link, certificate()),
      await checkProtocol(link),
      await checkClock(link, io),
    ],
    key: describeKey(access, link.session.accountStatus, io),
  }));
  return used.kind === "done" ? used.value : { failure: used };
}

/** `server`, or `tls` where the server was reached and its certificate is not accepted. */
function describeFailure({ access, certificate }: ServerChecks, failure: ConnectFailure): Finding[] {
  const { code, text } = describeConnectFailure(failure, access);
  if (failure.kind !== "untrusted") return [failed("server", code, text)];
  const where = formatAddress(access.address);
  const end = describeExpiry(certificate());
  return [ok("server", `${where} answers`), failed("tls", code, `${text}${end === "" ? "" : `; ${end}`}`)];
}

async function checkRoundTrip(link: Link): Promise<Finding> {
  const where = formatAddress(link.address);
  const start = performance.now();
  const answer = await link.request({ command: "PING", params: ["doctor"] });
  const ms = Math.round((performance.now() - start) * 10) / 10;
  if (answer.kind === "answered") return ok("server", `${where} answers in ${ms} ms`);
  return failed("server", EXIT.tryAgain, `${where} let this client in, and does not answer`);
}

function checkTls({ address }: Link, certificate: ServerCertificate | undefined): Finding[] {
  if (address.kind === "unix" || address.kind === "tcp" && isLoopback(address.host)) {
    return [ok("tls", "not needed: the server is on this machine")];
  }
  if (address.kind === "tcp") {
    const text = `the connection to ${
      formatAddress(address)
    } is not encrypted: use ircs:// if the server has TLS`;
    return [warning("tls", text)];
  }
  if (certificate === undefined) return [];
  const { problem, fingerprint, isOutOfTime, expiresAt = Infinity } = certificate;
  const how = problem === undefined
    ? "an authority vouches for the certificate and its name"
    : `the certificate is accepted by its fingerprint SHA256:${fingerprint} (${problem})`;
  const end = describeExpiry(certificate);
  const text = end === "" ? how : `${how}; ${end}`;
  if (isOutOfTime || expiresAt - Date.now() < EXPIRY_NOTICE_MS) {
    return [warning("tls", `${text}: the server needs another one, unless the clock here is wrong`)];
  }
  return [ok("tls", text)];
}

/** "": unknown. */
function describeExpiry(certificate: ServerCertificate | undefined): string {
  const { expiresAt } = certificate ?? {};
  if (expiresAt === undefined || Number.isNaN(expiresAt)) return "";
  return `it ${expiresAt < Date.now() ? "expired" : "is valid until"} ${formatUtcSecond(expiresAt)}`;
}

async function checkProtocol(link: Link): Promise<Finding> {
  const answer = await link.request({ command: "VERSION" });
  const lines = answer.kind === "answered" ? answer.lines : [];
  // 351 <client> <version> <server> :<comments>
  const version = lines.find(({ command }) => command === RPL_VERSION)?.params[1] ?? "an unknown version";
  const { session } = link;
  const missing = [...WANTED_CAPABILITIES].flatMap(([name, wanted]) =>
    wanted === "all" && session.capValue(name) === undefined ? [name] : []
  );
  const text = `the server runs ${version}, this client is chatterbox-${VERSION}`;
  if (missing.length === 0) return ok("protocol", text);
  return warning(
    "protocol",
    `${text}; what needs ${missing.join(", ")} is not available: the server has no such capability`,
  );
}

async function checkClock(link: Link, io: Io): Promise<Finding> {
  const start = io.clock.now();
  const answer = await link.request({ command: "TIME" });
  const now = (start + io.clock.now()) / 2;
  const line = answer.kind === "answered"
    ? answer.lines.find(({ command }) => command === RPL_TIME)
    : undefined;
  // 391 <client> <server> [<timestamp> [<TS offset>]] :<text>
  const time = parseWireTime(line?.tags.get("time")) ?? parseWireSeconds(line?.params[2]);
  if (time === undefined) return ok("clock", "the server does not tell its time: not compared");
  const difference = Math.round(now - time);
  if (Math.abs(difference) <= CLOCK_TOLERANCE_MS) {
    return ok("clock", `this machine and the server differ by less than ${CLOCK_TOLERANCE_MS / 1000} s`);
  }
  const seconds = Math.round(Math.abs(difference) / 1000);
  const amount = formatExactDuration(seconds * 1000);
  const text = `this machine's clock is ${amount} ${difference > 0 ? "ahead of" : "behind"} the server's ` +
    `(${formatUtcSecond(time)}): set the one that is wrong (timedatectl)`;
  return warning("clock", text);
}

function describeKey(access: ClientLogin, status: AccountStatus, io: Io): Finding {
  const { name, key, keySource, registration: { credentials } } = access;
  if (credentials === undefined) {
    const others = formatOtherNamesHint(io, access.address, name);
    return ok(
      "key",
      `there is no key of ${name} here${others || ": join, or a send that names you, makes one"}`,
    );
  }
  const what = credentials.kind === "passphrase"
    ? `the passphrase of ${name}`
    : `the key of ${name} (${keySource ?? key?.path})`;
  if (status.kind === "logged_in") return ok("key", `${what}: the server knows it`);
  if (status.kind === "no_account") {
    return warning(
      "key",
      `${what}: the server does not accept it (${status.why}); chatterbox register ${name}`,
    );
  }
  return ok("key", `${what}: the server has no accounts to check it with`);
}
