/**
 * The parameter of SEARCH (docs/protocol/search.md): attributes in the form of message tags. Clients write it, the
 * server reads it. `text` holds what the attributes of the specification have no place for.
 */
import { parseTimestamp } from "../../base/values/timestamp.ts";
import { formatTags, parseTags } from "../tags.ts";
import { SEARCH_BEFORE } from "../vendor_extensions.ts";
import { findTooManyParts, formatSearchRequest, parseSearchRequest } from "./search_request.ts";
import type { SearchFault, SearchRequest } from "./search_request.ts";

/** A request, and which part of its matches is wanted. */
export interface SearchPage {
  readonly request: SearchRequest;
  /** Most messages. */
  readonly limit?: number;
  /** Where the last page ended ({@link SearchRest}). */
  readonly before?: string;
}

export interface AttributeFault extends SearchFault {
  /** The attribute that is wrong. */
  readonly attribute: string;
}

/** `in=#dev;text=deploy*;limit=50` */
export function formatSearchAttributes({ request, limit, before }: SearchPage): string {
  const { in: places, from, since, until, ...rest } = request;
  const text = formatSearchRequest({ ...rest, in: [], from: [] });
  const attributes = new Map<string, string>();
  if (places.length > 0) attributes.set("in", places.join(","));
  if (from.length > 0) attributes.set("from", from.join(","));
  // The specification includes both times.
  if (since !== undefined) attributes.set("after", new Date(since).toISOString());
  if (until !== undefined) attributes.set("before", new Date(until - 1).toISOString());
  if (text !== "") attributes.set("text", text);
  if (limit !== undefined) attributes.set("limit", String(limit));
  if (before !== undefined) attributes.set(SEARCH_BEFORE, before);
  return formatTags(attributes);
}

/** Reads what {@link formatSearchAttributes} writes, and what other clients write. */
export function parseSearchAttributes(param: string, now: number): SearchPage | AttributeFault {
  const attributes = parseTags(param);
  const unknown = [...attributes.keys()].find((key) => !KNOWN.has(key));
  if (unknown !== undefined) return { attribute: unknown, fault: "There is no such attribute" };
  const written = parseSearchRequest(attributes.get("text") ?? "", now);
  if ("fault" in written) return { attribute: "text", fault: written.fault };
  const limit = attributes.get("limit");
  if (limit !== undefined && !/^0*[1-9]\d{0,8}$/.test(limit)) {
    return { attribute: "limit", fault: "The limit must be a whole number above 0" };
  }
  const times = readTimes(attributes, written);
  if ("fault" in times) return times;
  const { since: _since, until: _until, ...rest } = written;
  const request = {
    ...rest,
    ...times,
    in: written.in.length > 0 ? written.in : splitNames(attributes.get("in")),
    from: written.from.length > 0 ? written.from : splitNames(attributes.get("from")),
  };
  const tooMany = findTooManyParts(request);
  if (tooMany !== undefined) {
    return { attribute: request.from.length > request.in.length ? "from" : "in", ...tooMany };
  }
  const before = attributes.get(SEARCH_BEFORE);
  return {
    request,
    ...limit !== undefined && { limit: Number(limit) },
    ...before !== undefined && { before },
  };
}

const KNOWN: ReadonlySet<string> = new Set(["in", "from", "after", "before", "text", "limit", SEARCH_BEFORE]);

/** What is written in `text` and in the attributes holds together. */
function readTimes(
  attributes: ReadonlyMap<string, string>,
  { since, until }: SearchRequest,
): Pick<SearchRequest, "since" | "until"> | AttributeFault {
  let [from, to] = [since, until];
  for (const attribute of ["after", "before"] as const) {
    const value = attributes.get(attribute);
    if (value === undefined) continue;
    const time = parseTimestamp(value);
    if (time === undefined) return { attribute, fault: "The time must be YYYY-MM-DDThh:mm:ss.sssZ" };
    if (attribute === "after") from = Math.max(time, since ?? -Infinity);
    else to = Math.min(time + 1, until ?? Infinity);
  }
  return { ...from !== undefined && { since: from }, ...to !== undefined && { until: to } };
}

function splitNames(value = ""): string[] {
  return value.split(",").filter((name) => name !== "");
}
