/**
 * Writes an HTTP response (RFC 9112): its head, and its body as fast as the peer takes it. A body that is complete at
 * once goes out with its length in one write; any other is sent in chunks, each as soon as it is there.
 */
import { concatBytes, encodeUtf8 } from "../../base/bytes.ts";
import { nextLoopIteration } from "../../base/event_loop.ts";
import { closeQuietly, type Conn, writeAll } from "../conn.ts";
import { WRITE_TIMEOUT_MS } from "../send_queue.ts";
import { reasonPhrase } from "./http_request.ts";

/** A write has this size at most, so that a slow peer is told from one that takes nothing. */
const WRITE_BYTES = 64 * 1024;
/** Headers that belong to the connection, which is not the handler's. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set(["connection", "keep-alive", "transfer-encoding"]);

const CR_LF = encodeUtf8("\r\n");
const LAST_CHUNK = encodeUtf8("0\r\n\r\n");
const NO_BYTES = new Uint8Array(0);

/** What the request says about the form of its response. */
export interface ResponseForm {
  readonly method: string;
  /** Minor version of HTTP; HTTP/1.0 knows no chunks. */
  readonly minor: 0 | 1;
  /** Whether another request may follow on the connection; never with HTTP/1.0. */
  readonly keepsAlive: boolean;
  /** Time in which the peer must take some of a part; {@link WRITE_TIMEOUT_MS} by default. */
  readonly writeMs?: number;
}

/**
 * Writes `response`. Returns whether another request may follow; a body that differs from its Content-Length, or that
 * has no end but that of the connection, is the last.
 * @throws if the connection breaks, the peer takes nothing for WRITE_TIMEOUT_MS, or the body fails
 */
export async function writeResponse(conn: Conn, response: Response, form: ResponseForm): Promise<boolean> {
  if (form.method === "HEAD" || response.body === null || isBodiless(response.status)) {
    await response.body?.cancel();
    await writeInTime(conn, encodeHead(response, form, bodilessLength(response, form)), form);
    return form.keepsAlive;
  }
  const reader = response.body.getReader();
  try {
    return await writeWithBody(conn, response, reader, form);
  } catch (error) {
    reader.cancel(error).catch(() => {}); // the body has failed, or its source cannot be stopped
    throw error;
  }
}

type BodyStream = ReadableStreamDefaultReader<Uint8Array>;

async function writeWithBody(
  conn: Conn,
  response: Response,
  reader: BodyStream,
  form: ResponseForm,
): Promise<boolean> {
  const { chunks, isWhole, next } = await readStart(reader);
  const declared = response.headers.get("content-length");
  if (isWhole) {
    const body = concatBytes(chunks);
    const keepsAlive = form.keepsAlive && (declared === null || Number(declared) === body.length);
    const head = encodeHead(response, { ...form, keepsAlive }, declared ?? String(body.length));
    await writeInTime(conn, concatBytes([head, body]), form);
    return keepsAlive;
  }
  const isChunked = declared === null && form.minor === 1;
  const head = encodeHead(response, form, declared ?? (isChunked ? "chunked" : undefined));
  const frame = isChunked ? frameChunk : (bytes: Uint8Array) => bytes;
  await writeInTime(conn, concatBytes([head, ...chunks.map(frame)]), form);
  let written = byteCount(chunks);
  for (let read = await next; !read.done; read = await reader.read()) {
    written += read.value.length;
    await writeInTime(conn, frame(read.value), form);
  }
  if (isChunked) await writeInTime(conn, LAST_CHUNK, form);
  return form.keepsAlive && (declared === null || Number(declared) === written);
}

/** The part of a body that is there at once; `next`: the read that is not complete. */
async function readStart(reader: BodyStream): Promise<{
  readonly chunks: readonly Uint8Array[];
  readonly isWhole: boolean;
  readonly next: Promise<ReadableStreamReadResult<Uint8Array>>;
}> {
  const chunks: Uint8Array[] = [];
  for (let bytes = 0;;) {
    const next = reader.read();
    next.catch(() => {}); // the caller awaits it, after other writes
    const read = bytes < WRITE_BYTES ? await Promise.race([next, nextLoopIteration()]) : undefined;
    if (read === undefined || read.done) return { chunks, isWhole: read?.done === true, next };
    chunks.push(read.value);
    bytes += read.value.length;
  }
}

function byteCount(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** An empty chunk would end the body. */
function frameChunk(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return NO_BYTES;
  return concatBytes([encodeUtf8(`${bytes.length.toString(16)}\r\n`), bytes, CR_LF]);
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 304 || status < 200;
}

/** Content-Length of a response without a body: to HEAD it is that of the body that GET would get, if it is known. */
function bodilessLength({ status, headers }: Response, { method }: ResponseForm): string | undefined {
  if (isBodiless(status)) return undefined;
  return method === "HEAD" ? headers.get("content-length") ?? undefined : "0";
}

/** `length`: Content-Length, `chunked`, or undefined: the body ends with the connection, or there is none. */
function encodeHead(response: Response, form: ResponseForm, length: string | undefined): Uint8Array {
  const lines = [`HTTP/1.1 ${response.status} ${reasonPhrase(response.status)}`];
  for (const [name, value] of response.headers) {
    if (!CONNECTION_HEADERS.has(name) && name !== "content-length") lines.push(`${name}: ${value}`);
  }
  if (!response.headers.has("date")) lines.push(`date: ${new Date().toUTCString()}`);
  if (length !== undefined) {
    lines.push(length === "chunked" ? "transfer-encoding: chunked" : `content-length: ${length}`);
  }
  if (!form.keepsAlive) lines.push("connection: close");
  // Values of headers are byte strings.
  return Uint8Array.from(`${lines.join("\r\n")}\r\n\r\n`, (char) => char.charCodeAt(0));
}

/** Writes all of `bytes`; a peer that does not take a part of it in time is cut off. */
async function writeInTime(
  conn: Conn,
  bytes: Uint8Array,
  { writeMs = WRITE_TIMEOUT_MS }: ResponseForm,
): Promise<void> {
  for (let from = 0; from < bytes.length; from += WRITE_BYTES) {
    const late = setTimeout(() => closeQuietly(conn), writeMs);
    try {
      await writeAll(conn, bytes.subarray(from, from + WRITE_BYTES));
    } finally {
      clearTimeout(late);
    }
  }
}
