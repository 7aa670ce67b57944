/** Messages that `send` keeps on disk until the server can be reached. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { stateDir } from "../../lib/cli/files/user_dirs.ts";
import type { ClientLogin } from "../support/client_login.ts";
import type { TextPiece } from "../../lib/client/sending/delivery.ts";
import { openOutbox, OutboxError } from "../../lib/client/sending/outbox_store.ts";
import type { OutboxStore } from "../../lib/client/sending/outbox_store.ts";
import type { DeliveryProblem } from "../../lib/client/sending/submission_outcome.ts";
import { senderKeyOf } from "../../lib/irc/sender_id.ts";
import { describeDeliveryProblem } from "./submission_text.ts";
import type { SubmissionContext, SubmissionFailure } from "./submission_text.ts";

type OutboxLookup = { readonly kind: "ok"; readonly store: OutboxStore | undefined } | {
  readonly kind: "failed";
  readonly code: number;
};

/** The outbox of the name on the server. Without --outbox it is no failure if there can be none. */
export function findOutbox({ address, name }: ClientLogin, needed: boolean, io: Io): OutboxLookup {
  const dir = stateDir(io.env);
  if (dir === undefined) {
    if (!needed) return { kind: "ok", store: undefined };
    const text = "--outbox: there is no state folder (set XDG_STATE_HOME or HOME)";
    return { kind: "failed", code: reportFailure(io, EXIT.badConfig, text) };
  }
  const opened = openOutbox(`${dir}/outbox`, address, name);
  if (opened.kind === "ok") return opened;
  const text = toPrintable(`the outbox cannot be used: ${opened.path}: ${opened.why}`);
  if (needed) return { kind: "failed", code: reportFailure(io, EXIT.ioError, text) };
  reportFailure(io, EXIT.ok, text);
  return { kind: "ok", store: undefined };
}

/** Whether the message can be sent later without doubling anything. */
export function shouldQueue(
  outcome: SubmissionFailure,
): outcome is SubmissionFailure & { kind: "unsent" | "unclear" } {
  return outcome.kind === "unsent" && outcome.isTemporary || outcome.kind === "unclear" && outcome.safe;
}

/** Keeps `pieces`, which the server is not known to have accepted because of `why`: all of them, or none. */
export function storeUnsent(
  store: OutboxStore,
  why: DeliveryProblem,
  context: SubmissionContext,
  pieces: readonly TextPiece[],
  io: Io,
): number {
  const { target, access } = context;
  const at = io.clock.now();
  const added: string[] = [];
  const text = describeDeliveryProblem(why, context, "acknowledgement");
  try {
    const there = new Set(store.list().map(({ id }) => id));
    const key = pieces[0] === undefined ? "" : senderKeyOf(pieces[0].id);
    const isOther = (id: string) => senderKeyOf(id) === key && id !== pieces[0]!.id;
    if ([...there].some(isOther)) {
      throw new OutboxError("id_in_use", `another text waits under the id ${key}`);
    }
    for (const { id, text } of pieces) {
      store.add({ id, target, text, manner: "said", at });
      if (!there.has(id)) added.push(id);
    }
  } catch (error) {
    if (!(error instanceof OutboxError)) throw error;
    reportFailure(io, EXIT.tryAgain, toPrintable(text));
    return reportNotStored(store, added, error, io);
  }
  const then = `kept in the outbox; the next send or join as ${access.name} to this server sends it`;
  return reportFailure(io, EXIT.tryAgain, toPrintable(`${text}; ${then}`));
}

function reportNotStored(store: OutboxStore, added: readonly string[], error: OutboxError, io: Io): number {
  try {
    for (const id of added) store.remove(id);
  } catch (error) {
    if (!(error instanceof OutboxError)) throw error; // the first failure of the disk is reported
  }
  const code = { full: EXIT.cannotCreate, id_in_use: EXIT.malformed, failed: EXIT.ioError }[error.why];
  return reportFailure(io, code, toPrintable(`not kept in the outbox: ${error.message}`));
}
