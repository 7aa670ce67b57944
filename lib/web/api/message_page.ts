/** A page of records as the body of a response: NDJSON of a bounded size. */
import { encodeUtf8, utf8Length } from "../../base/bytes.ts";
import { formatJsonLine } from "../../cli/json_line.ts";
import type { ResponseShare } from "./response_budget.ts";

/** Longest page, in bytes; one record is given whole, however long it is. */
export const MAX_PAGE_BYTES = 256 * 1024;
/** Bytes that are given to the connection at a time. */
const CHUNK_BYTES = 64 * 1024;

export type PageRecord = Readonly<Record<string, unknown>>;

/** `records` as lines, and how many of them fit a page: the first ones, or the last ones with `fromEnd`. */
export function formatPage(
  records: readonly PageRecord[],
  fromEnd = false,
): { readonly lines: readonly string[]; readonly isCut: boolean } {
  const lines: string[] = [];
  let bytes = 0;
  for (const record of fromEnd ? records.toReversed() : records) {
    const line = formatJsonLine(record);
    bytes += utf8Length(line);
    if (bytes > MAX_PAGE_BYTES && lines.length > 0) return { lines: order(lines, fromEnd), isCut: true };
    lines.push(line);
  }
  return { lines: order(lines, fromEnd), isCut: false };
}

function order(lines: string[], isReversed: boolean): readonly string[] {
  return isReversed ? lines.reverse() : lines;
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
