/**
 * Change of the key or passphrase of an account, with `PASSWD` of ChatterBox servers. The account keeps its
 * name.
 *
 * A new key is on disk before it is sent (`next_key.ts`), and replaces the previous key after the server's
 * answer. If the process ends between the two, both are kept, and the next login finds out which one is valid
 * (`keyring.ts`). One process at a time changes the key of a name, so that the key that the server accepted
 * last is also the one kept last.
 */
import { unreachable } from "../../base/assert.ts";
import { ERR_UNKNOWNCOMMAND } from "../../irc/numerics.ts";
import type { Address } from "../../net/address.ts";
import { movePreviousKey } from "../identity/key_file.ts";
import { markRegistered } from "../identity/keyring.ts";
import type { Link } from "../connection/link.ts";
import {
  lockKey,
  makeNextKey,
  MAX_NEXT_KEYS,
  NEXT_KEY_DOUBT_MS,
  promoteNextKey,
  removeNextKey,
  resolveNextKeys,
} from "../identity/next_key.ts";
import { explainFailure, findFailureReply } from "../session/failure_reply.ts";

export type SecretChangeOutcome =
  | { readonly kind: "done" }
  /** The server has no such command. */
  | { readonly kind: "unsupported" }
  /** The previous secret stays valid. `isTemporary`: a later attempt may succeed. */
  | { readonly kind: "failed"; readonly text: string; readonly isTemporary: boolean }
  /** The server did not answer: either secret may be valid. */
  | { readonly kind: "silent" };

/** Changes the secret of the account that `link` is logged in to. */
async function changeSecret(link: Link, secret: string): Promise<SecretChangeOutcome> {
  const outcome = await link.request({ command: "PASSWD", params: [secret] });
  if (outcome.kind !== "answered") return { kind: "silent" };
  const failure = findFailureReply(outcome.lines);
  if (failure?.command === ERR_UNKNOWNCOMMAND) return { kind: "unsupported" };
  if (failure !== undefined) {
    return {
      kind: "failed",
      text: explainFailure(failure),
      isTemporary: failure.params[1] === "TEMPORARILY_UNAVAILABLE",
    };
  }
  const isDone = outcome.lines.some(({ command, params }) =>
    command === "NOTE" && params[1] === "PASSWORD_CHANGED"
  );
  return isDone ? { kind: "done" } : { kind: "silent" };
}

export type KeyChangeOutcome =
  /** `path`: file of the new key; `before`: file of the previous key, if there was one here. */
  | { readonly kind: "done"; readonly path: string; readonly before: string | undefined }
  | SecretNotChanged;

export type PassphraseChangeOutcome =
  /** `before`: file of the previous key, if there was one here. */
  | { readonly kind: "done"; readonly before: string | undefined }
  | SecretNotChanged;

export type SecretNotChanged =
  | Exclude<SecretChangeOutcome, { kind: "done" }>
  /** Nothing was sent: other changes are in progress. */
  | { readonly kind: "busy"; readonly text: string };

const CHANGE_IN_PROGRESS = {
  kind: "busy",
  text: "another process is changing it; try again",
} as const;
const TOO_MANY_NEXT_KEYS = {
  kind: "busy",
  text: `${MAX_NEXT_KEYS} earlier changes were not answered; try again in ${
    NEXT_KEY_DOUBT_MS / 60_000
  } minutes`,
} as const;

/**
 * Gives the account `name`, which `link` is logged in to, a new key, kept in `dir` for `address`. Throws disk
 * errors.
 */
export async function changeKey(
  link: Link,
  dir: string,
  address: Address,
  name: string,
): Promise<KeyChangeOutcome> {
  using lock = await lockKey(dir, address, name);
  if (lock === undefined) return CHANGE_IN_PROGRESS;
  const { acceptedSecret } = link.session;
  if (acceptedSecret !== undefined) {
    const left = await resolveNextKeys(dir, address, name, acceptedSecret.secret);
    if (left.length >= MAX_NEXT_KEYS) return TOO_MANY_NEXT_KEYS;
  }
  const next = await makeNextKey(dir, address, name);
  const outcome = await changeSecret(link, next.key);
  switch (outcome.kind) {
    case "done":
      markRegistered(dir, address, name); // before it is in its place: a key without a mark may be sent unencrypted
      return { kind: "done", ...await promoteNextKey(dir, address, name, next) };
    case "unsupported":
    case "failed":
      await removeNextKey(next);
      return outcome;
    case "silent":
      return outcome;
    default:
      return unreachable(outcome);
  }
}

/**
 * Gives the account `name`, which `link` is logged in to, the passphrase `secret`. A key that is kept in
 * `dir` for `address` becomes a previous key. Throws disk errors.
 */
export async function changePassphrase(
  link: Link,
  dir: string | undefined,
  address: Address,
  name: string,
  secret: string,
): Promise<PassphraseChangeOutcome> {
  if (dir === undefined) {
    const outcome = await changeSecret(link, secret);
    return outcome.kind === "done" ? { ...outcome, before: undefined } : outcome;
  }
  using lock = await lockKey(dir, address, name);
  if (lock === undefined) return CHANGE_IN_PROGRESS;
  const outcome = await changeSecret(link, secret);
  if (outcome.kind !== "done") return outcome;
  await resolveNextKeys(dir, address, name, secret);
  try {
    return { kind: "done", before: await movePreviousKey(dir, address, name) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "done", before: undefined };
    throw error;
  }
}
