/**
 * Gives an account another key or passphrase, with `PASSWD` of our servers. The name is the account's all the time.
 *
 * A new key is on the disk before the server hears it (`NAME+next`), and takes the place of the one of before after the server's word.
 * A process that is cut off between the two leaves both, and the next login finds out which one it is (`keyring.ts`).
 */
import { unreachable } from "../base/assert.ts";
import { ERR_UNKNOWNCOMMAND } from "../irc/numerics.ts";
import type { Address } from "../net/address.ts";
import { keepNextKey, makeNextKey, moveBefore, removeNextKey } from "./identity.ts";
import { markGiven } from "./keyring.ts";
import type { Link } from "./link.ts";
import { failureOf, textOf } from "./refusal.ts";

export type ChangeOutcome =
  | { readonly kind: "done" }
  /** The server knows no such thing. */
  | { readonly kind: "unsupported" }
  /** The old secret holds. `passing`: later it may be otherwise. */
  | { readonly kind: "failed"; readonly text: string; readonly passing: boolean }
  /** The server has not answered: either of the two may hold. */
  | { readonly kind: "silent" };

/** Gives the account that `link` is logged in to the passphrase or key `secret`. */
export async function changeSecret(link: Link, secret: string): Promise<ChangeOutcome> {
  const outcome = await link.request({ command: "PASSWD", params: [secret] });
  if (outcome.kind !== "answered") return { kind: "silent" };
  const failure = failureOf(outcome.lines);
  if (failure?.command === ERR_UNKNOWNCOMMAND) return { kind: "unsupported" };
  if (failure !== undefined) {
    return {
      kind: "failed",
      text: textOf(failure),
      passing: failure.params[1] === "TEMPORARILY_UNAVAILABLE",
    };
  }
  const isDone = outcome.lines.some(({ command, params }) =>
    command === "NOTE" && params[1] === "PASSWORD_CHANGED"
  );
  return isDone ? { kind: "done" } : { kind: "silent" };
}

export type KeyChangeOutcome =
  /** `path`: of the new key; `before`: of the one of before, if there was one here. */
  | { readonly kind: "done"; readonly path: string; readonly before: string | undefined }
  | Exclude<ChangeOutcome, { kind: "done" }>;

/** Gives the account `name`, which `link` is logged in to, a new key, kept in `dir` as that of `address`. Throws what the disk does. */
export async function changeKey(
  link: Link,
  dir: string,
  address: Address,
  name: string,
): Promise<KeyChangeOutcome> {
  const outcome = await changeSecret(link, await makeNextKey(dir, address, name));
  switch (outcome.kind) {
    case "done": {
      const before = await retireKey(dir, address, name);
      const path = await keepNextKey(dir, address, name);
      markGiven(dir, address, name);
      return { kind: "done", path, before };
    }
    case "unsupported":
    case "failed":
      await removeNextKey(dir, address, name);
      return outcome;
    case "silent":
      return outcome;
    default:
      return unreachable(outcome);
  }
}

/** The key of `name` at `address` is that of the account no more: where it is kept now; undefined: there was none. */
export async function retireKey(dir: string, address: Address, name: string): Promise<string | undefined> {
  try {
    return await moveBefore(dir, address, name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
