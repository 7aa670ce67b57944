/**
 * BATCH from a client: a message of several lines (https://ircv3.net/specs/extensions/multiline). Its lines are
 * collected and become one message at the end of the batch. The label of the opening line applies to the whole
 * batch.
 *
 * An error is reported once. After it nothing of the batch is sent to other users, and its remaining lines are
 * ignored silently. Lines outside of the batch may come in between, such as a reply to PING.
 */
import { utf8Length } from "../../../base/bytes.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { parseMessage } from "../../../irc/message.ts";
import type { Message } from "../../../irc/message.ts";
import {
  CONCAT_MARK,
  CONCAT_TAG,
  LINE_END,
  MULTILINE,
  MULTILINE_MAX_BYTES,
  MULTILINE_MAX_LINES,
} from "../../../irc/multiline.ts";
import { SESSION_WORD_BYTES, utf16Bytes } from "../../services/limits/session_memory.ts";
import type { HubContext, Services } from "../../context.ts";
import { supportsMultiline } from "../../output/multiline.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { clientOnlyTags, fitsLine, sendMessage } from "./message.ts";
import type { OpenBatch } from "../../model/state/open_batch.ts";
import type { Param } from "../../output/framed_params.ts";

/** Maximum size of a batch's client-only tags, in wire form: they are held in memory with its text. */
const BATCH_TAGS_MAX_BYTES = 2048;

/**
 * Memory of an open batch without its text, and of one of its lines without the line's text. Measured (V8 of Deno
 * 2.9): 640 and 50.
 */
const OPEN_BATCH_BYTES = 768;
const BATCH_LINE_BYTES = 64;
/** Code, context and description of the refusal for lack of memory. */
const MEMORY_FULL_REFUSAL = [
  "MULTILINE_INVALID",
  [],
  "The server's memory limit for open batches is reached; try again later",
] as const;

/**
 * batch: "Reference tag MUST contain only ASCII letters, numbers, and/or hyphen". The maximum length is our own: a
 * reference names only one batch at a time.
 */
const REFERENCE = /^[A-Za-z0-9-]{1,64}$/;

/**
 * How long a batch may be open before it is discarded. The rate limits let the largest batch through in a fraction
 * of this time; only a client that has lost track of its batch, and is still connected, exceeds it.
 */
export const BATCH_TIMEOUT_MS = 60_000;

/** True if `message` belongs to a batch, or claims to; it has then been handled. */
export function consumeBatchLine(
  context: HubContext,
  services: Services,
  session: Session,
  message: Message,
): boolean {
  if (!supportsMultiline(session.caps) || message.command === "BATCH") return false;
  const ref = message.tags.get("batch");
  const { user, connection: { batch } } = session;
  if (ref === undefined || user === undefined) return false;
  if (batch === undefined || batch.ref !== ref) noSuchBatch(context, session, ref);
  else if (!batch.failed) addBatchLine(context, services, session, user, batch, message);
  return true;
}

/**
 * Fails the open batch because a line was refused unread. The line may have been one of the batch, and a batch that
 * lacks a line is not a message any more.
 */
export function failOpenBatch(context: HubContext, services: Services, session: Session): void {
  if (session.connection.batch?.failed === false) {
    rejectBatch(
      context,
      services,
      session,
      session.connection.batch,
      "MULTILINE_INVALID",
      [],
      "A line of the batch was refused",
    );
  }
}

/** Discards a batch that `session` has left open for too long, by `context.monotonic`; called outside of any line. */
export function expireBatch(context: HubContext, services: Services, session: Session): void {
  const { batch } = session.connection;
  if (batch === undefined || batch.failed || context.monotonic - batch.openedAt < BATCH_TIMEOUT_MS) return;
  discardBatch(services, session, batch);
  const words = "The batch timed out; nothing of it was sent";
  context.sendLabeled(
    session,
    batch.label,
    `:${context.config.serverName} FAIL BATCH TIMEOUT ${batch.ref} :${words}`,
  );
}

/** A batch of which nothing has come but its opening line. `label`: of that line, in wire form. */
function makeBatch(
  { monotonic: openedAt }: HubContext,
  ref: string,
  target: string,
  opening: Message,
  label: string,
): OpenBatch {
  const received = { verb: undefined, text: "", bytes: 0, lines: 0, held: 0, failed: false };
  return { ref, target, opening, label, openedAt, ...received };
}

/**
 * Reports to a restored session that the batch `ref` that it has open is lost; what remains of it is ignored. `label`:
 * of the opening line, in wire form.
 */
export function failLostBatch(context: HubContext, session: Session, ref: string, label: string): void {
  const opened = makeBatch(context, ref, "", parseMessage("BATCH")!, label);
  session.connection.batch = opened;
  opened.failed = true;
  const words = "The server was restarted; nothing of the batch was sent";
  const line = `:${context.config.serverName} FAIL BATCH TEMPORARILY_UNAVAILABLE ${ref} :${words}`;
  context.sendLabeled(session, label, line);
}

function addBatchLine(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  batch: OpenBatch,
  message: Message,
): void {
  const refuse = (code: string, about: readonly Param[], text: string) =>
    rejectBatch(context, services, session, batch, code, about, text);
  const { command, params: [target = "", text = ""], tags } = message;
  if (command !== "PRIVMSG" && command !== "NOTICE" || batch.verb !== undefined && command !== batch.verb) {
    return refuse("MULTILINE_INVALID", [], "A batch must contain only PRIVMSG or only NOTICE");
  }
  if (casefold(target) !== casefold(batch.target)) {
    const about = [batch.target, target];
    return refuse("MULTILINE_INVALID_TARGET", about, "A batch must have one target");
  }
  const joined = tags.has(CONCAT_TAG);
  if (joined && text === "") {
    return refuse("MULTILINE_INVALID", [], "A blank line cannot be joined to the line before it");
  }
  if (++batch.lines > MULTILINE_MAX_LINES) {
    return refuse("MULTILINE_MAX_LINES", [String(MULTILINE_MAX_LINES)], "The batch has too many lines");
  }
  const isFirst = batch.lines === 1;
  batch.bytes += utf8Length(text) + (isFirst || joined ? 0 : 1);
  if (batch.bytes > MULTILINE_MAX_BYTES) {
    return refuse("MULTILINE_MAX_BYTES", [String(MULTILINE_MAX_BYTES)], "The batch is too long");
  }
  if (!fitsLine(user.source, command, target, text)) {
    return refuse("MULTILINE_INVALID", [], "A line of the batch is too long to be delivered whole");
  }
  if (!chargeBatch(services, session, batch, BATCH_LINE_BYTES + utf16Bytes(text))) {
    return refuse(...MEMORY_FULL_REFUSAL);
  }
  batch.verb = command;
  batch.text += isFirst ? text : (joined ? CONCAT_MARK : LINE_END) + text;
}

/** `BATCH +<reference> draft/multiline <target>`, `BATCH -<reference>` */
function batch(
  context: HubContext,
  services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  if (!supportsMultiline(session.caps)) {
    return context.fail(session, "BATCH", "NEED_CAPABILITY", [], `Request batch and ${MULTILINE} first`);
  }
  const [edge = ""] = message.params;
  const ref = edge.slice(1);
  if (edge.startsWith("+")) openBatch(context, services, session, ref, message);
  else if (edge.startsWith("-") && session.connection.batch?.ref === ref) {
    endBatch(context, services, session, user, session.connection.batch);
  } else noSuchBatch(context, session, edge.replace(/^-/, ""));
}

/** An open batch that has failed is replaced by a new one: the client has started again. */
function openBatch(
  context: HubContext,
  services: Services,
  session: Session,
  ref: string,
  message: Message,
): void {
  if (message.tags.has("batch")) {
    return sendBatchFail(context, session, "MULTILINE_INVALID", [], "A batch cannot be inside another batch");
  }
  if (session.connection.batch?.failed === false) {
    const code = session.connection.batch.ref === ref ? "INVALID_REFTAG" : "MULTILINE_INVALID";
    const about = session.connection.batch.ref === ref ? [ref] : [];
    return sendBatchFail(context, session, code, about, "A batch is already open");
  }
  const [, type = "", target = "", ...more] = message.params;
  const label = context.takeLabel();
  const opened = makeBatch(context, ref, target, message, label);
  session.connection.batch = opened;
  const invalid = (text: string) =>
    rejectBatch(context, services, session, opened, "MULTILINE_INVALID", [], text);
  if (!REFERENCE.test(ref)) {
    const words = "A batch reference must be 1 to 64 ASCII letters, digits and hyphens";
    return rejectBatch(context, services, session, opened, "INVALID_REFTAG", [ref], words);
  }
  if (type !== MULTILINE) {
    const words = `The only batch type that clients can send is ${MULTILINE}`;
    return rejectBatch(
      context,
      services,
      session,
      opened,
      "UNKNOWN_TYPE",
      [ref, type],
      words,
    );
  }
  if (target === "" || target.includes(",") || more.length > 0) {
    return invalid("A batch must have one target");
  }
  if (utf8Length(clientOnlyTags(message)) > BATCH_TAGS_MAX_BYTES) {
    return invalid(`A batch can have at most ${BATCH_TAGS_MAX_BYTES} bytes of tags`);
  }
  let bytes = OPEN_BATCH_BYTES + utf16Bytes(ref) + utf16Bytes(target);
  for (const [key, value] of message.tags) {
    bytes += SESSION_WORD_BYTES + utf16Bytes(key) + utf16Bytes(value);
  }
  if (!chargeBatch(services, session, opened, bytes)) {
    rejectBatch(context, services, session, opened, ...MEMORY_FULL_REFUSAL);
  }
}

function endBatch(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  batch: OpenBatch,
): void {
  session.connection.batch = undefined;
  releaseBatchCharge(services, session, batch);
  const { failed, verb, text, target, label, opening } = batch;
  if (failed) return;
  if (verb === undefined || /^\n*$/.test(text)) {
    return rejectBatch(
      context,
      services,
      session,
      batch,
      "MULTILINE_INVALID",
      [],
      "The batch contains no text",
    );
  }
  context.respondWithLabel(
    session,
    label,
    () => sendMessage(context, services, session, user, verb, target, text, opening),
  );
}

/** Charges `bytes` to `batch`; false if that exceeds the memory available to its session. */
function chargeBatch(services: Services, session: Session, batch: OpenBatch, bytes: number): boolean {
  if (!services.sessionMemory.charge(session, bytes)) return false;
  batch.held += bytes;
  return true;
}

/** Sends the error as the reply to the line that opened `batch`, and discards the batch. */
function rejectBatch(
  context: HubContext,
  services: Services,
  session: Session,
  batch: OpenBatch,
  code: string,
  about: readonly Param[],
  text: string,
): void {
  discardBatch(services, session, batch);
  context.respondWithLabel(session, batch.label, () => sendBatchFail(context, session, code, about, text));
}

/** Frees the contents of `batch`; its remaining lines are ignored. */
function discardBatch(services: Services, session: Session, batch: OpenBatch): void {
  batch.failed = true;
  batch.text = "";
  releaseBatchCharge(services, session, batch);
}

/**
 * Releases what {@link chargeBatch} has charged. A second call releases nothing: it would release what
 * something else has charged.
 */
function releaseBatchCharge(services: Services, session: Session, batch: OpenBatch): void {
  services.sessionMemory.release(session, batch.held);
  batch.held = 0;
}

function noSuchBatch(context: HubContext, session: Session, ref: string): void {
  sendBatchFail(context, session, "INVALID_REFTAG", [ref], "No such batch");
}

function sendBatchFail(
  context: HubContext,
  session: Session,
  code: string,
  about: readonly Param[],
  text: string,
): void {
  context.fail(session, "BATCH", code, about, text);
}

export const MULTILINE_BATCH_VERBS: VerbTable = {
  BATCH: { min: 1, who: "user", run: batch },
};

/** Value of the capability. */
export const MULTILINE_VALUE = `max-bytes=${MULTILINE_MAX_BYTES},max-lines=${MULTILINE_MAX_LINES}`;
