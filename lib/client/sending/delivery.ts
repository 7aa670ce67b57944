/**
 * Delivery of a text of any length to one target: in as many messages as necessary, each acknowledged, over
 * as many connections as necessary.
 */
import { nodeModules } from "../../base/platform/node_modules.ts";
import { utf8Length } from "../../base/bytes.ts";
import { CRLF_BYTES, HOSTLEN, MAX_LINE_BYTES, USERLEN } from "../../irc/limits.ts";
import type { Message } from "../../irc/message.ts";
import {
  ERR_INPUTTOOLONG,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_NOTEXTTOSEND,
  RPL_AWAY,
} from "../../irc/numerics.ts";
import { isMultiline } from "../../irc/multiline.ts";
import { maxTextBytes as maxTextBytesAnywhere, splitText } from "../../irc/text_splitter.ts";
import { PART_HASH_LENGTH } from "../../irc/sender_id.ts";
import { ONLINE_TAG, QUEUED_CODE, SENDER_ID_TAG, SEQ_TAG } from "../../irc/vendor_extensions.ts";
import type { Conn } from "../../net/conn.ts";
import { parseWireCount, parseWireTime } from "../../irc/wire_number.ts";
import type { Link, RequestOutcome } from "../connection/link.ts";
import { deduplicatesMessages, supportsReceipts } from "../conversation/model/server_features.ts";
import { describeFailure, findFailureReply, replyText } from "../session/failure_reply.ts";
import {
  makeMultilineBatch,
  readMultilineLimits,
  splitIntoBatchTexts,
} from "../conversation/model/multiline_text.ts";
import { findRoomNamed } from "./room_lookup.ts";

/** What the server reports of an accepted message; undefined: it does not report it. */
export interface Acknowledgement {
  readonly id: string | undefined;
  readonly seq: number | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number | undefined;
  /** The receiver is offline; the server will deliver the message when they return. */
  readonly queued: boolean;
}

/** One of the messages into which a text is split. */
export interface TextPiece {
  /** The sender id. */
  readonly id: string;
  /** One line, or several in the form of `irc/multiline.ts`. */
  readonly text: string;
  /** Tags beside that of the id, for a server that takes tags. */
  readonly tags?: ReadonlyMap<string, string> | undefined;
}

/** The server refused the message; `text` says why. */
export interface Rejection {
  /** `id_in_use`: the sender's id stands for another message. */
  readonly kind: "no_such_target" | "too_long" | "refused" | "id_in_use";
  readonly text: string;
  /** With `no_such_target`: the room that has the name of the target behind its #. */
  readonly room?: string;
}

/** The server did not answer: it is unknown whether the message has arrived. */
export type NoResponse = { readonly kind: "timed_out" } | { readonly kind: "lost"; readonly text: string };

export type SendOutcome =
  | { readonly kind: "accepted"; readonly receipt: Acknowledgement; readonly away: string | undefined }
  | Rejection
  | NoResponse;

export type DeliveryOutcome =
  | { readonly kind: "accepted" }
  | Rejection
  | NoResponse
  /** A message may have arrived, and this server would store it a second time. */
  | { readonly kind: "unrecognised" };

/** A carrier that cannot be used. */
export interface UnusableCarrier {
  readonly kind: "unusable_carrier";
  /**
   * `no_server`: no server that can be reached by it runs; one may later. Another attempt would fail as well with
   * `other_server`, where it leads to another server than the one that is connected, and `broken`, where it is damaged.
   */
  readonly why: "no_server" | "other_server" | "broken";
  readonly text: string;
}

export type CarrierFault = NoResponse | UnusableCarrier;

/** Another way to the server for what is sent than the connection: the inbox of a server on this machine. */
export interface TextCarrier {
  /** `conn`, with the other way for what is written to it after {@link begin}. */
  wrap(conn: Conn): Conn;
  /** Takes the other way for what `link` sends from now on; resolves with the reason if that is not possible. */
  begin(link: Link, timeoutMs: number): Promise<CarrierFault | undefined>;
  /** Resolves if message `id` is found accepted before the server has answered; may never do. */
  accepted(id: string): Promise<Acknowledgement>;
  /** Why the other way cannot be used any more; undefined: it can. */
  readonly fault: UnusableCarrier | undefined;
}

/** Messages sent and not acknowledged at a time. More would only fill the server's receive queue. */
export const WINDOW_MESSAGES = 16;

/** Longest user or host that is accepted from ISUPPORT: with both, half of a line is left for the text. */
const MAX_SOURCE_PART_BYTES = 100;

/**
 * Bytes of text that fit one message to `target`. Receivers get it with `:nick!user@host` in front, for which
 * the longest user and host are assumed: a longer text would be cut, or refused.
 */
export function availableTextBytes(link: Link, target: string): number {
  const { isupport } = link.session;
  const length = (token: string, otherwise: number) =>
    parseWireCount(isupport.get(token), MAX_SOURCE_PART_BYTES) || otherwise;
  const source = 1 + utf8Length(link.nick) + 1 + length("USERLEN", USERLEN) + 1 + length("HOSTLEN", HOSTLEN);
  return MAX_LINE_BYTES - CRLF_BYTES - source - utf8Length(` PRIVMSG ${target} :`);
}

/**
 * Splits `text` into pieces. The only one has `id`; of several the first has `id~H`, the others `id~H.1`, `id~H.2`, …,
 * where H is a hash of the text: under `id` the server takes no other text, and no piece of it. A ChatterBox server accepts
 * longer ones from most senders, but the same text is always split in the same places, so that the server
 * recognises its pieces by their ids. `link` may have lower limits; without one they are those of a
 * ChatterBox server.
 */
export function splitIntoPieces(text: string, id: string, target: string, link?: Link): TextPiece[] {
  const anywhere = maxTextBytesAnywhere("PRIVMSG", target);
  const maxBytes = link === undefined ? anywhere : Math.min(anywhere, availableTextBytes(link, target));
  return makePieces(splitText(text, maxBytes), text, id);
}

/**
 * As {@link splitIntoPieces}, but into as few multiline messages as possible, if the server of `link`
 * supports them.
 */
export function splitIntoMultilinePieces(text: string, id: string, target: string, link: Link): TextPiece[] {
  const limits = readMultilineLimits(link.session);
  if (limits === undefined) return splitIntoPieces(text, id, target, link);
  const maxBytes = Math.min(maxTextBytesAnywhere("PRIVMSG", target), availableTextBytes(link, target));
  return makePieces(splitIntoBatchTexts(text, maxBytes, limits), text, id);
}

function makePieces(parts: readonly string[], whole: string, id: string): TextPiece[] {
  if (parts.length === 1) return [{ id, text: parts[0]! }];
  const digest = nodeModules.crypto.createHash("sha256").update(whole).digest("base64url");
  const hash = digest.slice(0, PART_HASH_LENGTH);
  return parts.map((text, nth) => ({ id: `${id}~${hash}${nth === 0 ? "" : `.${nth}`}`, text }));
}

/** Batches opened so far; a reference is used once. */
let batches = 0;

/**
 * Sends one message, with its id if the server supports that. `online`: only to a receiver who is online (a
 * server that queues messages knows this tag; others refuse the message anyway).
 */
export async function sendPiece(
  link: Link,
  target: string,
  piece: TextPiece,
  timeoutMs: number,
  online = false,
): Promise<SendOutcome> {
  const outcome = await requestPiece(link, target, piece, timeoutMs, online);
  return outcome.kind === "refused" ? outcome : classifyResponse(outcome);
}

/** As {@link sendPiece}; resolves with the lines of the response. */
export async function requestPiece(
  link: Link,
  target: string,
  { id, text, tags: more }: TextPiece,
  timeoutMs: number,
  online = false,
): Promise<RequestOutcome | Rejection & { readonly kind: "refused" }> {
  const given = new Map(link.session.caps.has("message-tags") ? more : undefined);
  if (supportsReceipts(link.session)) {
    given.set(SENDER_ID_TAG, id);
    if (online) given.set(ONLINE_TAG, "");
  }
  const tags = given.size === 0 ? undefined : given;
  if (!isMultiline(text)) {
    return await link.request({ tags, command: "PRIVMSG", params: [target, text] }, timeoutMs);
  }
  if (readMultilineLimits(link.session) === undefined) {
    return { kind: "refused", text: "the server no longer supports messages of several lines" };
  }
  const { opening, rest } = makeMultilineBatch(target, text, tags, `b${++batches}`);
  return await link.request(opening, timeoutMs, rest);
}

/** The pieces for one target, and what is known of each. */
export class TextDelivery {
  /** The acknowledgement of each piece; undefined: it is not accepted. */
  readonly acknowledgements: (Acknowledgement | undefined)[];
  /** The number of the connection over which each piece was accepted: 1, 2, …; 0: none. */
  readonly #acceptedOver: number[];
  /** Pieces that were sent and not answered. */
  readonly #doubtful = new Set<number>();
  #connections = 0;
  #awayTold = false;
  #queuedTold = false;

  /** `requiresOnline`: as in {@link sendPiece}. `carrier` may know of an acceptance before the server answers. */
  constructor(
    readonly target: string,
    readonly pieces: readonly TextPiece[],
    readonly requiresOnline = false,
    readonly carrier?: Pick<TextCarrier, "accepted">,
  ) {
    this.acknowledgements = pieces.map(() => undefined);
    this.#acceptedOver = pieces.map(() => 0);
  }

  /** Whether a piece may have arrived without an acknowledgement. */
  get hasDoubtfulPieces(): boolean {
    return this.#doubtful.size > 0;
  }

  /** The pieces that are not accepted, in order. */
  get remainingPieces(): TextPiece[] {
    return this.pieces.filter((_, nth) => this.acknowledgements[nth] === undefined);
  }

  /**
   * Sends the pieces that are not accepted yet, in order, up to the first that is not accepted now.
   * `remainingMs`: for all of them. `onAway` gets the message of a receiver who is away, once; `onQueued` is
   * called once if the receiver is offline.
   */
  async sendOver(
    link: Link,
    remainingMs: () => number,
    onAway?: (text: string) => void,
    onQueued?: () => void,
  ): Promise<DeliveryOutcome> {
    if (this.hasDoubtfulPieces && !deduplicatesMessages(link.session)) return { kind: "unrecognised" };
    this.#connections++;
    const waiting = [...this.pieces.keys()].filter((nth) => this.acknowledgements[nth] === undefined);
    // The first alone: where its id stands for another text, or the receiver takes none, nothing is stored of the rest.
    let size = 1;
    for (let start = 0; start < waiting.length; start += size, size = WINDOW_MESSAGES) {
      if (remainingMs() <= 0) return { kind: "timed_out" };
      const window = waiting.slice(start, start + size);
      const outcomes = await Promise.all(window.map((nth) => this.#sendPiece(link, nth, remainingMs())));
      for (const outcome of outcomes) {
        if (outcome.kind === "no_such_target") {
          const room = await findRoomNamed(link, this.target, remainingMs());
          return room === undefined ? outcome : { ...outcome, room };
        }
        if (outcome.kind !== "accepted") return outcome;
        if (outcome.receipt.queued && !this.#queuedTold) {
          this.#queuedTold = true;
          onQueued?.();
        }
        if (outcome.away === undefined || this.#awayTold) continue;
        this.#awayTold = true;
        onAway?.(outcome.away);
      }
    }
    return { kind: "accepted" };
  }

  /** All pieces that were accepted over the same connection as piece `nth`. */
  listPiecesOfSameConnection(nth: number): number[] {
    return [...this.pieces.keys()].filter((other) => this.#acceptedOver[other] === this.#acceptedOver[nth]);
  }

  /** The server has lost piece `nth`, and perhaps others of the same connection: they will be sent again. */
  forget(nth: number): void {
    for (const lost of this.listPiecesOfSameConnection(nth)) {
      this.acknowledgements[lost] = undefined;
      this.#doubtful.add(lost);
    }
  }

  async #sendPiece(link: Link, nth: number, timeoutMs: number): Promise<SendOutcome> {
    if (link.isAlive) this.#doubtful.add(nth);
    const piece = this.pieces[nth]!;
    const response = sendPiece(link, this.target, piece, Math.max(0, timeoutMs), this.requiresOnline);
    const outcome = await (this.carrier === undefined ? response : Promise.race([
      response,
      this.carrier.accepted(piece.id).then((receipt): SendOutcome => {
        return { kind: "accepted", receipt, away: undefined };
      }),
    ]));
    if (outcome.kind === "timed_out" || outcome.kind === "lost") return outcome;
    this.#doubtful.delete(nth);
    if (outcome.kind === "accepted") {
      this.acknowledgements[nth] = outcome.receipt;
      this.#acceptedOver[nth] = this.#connections;
    }
    return outcome;
  }
}

const NO_SUCH_TARGET = new Set([ERR_NOSUCHNICK, ERR_NOSUCHCHANNEL]);
const BAD_TEXT = new Set([ERR_INPUTTOOLONG, ERR_NOTEXTTOSEND]);

export function classifyResponse(outcome: RequestOutcome): SendOutcome {
  if (outcome.kind !== "answered") return outcome;
  const { lines } = outcome;
  const failure = findFailureReply(lines);
  if (failure === undefined) {
    const away = lines.find((line) => line.command === RPL_AWAY);
    const queued = lines.some(({ command, params }) => command === "NOTE" && params[1] === QUEUED_CODE);
    return {
      kind: "accepted",
      receipt: parseAcknowledgement(lines.find((line) => line.command === "PRIVMSG"), queued),
      away: away && replyText(away),
    };
  }
  return { kind: classifyFailure(failure), text: describeFailure(failure) };
}

function classifyFailure({ command, params: [, code] }: Message): Rejection["kind"] {
  if (command === "FAIL" && code === "ID_IN_USE") return "id_in_use";
  if (NO_SUCH_TARGET.has(command)) return "no_such_target";
  return BAD_TEXT.has(command) ? "too_long" : "refused";
}

function parseAcknowledgement(echo: Message | undefined, queued: boolean): Acknowledgement {
  return {
    id: echo?.tags.get("msgid"),
    seq: parseWireCount(echo?.tags.get(SEQ_TAG)),
    time: parseWireTime(echo?.tags.get("time")),
    queued,
  };
}
