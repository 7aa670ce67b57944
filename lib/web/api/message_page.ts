/** A page of lines as the body of a response: NDJSON of a bounded size. */
import { encodeUtf8, utf8Length } from "../../base/bytes.ts";
import type { ResponseShare } from "./response_budget.ts";

/** Longest page, in bytes; one record is given whole, however long it is. */
export const MAX_PAGE_BYTES = 256 * 1024;
/** Bytes that are given to the connection at a time. */
const CHUNK_BYTES = 64 * 1024;

/** Those of `lines` that fit a page: the first ones, or the last ones with `fromEnd`. */
export function fitPage(
  lines: readonly string[],
  fromEnd = false,
): { readonly lines: readonly string[]; readonly isCut: boolean } {
  let bytes = 0;
  for (let count = 0; count < lines.length; count++) {
    bytes += utf8Length(lines.at(fromEnd ? -1 - count : count)!);
    if (bytes > MAX_PAGE_BYTES && count > 0) {
      return { lines: fromEnd ? lines.slice(-count) : lines.slice(0, count), isCut: true };
    }
  }
  return { lines, isCut: false };
}

/**
 * `lines` as a body of `length` bytes. Of `share`, which has {@link MAX_PAGE_BYTES}, they keep their part until the client
 * has them.
 */
export function pageBody(
  lines: readonly string[],
  share: ResponseShare,
): { readonly body: ReadableStream<Uint8Array<ArrayBuffer>>; readonly length: number } {
  const bytes = encodeUtf8(lines.join(""));
  const { length } = bytes;
  share.release(Math.max(0, MAX_PAGE_BYTES - length));
  let at = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const chunk = bytes.subarray(at, at += CHUNK_BYTES);
      if (chunk.length > 0) controller.enqueue(chunk);
      if (at < length) return;
      controller.close();
      share.release();
    },
    cancel: () => share.release(),
  }, { highWaterMark: 0 });
  return { body, length };
}
