/** `POST /api/v1/messages`: sends a text, as `chatterbox send` does. */
import { unreachable } from "../../base/assert.ts";
import { utf8Length } from "../../base/bytes.ts";
import type { Acknowledgement, DeliveryOutcome } from "../../client/sending/delivery.ts";
import { splitIntoMultilinePieces, TextDelivery } from "../../client/sending/delivery.ts";
import { ReceiptWaiter } from "../../client/sending/receipt_waiter.ts";
import { acknowledgesWhenDurable } from "../../client/sending/receipts.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { TokenScope } from "../../irc/token_scopes.ts";
import { isSenderId, isSenderKey, SENDER_KEY_RULE } from "../../irc/sender_id.ts";
import {
  isReceiverName,
  jsonResponse,
  mediaType,
  parseJson,
  readBearerToken,
  readBodyText,
  requireScope,
} from "./api_call.ts";
import type { ApiCall } from "./api_call.ts";
import type { ApiSession } from "./api_session.ts";
import { ApiProblem, invalidValue, unknownName } from "./problem.ts";

/** Longest text, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 64 * 1024;
/** Longest body: the text in JSON with an escape for each byte, and the names around it. */
export const MAX_MESSAGE_BODY_BYTES = 6 * MAX_TEXT_BYTES + 4096;
/** From the login to the answer, so that the session is closed before the hub replays messages to it. */
const SEND_TIMEOUT_MS = 5_000;
/** Random bytes of an id where the client gives none. */
const ID_BYTES = 16;

/** Members of a message in JSON. */
const MEMBERS: readonly string[] = ["to", "text", "id", "wait"];
const WAITS = ["accepted", "durable"] as const;
type Wait = typeof WAITS[number];

export interface OutgoingMessage {
  /** A room, or a nick. */
  readonly to: string;
  readonly text: string;
  /** The sender id: the same message sent again with it is stored once. */
  readonly id: string;
  /** Undefined: the state in which the server acknowledges anyway. */
  readonly wait: Wait | undefined;
}

export async function postMessage(call: ApiCall): Promise<Response> {
  const token = readBearerToken(call.request);
  const { server: { sessions }, from } = call;
  await sessions.check({ token, from, role: "user" }); // a body is read of clients only that may send
  const message = await readMessage(call);
  return await postWithToken(call, token, () => message);
}

/**
 * Sends with `token` the message that `makeMessage` makes for its scopes.
 * @throws {ApiProblem} if it is not known to be stored, or not known to be durable where that is wanted.
 */
export async function postWithToken(
  { server: { sessions }, from }: ApiCall,
  token: string,
  makeMessage: (scopes: readonly TokenScope[]) => OutgoingMessage,
): Promise<Response> {
  return await sessions.use({ token, from, role: "user" }, async (session) => {
    const message = makeMessage(session.scopes);
    requireScope(session.scopes, { kind: "send", target: message.to });
    return await deliver(session, message);
  });
}

async function deliver({ link }: ApiSession, message: OutgoingMessage): Promise<Response> {
  const { to, text, id, wait } = message;
  const end = performance.now() + SEND_TIMEOUT_MS;
  const remainingMs = () => end - performance.now();
  const pieces = splitIntoMultilinePieces(text, id, to, link);
  if (!isSenderId(pieces.at(-1)!.id)) {
    throw invalidValue("id", `this text makes ${pieces.length} messages, and the id of the last is too long`);
  }
  const delivery = new TextDelivery(to, pieces);
  const outcome = await delivery.sendOver(link, remainingMs);
  if (outcome.kind !== "accepted") throw describeRejection(outcome, message, delivery);
  const isAlwaysDurable = acknowledgesWhenDurable(link.session);
  if (wait === "durable" && !isAlwaysDurable) {
    const waiter = new ReceiptWaiter("durable", delivery);
    const waited = await waiter.waitOver(link, remainingMs);
    if (waited.kind !== "done") {
      const why = "text" in waited ? waited.text : "there was no answer in time";
      throw new ApiProblem(
        "not_durable",
        `the message was accepted, but is not known to be on disk: ${why}`,
        {
          members: describeAccepted(message, delivery, null),
        },
      );
    }
  }
  const durable = wait === "durable" || isAlwaysDurable ? true : null;
  const accepted = describeAccepted(message, delivery, durable);
  return jsonResponse(accepted, 201, { location: locationOf(to, accepted.id) });
}

/** `{id, seq, time, durable, queued, to, key}` of the first message, and `more` for each further one. */
function describeAccepted({ to, id: key }: OutgoingMessage, delivery: TextDelivery, durable: true | null) {
  const accepted = delivery.acknowledgements.flatMap((each) =>
    each === undefined ? [] : describeReceipt(each)
  );
  const [first = { id: null, seq: null, time: null, queued: false }, ...more] = accepted;
  return { ...first, durable, to, key, ...more.length > 0 && { more } };
}

function describeReceipt({ id, seq, time, queued }: Acknowledgement) {
  return {
    id: id ?? null,
    seq: seq ?? null,
    time: time === undefined ? null : new Date(time).toISOString(),
    queued,
  };
}

function locationOf(to: string, id: string | null): string {
  const place = new URLSearchParams({ [isChannelName(to) ? "room" : "with"]: to, ...id !== null && { id } });
  return `/api/v1/messages?${place}`;
}

function describeRejection(
  outcome: Exclude<DeliveryOutcome, { kind: "accepted" }>,
  message: OutgoingMessage,
  delivery: TextDelivery,
): ApiProblem {
  const members = { key: message.id };
  const count = delivery.pieces.length - delivery.remainingPieces.length;
  const stored = count === 0
    ? ""
    : `; ${count} of the ${delivery.pieces.length} messages of this text are stored`;
  switch (outcome.kind) {
    case "no_such_target":
      return new ApiProblem("no_such_target", outcome.text + describeRoomHint(outcome.room) + stored);
    case "too_long":
      return new ApiProblem("invalid", outcome.text + stored, { members: { parameter: "text" } });
    case "refused":
      return new ApiProblem("refused", outcome.text + stored);
    case "id_in_use":
      return new ApiProblem("id_in_use", outcome.text + stored, { members });
    case "timed_out":
    case "lost":
    case "unrecognised": {
      const sent = delivery.acknowledgements.some((each) => each !== undefined) || delivery.hasDoubtfulPieces;
      const why = outcome.kind === "lost" ? `: ${outcome.text}` : "";
      return sent
        ? new ApiProblem("unclear", `no answer${why}; sent again with this key it is stored once`, {
          members,
        })
        : new ApiProblem("unavailable", `the message was not sent${why}`, { members });
    }
    default:
      return unreachable(outcome);
  }
}

/** For a name without its #. */
function describeRoomHint(room: string | undefined): string {
  return room === undefined ? "" : `; the room is ${room}`;
}

async function readMessage({ request, url }: ApiCall): Promise<OutgoingMessage> {
  const type = mediaType(request);
  const key = readIdempotencyKey(request);
  const named = type === "" ? "missing" : JSON.stringify(type);
  switch (type) {
    case "application/json": {
      checkParameters(url, []);
      return readJsonMessage(parseJson(await readBodyText(request, MAX_MESSAGE_BODY_BYTES)), key);
    }
    case "text/plain": {
      checkParameters(url, ["to", "wait", "id"]);
      const given = Object.fromEntries(url.searchParams);
      const text = await readBodyText(request, MAX_TEXT_BYTES);
      return checkMessage({ ...given, text }, key);
    }
    default:
      throw new ApiProblem(
        "unsupported_type",
        `Content-Type is ${named}: send application/json or text/plain`,
        {
          headers: { "accept-post": "application/json, text/plain" },
        },
      );
  }
}

function checkParameters({ searchParams }: URL, known: readonly string[]): void {
  for (const name of searchParams.keys()) {
    if (!known.includes(name)) throw unknownName(name, known);
    if (searchParams.getAll(name).length > 1) throw invalidValue(name, "is given twice");
  }
}

function readJsonMessage(value: unknown, key: string | undefined): OutgoingMessage {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidValue("body", "is not an object");
  }
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw unknownName(unknown, MEMBERS, "member");
  return checkMessage({ ...value }, key);
}

/** @throws {ApiProblem} if a member is missing or not valid. */
function checkMessage(value: Readonly<Record<string, unknown>>, key: string | undefined): OutgoingMessage {
  const { to, text, id = key, wait } = value;
  if (typeof to !== "string" || !isReceiverName(to)) {
    throw invalidValue("to", "is not a name of a user or #room");
  }
  if (typeof text !== "string") throw invalidValue("text", "is not a string");
  checkText(text);
  const goal = WAITS.find((each) => each === wait);
  if (wait !== undefined && goal === undefined) throw invalidValue("wait", "is neither accepted nor durable");
  if (key !== undefined && id !== key) throw invalidValue("id", "is not the Idempotency-Key");
  if (id !== undefined && (typeof id !== "string" || !isSenderKey(id))) {
    throw invalidValue("id", `is not ${SENDER_KEY_RULE}`);
  }
  return { to, text: text.toWellFormed(), id: id ?? makeSenderId(), wait: goal };
}

/** @throws {ApiProblem} if `text` cannot be a message. */
function checkText(text: string): void {
  if (/^[\r\n]*$/.test(text)) throw invalidValue("text", "is empty");
  if (text.includes("\0")) throw invalidValue("text", "has a NUL character, which messages cannot contain");
  if (utf8Length(text) > MAX_TEXT_BYTES) {
    throw new ApiProblem("too_large", `the text is longer than ${MAX_TEXT_BYTES} bytes`);
  }
}

export function makeSenderId(): string {
  return crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
}

/** The key in the header, with or without the quotes of a structured field (RFC 9651). */
export function readIdempotencyKey({ headers }: Request): string | undefined {
  const value = headers.get("idempotency-key");
  if (value === null) return undefined;
  const key = /^"([^"\\]*)"$/.exec(value)?.[1] ?? value;
  if (isSenderKey(key)) return key;
  throw invalidValue("Idempotency-Key", `is not ${SENDER_KEY_RULE}`);
}
