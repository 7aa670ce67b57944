/**
 * Origin of a record: the line of a relayed session that it was appended for. A front (a process that holds client
 * connections) names its sessions by a counter and numbers the lines of each from 1. Records of sessions without a
 * front have no origin.
 *
 *     <front>.<session>.<line>     front: 1 to 16 of a-z 0-9; numbers in base 36
 */

/** A session as its front names it. A front that starts anew has another name, so no pair is used twice. */
export interface RelayedSession {
  readonly front: string;
  readonly session: number;
}

export interface LineOrigin extends RelayedSession {
  readonly line: number;
}

/** First byte of the payload of a record with an origin; the origin and NUL follow (log/event_codec.ts). */
export const ORIGIN_VERSION = 3;

const ORIGIN = /^([a-z0-9]{1,16})\.([0-9a-z]{1,11})\.([0-9a-z]{1,11})$/;

export function formatLineOrigin({ front, session, line }: LineOrigin): string {
  return `${front}.${session.toString(36)}.${line.toString(36)}`;
}

/** Undefined: `text` is no origin. */
export function parseLineOrigin(text: string): LineOrigin | undefined {
  const [, front, session, line] = ORIGIN.exec(text) ?? [];
  if (front === undefined) return undefined;
  const [nth, number] = [Number.parseInt(session!, 36), Number.parseInt(line!, 36)];
  if (!Number.isSafeInteger(nth) || !Number.isSafeInteger(number)) return undefined;
  return { front, session: nth, line: number };
}

const decoder = new TextDecoder();

/** The origin in the payload of a record; undefined: it has none. */
export function originOf(payload: Uint8Array): LineOrigin | undefined {
  if (payload[0] !== ORIGIN_VERSION) return undefined;
  return parseLineOrigin(decoder.decode(payload.subarray(1, Math.max(1, payload.indexOf(0)))));
}
