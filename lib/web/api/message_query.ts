/** What a request for messages asks for: the parameters of `GET /api/v1/messages`. Pure. */
import { parseInstant } from "../../base/values/instant.ts";
import { channelFault, isChannelName, isTargetName } from "../../irc/names/name_rules.ts";
import { NAME_FAULT_TEXT } from "../../irc/names/new_name_rules.ts";
import { parseSearchRequest } from "../../irc/search/search_request.ts";
import type { SearchRequest } from "../../irc/search/search_request.ts";
import { isReceiverName } from "./api_call.ts";
import { parseStreamPosition } from "./stream_position.ts";
import type { StreamPosition } from "./stream_position.ts";
import { ApiProblem, invalidValue, unknownName } from "./problem.ts";
import { parseEventKinds } from "./stream_events.ts";
import type { EventKind } from "./stream_events.ts";

/** Most messages of one page. */
export const MAX_PAGE_MESSAGES = 1000;
/** Messages of a page where no number is given. */
const DEFAULT_PAGE_MESSAGES = 100;
/** Longest place of a search, in characters. */
const MAX_PLACE_LENGTH = 200;

export type MessageQuery = HistoryPageQuery | MessageSearch;

export interface HistoryPageQuery {
  readonly kind: "history";
  /** A room, or a nick for a direct conversation. */
  readonly target: string;
  /** Milliseconds since the epoch, inclusive. */
  readonly since: number | undefined;
  /** Milliseconds since the epoch, exclusive. */
  readonly until: number | undefined;
  /** Undefined: not given. */
  readonly limit: number | undefined;
  readonly before: StreamPosition | undefined;
  readonly after: StreamPosition | undefined;
  /** Only the message with this id. */
  readonly id: string | undefined;
  /** What a stream has beside messages; undefined: not given. */
  readonly events: ReadonlySet<EventKind> | undefined;
}

export interface MessageSearch {
  readonly kind: "search";
  readonly request: SearchRequest;
  readonly limit: number;
  /** Where the page before ended. */
  readonly before: string | undefined;
}

const NAMES = [
  "room",
  "with",
  "since",
  "until",
  "limit",
  "before",
  "after",
  "id",
  "search",
  "from",
  "follow",
  "events",
] as const;

type ParameterName = typeof NAMES[number];

/** @throws {ApiProblem} if a parameter is unknown or not valid. */
export function parseMessageQuery(params: URLSearchParams, now: number): MessageQuery {
  checkNames(params);
  const given = (name: ParameterName) => params.get(name) ?? undefined;
  const target = readTarget(given("room"), given("with"));
  const since = readInstant("since", given("since"), now);
  const until = readInstant("until", given("until"), now);
  const limit = readLimit(given("limit"));
  const search = given("search");
  if (search !== undefined) {
    return readSearch(search, { target, since, until, limit, from: given("from"), params, now });
  }
  if (params.has("from")) throw invalidValue("from", "is for a search only");
  if (target === undefined) throw invalidValue("room", "give room or with, or search");
  const [before, after] = [readPosition("before", given("before")), readPosition("after", given("after"))];
  if (before !== undefined && (after !== undefined || since !== undefined)) {
    throw invalidValue("before", "cannot be used with after or since");
  }
  const [id, events] = [readId(given("id")), parseEventKinds(given("events"))];
  return { kind: "history", target, since, until, limit, before, after, id, events };
}

/** The number of messages of a page. */
export function pageLimit({ limit }: Pick<HistoryPageQuery, "limit">): number {
  return limit ?? DEFAULT_PAGE_MESSAGES;
}

function checkNames(params: URLSearchParams): void {
  for (const name of params.keys()) {
    if (!(NAMES as readonly string[]).includes(name)) {
      throw unknownName(name, NAMES);
    }
    if (params.getAll(name).length > 1) throw invalidValue(name, "is given twice");
  }
}

function readTarget(room: string | undefined, nick: string | undefined): string | undefined {
  if (room !== undefined && nick !== undefined) throw invalidValue("room", "cannot be used with with");
  if (nick !== undefined) {
    if (isChannelName(nick) || !isReceiverName(nick)) throw invalidValue("with", "is not a name of a user");
    return nick;
  }
  return room === undefined ? undefined : readRoom("room", room);
}

/** `#ops` for `ops` or `#ops`. */
function readRoom(parameter: string, text: string): string {
  const room = isChannelName(text) ? text : `#${text}`;
  const fault = channelFault(room);
  if (fault !== undefined) throw invalidValue(parameter, NAME_FAULT_TEXT[fault]);
  return room;
}

function readInstant(name: ParameterName, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const time = parseInstant(text, now);
  if (time === undefined) {
    throw invalidValue(name, "is not a time: 10m (ago), 2026-01-31T10:00:00Z, @1795870000");
  }
  return time;
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_PAGE_MESSAGES) {
    throw invalidValue("limit", `is not a number from 1 to ${MAX_PAGE_MESSAGES}`);
  }
  return limit;
}

/** The position in the parameter or header `name`. */
export function readPosition(name: string, text: string | undefined): StreamPosition | undefined {
  if (text === undefined) return undefined;
  const position = parseStreamPosition(text);
  if (position === undefined) throw invalidValue(name, "is neither a message id nor a position");
  return position;
}

function readId(text: string | undefined): string | undefined {
  const position = readPosition("id", text);
  if (position !== undefined && (position.id === undefined || position.hasTime)) {
    throw invalidValue("id", "is not a message id");
  }
  return position?.id;
}

interface SearchParameters {
  readonly target: string | undefined;
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly limit: number | undefined;
  readonly from: string | undefined;
  readonly params: URLSearchParams;
  readonly now: number;
}

function readSearch(text: string, found: SearchParameters): MessageSearch {
  const { target, from, params, limit, now } = found;
  for (const name of ["after", "id", "follow", "events"]) {
    if (params.has(name)) throw invalidValue(name, "cannot be used with search");
  }
  const request = parseSearchRequest(text, now);
  if ("fault" in request) throw invalidValue("search", request.fault);
  if (from !== undefined && !isReceiverName(from)) throw invalidValue("from", "is not a name of a user");
  const [since, until] = [request.since ?? found.since, request.until ?? found.until];
  return {
    kind: "search",
    request: {
      ...request,
      in: target === undefined ? request.in : [...request.in, target],
      from: from === undefined ? request.from : [...request.from, from],
      ...since !== undefined && { since },
      ...until !== undefined && { until },
    },
    limit: limit ?? DEFAULT_PAGE_MESSAGES,
    before: readPlace(params.get("before") ?? undefined),
  };
}

function readPlace(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (text.length > MAX_PLACE_LENGTH || !isTargetName(text)) {
    throw new ApiProblem("invalid", "before: is not the place of a search", {
      members: { parameter: "before" },
    });
  }
  return text;
}
