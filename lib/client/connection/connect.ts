/** Connecting to a server and registering there. */
import { callAfter } from "../../base/deadlines.ts";
import { formatAddress } from "../../net/address.ts";
import type { Address } from "../../net/address.ts";
import { dial } from "./dial.ts";
import { ABORTED, makeNotIrcFailure } from "./connect_failure.ts";
import type { ConnectFailure, TlsUpgrade } from "./connect_failure.ts";
import { Link } from "./link.ts";
import type { ConnectOutcome, LinkOptions } from "./link.ts";
import type { ConnectQuestions, QuestionAnswer } from "../session/connect_questions.ts";
import type { ServerTrust, UntrustedServer } from "../trust/server_trust.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects and registers. Failures of servers and networks are outcomes, not exceptions. If the server
 * requires TLS (https://ircv3.net/specs/extensions/sts), connects again with TLS, now and from then on. Where the
 * attempt fails for a reason that an answer of the person may change, asks ({@link ConnectQuestions}) and tries again.
 * Where the chat has several addresses (`registration.servers`) `address` is not used, and the next one is tried where
 * there is no connection.
 */
export async function connect(options: LinkOptions): Promise<ConnectOutcome> {
  const { registration, timeoutMs } = options;
  const { servers } = registration;
  if (servers === undefined) return await connectTo(options);
  const { connectToAny } = await import("./server_round.ts");
  const connectToOne = (address: Address, timeoutMs: number | undefined) =>
    connectTo({ ...options, address, timeoutMs });
  return await connectToAny(servers, registration, timeoutMs, connectToOne);
}

/** {@link connect} with the one address of `options`. */
async function connectTo(options: LinkOptions): Promise<ConnectOutcome> {
  const { registration, trust, address } = options;
  const { questions } = registration;
  if (questions === undefined) return await connectUnasked(options);
  for (;;) {
    const password = questions.password ?? registration.password;
    const outcome = await connectUnasked({ ...options, registration: { ...registration, password } });
    if (outcome.kind === "connected") questions.close();
    if (outcome.kind === "connected" || options.signal?.aborted) return outcome;
    const next = outcome.kind === "untrusted"
      ? await askToTrust(outcome, trust, questions)
      : outcome.kind === "refused" && outcome.reason === "password"
      ? await questions.askPassword(formatAddress(address), password !== undefined)
      : DECLINED;
    if (next.kind === "interrupted") return { ...ABORTED, code: next.code };
    if (next.kind === "declined") return outcome;
  }
}

const DECLINED: QuestionAnswer = { kind: "declined" };

/** Asks whether to accept a certificate of a server that is not known yet; `answer`: `trust` accepts it from now on. */
export async function askToTrust(
  { first }: UntrustedServer,
  trust: ServerTrust | undefined,
  questions: ConnectQuestions | undefined,
): Promise<QuestionAnswer> {
  if (first === undefined || trust === undefined || questions === undefined) return DECLINED;
  if (trust.isReadOnly) return DECLINED;
  const { fingerprint, problem = "" } = first.certificate;
  const where = formatAddress(first.address);
  const answer = await questions.askTrust({ where, fingerprint: `SHA256:${fingerprint}`, problem });
  if (answer.kind !== "answer") return answer;
  if (answer.text !== "yes") return DECLINED;
  trust.accept(first);
  return answer;
}

async function connectUnasked(options: LinkOptions): Promise<ConnectOutcome> {
  const { trust } = options;
  const { address, policy } = trust?.applyStsPolicy(options.address) ??
    { address: options.address, policy: undefined };
  let outcome = await connectOnce({ ...options, address });
  if (outcome.kind === "upgrade") outcome = await connectOnce({ ...options, address: outcome.to });
  if (outcome.kind === "upgrade") return makeNotIrcFailure(outcome.to); // it requires TLS over TLS
  if (outcome.kind === "connected") {
    recordStsPolicy(outcome.link, trust);
    await recordAcceptedKey(outcome.link);
  } else if (outcome.kind !== "aborted" && policy !== undefined) {
    return { ...outcome, text: `${outcome.text} (this server requires TLS: ${policy})` };
  }
  return outcome;
}

/** Records the STS policy that the server has sent over TLS. */
function recordStsPolicy({ address, session, closed }: Link, trust: ServerTrust | undefined): void {
  const value = session.capValue("sts");
  if (address.kind !== "tls" || value === undefined || trust === undefined) return;
  trust.recordStsValue(address, value);
  void closed.then(() => trust.recordStsValue(address, value));
}

/** Records that the server has accepted the key: it is the one for this address, and guarded from now on. */
export async function recordAcceptedKey({ session: { acceptedSecret, registration } }: Link): Promise<void> {
  if (acceptedSecret === undefined || registration.credentials?.kind !== "key") return;
  await registration.keyring?.recordAccepted(acceptedSecret.secret, acceptedSecret.ours);
}

async function connectOnce(options: LinkOptions): Promise<ConnectOutcome | TlsUpgrade> {
  const { address, signal, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  const where = formatAddress(address);
  if (signal?.aborted) return ABORTED;
  const deadline = new AbortController();
  const onAbort = () => deadline.abort();
  const callOff = callAfter(timeoutMs, onAbort);
  signal?.addEventListener("abort", onAbort);
  const lateOutcome = (): ConnectFailure =>
    signal?.aborted
      ? ABORTED
      : { kind: "timed_out", text: `${where} did not answer within ${timeoutMs / 1000} s` };
  try {
    const dialed = await dial(address, deadline.signal, options.trust);
    if (dialed.kind === "aborted") return lateOutcome();
    if (dialed.kind !== "connected") return dialed;
    const link = new Link(options.wrap?.(dialed.conn) ?? dialed.conn, dialed.remote, options);
    const late = Promise.withResolvers<ConnectFailure>();
    deadline.signal.addEventListener("abort", () => late.resolve(lateOutcome()));
    const outcome = await Promise.race([link.opened, late.promise]);
    if (outcome.kind === "connected") return outcome;
    link.abort("not connected");
    return outcome.kind === "timed_out" && link.hasReceivedNonIrc ? makeNotIrcFailure(address) : outcome;
  } finally {
    callOff();
    signal?.removeEventListener("abort", onAbort);
  }
}
