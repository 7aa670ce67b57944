/** How a connection to a server comes to be, or does not. */
import { later } from "../base/deadlines.ts";
import { formatAddress } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { dial } from "./dial.ts";
import type { DialFailure } from "./dial.ts";
import { Link, notIrc } from "./link.ts";
import type { Refusal } from "./refusal.ts";
import type { Registration, SessionEvent } from "./session.ts";
import type { Trust } from "./trust.ts";

export type ConnectFailure =
  | DialFailure
  | { readonly kind: "timed_out"; readonly text: string }
  | Refused
  /** The caller's signal was aborted. */
  | { readonly kind: "aborted"; readonly text: string };

/** The server does not want us, and says why. */
export interface Refused {
  readonly kind: "refused";
  readonly reason: Refusal;
  readonly text: string;
  /** Why it has not made us the account that it wants us to have. */
  readonly unregistered?: string;
}

export type ConnectOutcome = { readonly kind: "connected"; readonly link: Link } | ConnectFailure;

export interface LinkOptions {
  readonly address: Address;
  readonly registration: Registration;
  /** Judges servers that are reached by TLS, and knows which are to be. */
  readonly trust?: Trust | undefined;
  /** From the first packet until the server has let us in. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Everything but `registered`, `refused`, `not_irc` and answers to requests, in order. */
  readonly onEvent?: ((event: SessionEvent) => void) | undefined;
}

export const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects and registers. Never throws for what servers and networks do. A server that asks for TLS
 * (https://ircv3.net/specs/extensions/sts) gets it, now and from then on.
 */
export async function connect(options: LinkOptions): Promise<ConnectOutcome> {
  const { trust } = options;
  const { address, policy } = trust?.route(options.address) ??
    { address: options.address, policy: undefined };
  let outcome = await connectOnce({ ...options, address });
  if (outcome.kind === "upgrade") outcome = await connectOnce({ ...options, address: outcome.to });
  if (outcome.kind === "upgrade") return notIrc(outcome.to); // it was asked for over TLS already
  if (outcome.kind === "connected") {
    keepPolicy(outcome.link, trust);
    await keepKey(outcome.link);
  } else if (outcome.kind !== "aborted" && policy !== undefined) {
    return { ...outcome, text: `${outcome.text} (this server has asked for TLS only: ${policy})` };
  }
  return outcome;
}

/** What the server says over TLS of how long it is to be reached so only. */
function keepPolicy({ address, session, closed }: Link, trust: Trust | undefined): void {
  const value = session.capValue("sts");
  if (address.kind !== "tls" || value === undefined || trust === undefined) return;
  trust.learn(address, value);
  void closed.then(() => trust.learn(address, value));
}

/** Where the server has taken our key, it is the one for this address, and guarded from now on. */
export async function keepKey({ session: { accepted, registration } }: Link): Promise<void> {
  if (accepted === undefined || registration.credentials?.kind !== "key") return;
  await registration.keyring?.taken(accepted.secret, accepted.ours);
}

/** The server is to be reached at `to`. */
export interface Upgrade {
  readonly kind: "upgrade";
  readonly to: Address;
}

async function connectOnce(options: LinkOptions): Promise<ConnectOutcome | Upgrade> {
  const { address, signal, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  const where = formatAddress(address);
  if (signal?.aborted) return { kind: "aborted", text: "interrupted" };
  const deadline = new AbortController();
  const onAbort = () => deadline.abort();
  const callOff = later(timeoutMs, onAbort);
  signal?.addEventListener("abort", onAbort);
  const lateOutcome = (): ConnectFailure =>
    signal?.aborted
      ? { kind: "aborted", text: "interrupted" }
      : { kind: "timed_out", text: `${where} has not answered within ${timeoutMs / 1000} s` };
  try {
    const dialed = await dial(address, deadline.signal, options.trust);
    if (dialed.kind === "aborted") return lateOutcome();
    if (dialed.kind !== "connected") return dialed;
    const link = new Link(dialed.conn, dialed.remote, options);
    const late = Promise.withResolvers<ConnectFailure>();
    deadline.signal.addEventListener("abort", () => late.resolve(lateOutcome()));
    const outcome = await Promise.race([link.opened, late.promise]);
    if (outcome.kind === "connected") return outcome;
    link.drop("not connected");
    return outcome.kind === "timed_out" && link.babbling ? notIrc(address) : outcome;
  } finally {
    callOff();
    signal?.removeEventListener("abort", onAbort);
  }
}
