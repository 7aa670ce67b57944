/** One attempt to connect to a chat that has several addresses: they are tried in order, without a pause. */
import { formatAddress } from "../../net/address.ts";
import type { Address } from "../../net/address.ts";
import type { Registration } from "../session/session_event.ts";
import type { ServerList } from "../session/server_list.ts";
import type { ConnectFailure } from "./connect_failure.ts";
import type { ConnectOutcome } from "./link.ts";

/**
 * Longest time for an address that others follow: a machine without power answers nothing. A cluster without a leader
 * has another one before.
 */
const ATTEMPT_MS = 5_000;
/** Times that people are told have no more digits than this makes. */
const STEP_MS = 100;

interface FailedAttempt {
  readonly address: Address;
  readonly failure: ConnectFailure;
}

/**
 * Connects by `connectTo` to the first address of `servers` that answers, within `timeoutMs` for all of them; undefined:
 * `connectTo` has a time of its own, which the last one gets. A failure tells all addresses that were tried. An answer that any address would give (a wrong password, a name that is taken)
 * ends the round, and so does a certificate that is not trusted: the connection may be intercepted.
 */
export async function connectToAny(
  servers: ServerList,
  { questions }: Registration,
  timeoutMs: number | undefined,
  connectTo: (address: Address, timeoutMs: number | undefined) => Promise<ConnectOutcome>,
): Promise<ConnectOutcome> {
  const spentMs = () => performance.now() - (questions?.waitedMs ?? 0);
  const end = spentMs() + (timeoutMs ?? Infinity);
  const addresses = servers.inOrder();
  const failed: FailedAttempt[] = [];
  for (const [nth, address] of addresses.entries()) {
    const leftMs = Math.max(0, end - spentMs());
    const attemptMs = nth === addresses.length - 1 ? leftMs : Math.min(ATTEMPT_MS, leftMs / 2);
    const outcome = await connectTo(address, roundUp(attemptMs));
    if (outcome.kind === "aborted") return outcome;
    if (outcome.kind === "connected") {
      const { link } = outcome;
      servers.stayWith(address);
      void link.closed.then(() => {
        if (!link.hasQuit) servers.leave(address);
      });
      return outcome;
    }
    failed.push({ address, failure: outcome });
    if (mayOtherAnswer(outcome)) continue;
    servers.stayWith(address);
    break;
  }
  return summarize(failed);
}

/** Undefined: there is no limit. */
function roundUp(ms: number): number | undefined {
  return ms === Infinity ? undefined : Math.ceil(ms / STEP_MS) * STEP_MS;
}

/** Whether another address of the chat may let the client in. */
function mayOtherAnswer(failure: ConnectFailure): boolean {
  return failure.kind === "refused" ? failure.reason === "closed" : failure.kind !== "untrusted";
}

/** From the failures after which another attempt is worth least to those after which it is worth most. */
const BY_HOPE = ["no_such_host", "not_irc", "unreachable", "timed_out", "refused", "untrusted"] as const;

/** One failure for all: the one that ended the round, or that may pass soonest, with the others before it. */
function summarize(failed: readonly FailedAttempt[]): ConnectFailure {
  const hope = ({ failure }: FailedAttempt) => BY_HOPE.findIndex((kind) => kind === failure.kind);
  const last = failed.reduce((best, each) => hope(each) >= hope(best) ? each : best);
  const { address, failure } = last;
  const earlier = failed.filter((each) => each !== last).map(describeAttempt);
  return { ...failure, address, earlier };
}

/** What is told of an address: all failures but the server's own words name it. */
function describeAttempt({ address, failure }: FailedAttempt): string {
  return failure.kind === "refused" ? `${formatAddress(address)}: ${failure.text}` : failure.text;
}
