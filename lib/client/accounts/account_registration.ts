/** Account registration over an open connection (https://ircv3.net/specs/extensions/account-registration). */
import type { Link } from "../connection/link.ts";
import { explainFailure, findFailureReply, replyText } from "../session/failure_reply.ts";

export type AccountRegistrationOutcome =
  | { readonly kind: "done" }
  /** Another session of the same user has registered the name meanwhile, which has logged this session in. */
  | { readonly kind: "already" }
  /** The server requires another step first. */
  | { readonly kind: "pending"; readonly text: string }
  /** `isTemporary`: a later attempt may succeed. */
  | { readonly kind: "failed"; readonly text: string; readonly isTemporary: boolean }
  /** The server did not answer: the name may be registered. */
  | { readonly kind: "silent" };

/** Registers the account `name` with the password `secret`, within `timeoutMs` milliseconds. */
export async function requestAccountRegistration(
  link: Link,
  name: string,
  secret: string,
  timeoutMs?: number,
): Promise<AccountRegistrationOutcome> {
  const outcome = await link.request({ command: "REGISTER", params: [name, "*", secret] }, timeoutMs);
  if (outcome.kind !== "answered") return { kind: "silent" };
  const failure = findFailureReply(outcome.lines);
  if (failure?.params[1] === "ALREADY_AUTHENTICATED") return { kind: "already" };
  if (failure !== undefined) {
    const isTemporary = failure.params[1] === "TEMPORARILY_UNAVAILABLE";
    return { kind: "failed", text: explainFailure(failure), isTemporary };
  }
  const pending = outcome.lines.find(({ params }) => params[0] === "VERIFICATION_REQUIRED");
  return pending === undefined ? { kind: "done" } : { kind: "pending", text: replyText(pending) };
}
