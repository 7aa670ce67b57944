/**
 * SEARCH (docs/protocol/search.md): messages with given words, in the rooms that the session is in, the rooms that it
 * names and may read, and its own direct conversations. Nothing else is looked at. An archive searches all history;
 * without one, what the log holds is searched.
 */
import { parseSearchAttributes } from "../../../irc/search/search_attributes.ts";
import type { SearchPage } from "../../../irc/search/search_attributes.ts";
import { toSequences } from "../../../irc/search/search_request.ts";
import { SEARCH_BEFORE } from "../../../irc/vendor_extensions.ts";
import type { Message } from "../../../irc/message.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import type { ArchiveAnswer, SearchAnswer, SearchQuery } from "../../../log/archive.ts";
import type { HubContext, Services } from "../../context.ts";
import { sendSearchReply } from "../../fanout/history/search_reply.ts";
import type { IncompleteReason, SearchHit } from "../../fanout/history/search_reply.ts";
import { searchLog } from "../../history/log_search.ts";
import { redactedSince } from "../../history/recent_redactions.ts";
import type { Session } from "../../model/state/entities.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { parseMsgid } from "../../output/render.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import type { VerbTable } from "../verb.ts";
import {
  conversationsInLog,
  findScope,
  findUnknownChannel,
  isStillReadable,
  toConversationKeys,
} from "./search_scope.ts";
import type { SearchScope } from "./search_scope.ts";

/** Messages of a page if the client gives no limit. */
const DEFAULT_SEARCH_LIMIT = 50;
/** Most messages of a page. */
export const MAX_SEARCH_LIMIT = 100;

/** A search that has begun. */
interface Search {
  readonly scope: SearchScope;
  readonly query: SearchQuery;
  /** Messages of the page. */
  readonly limit: number;
}

function search(context: HubContext, services: Services, session: Session, message: Message): void {
  const page = parseSearchAttributes(message.params[0]!, context.now);
  if ("fault" in page) return failParams(context, session, [page.attribute], page.fault);
  const beforeSeq = page.before === undefined ? undefined : parseMsgid(page.before, context.config.logId);
  if (page.before !== undefined && beforeSeq === undefined) {
    return failParams(context, session, [SEARCH_BEFORE], "This place is not from this server's log");
  }
  const waitMs = services.searchLimits.begin(session, context.monotonic);
  if (waitMs === 0) return context.runInSteps(searchInSteps(context, services, session, page, beforeSeq));
  const seconds = String(Math.ceil(waitMs / 1000));
  context.fail(session, "SEARCH", "RATE_LIMITED", [seconds], `Too many searches: try again in ${seconds} s`);
}

function failParams(context: HubContext, session: Session, params: readonly string[], text: string): void {
  context.fail(session, "SEARCH", "INVALID_PARAMS", params.map((param) => toSafeParam(param)), text);
}

function* searchInSteps(
  context: HubContext,
  services: Services,
  session: Session,
  { request, limit = DEFAULT_SEARCH_LIMIT }: SearchPage,
  beforeSeq: number | undefined,
): WorkSteps {
  const scope = yield* findScope(context, services, session, request.in);
  if (session.closeReason !== undefined) return;
  const { hasLink, since, until } = request;
  const pageLimit = Math.min(limit, MAX_SEARCH_LIMIT);
  const query: SearchQuery = {
    kind: "search",
    ...toConversationKeys(scope),
    terms: toSequences(request.terms),
    excluded: toSequences(request.excluded),
    from: request.from.map(casefold),
    hasLink,
    ...since !== undefined && { after: since - 1 },
    ...until !== undefined && { before: until },
    ...beforeSeq !== undefined && { beforeSeq },
    limit: pageLimit + 1, // one more: whether there is a next page
    until: context.log.nextSeq,
  };
  const started: Search = { scope, query, limit: pageLimit };
  if (!context.config.hasArchive) {
    return context.runInSteps(searchLogOnly(context, services, session, started, undefined));
  }
  const done = (answer: ArchiveAnswer | undefined) => {
    if (session.closeReason !== undefined) return;
    if (answer?.kind === "search" && hasProgress(answer, query)) {
      answerFromArchive(context, services, session, started, answer);
    } else context.runInSteps(searchLogOnly(context, services, session, started, "archive"));
  };
  context.suspend(session, { kind: "archive", session, query, done });
}

/** Whether the next page, if there is one, begins before this one: otherwise a client would ask for it for ever. */
function hasProgress({ isComplete, searchedFrom }: SearchAnswer, { beforeSeq, until }: SearchQuery): boolean {
  return isComplete || searchedFrom < (beforeSeq ?? until!);
}

/** `why`: the reason why the archive is not searched, if there is one. */
function searchLogOnly(
  context: HubContext,
  services: Services,
  session: Session,
  started: Search,
  why: IncompleteReason | undefined,
): WorkSteps {
  const { scope, query } = started;
  const keys = new Map(
    [...conversationsInLog(services, scope)].map(([key, conversation]) => [conversation, key]),
  );
  const isWanted = () => session.closeReason === undefined;
  return searchLog(services.history, keys.keys(), query, isWanted, ({ hits, isComplete, searchedFrom }) => {
    const found = hits.map(({ seq, conversation }) => {
      const key = keys.get(conversation)!;
      const isWhole = conversation.timeline.has(seq) &&
        isStillReadable(context, services, session, scope, key);
      return { seq, channel: key.kind === "channel" ? conversation.name : undefined, isWhole };
    });
    sendPage(context, services, session, started, found, {
      rest: isComplete ? undefined : searchedFrom,
      incomplete: why ?? (isComplete ? undefined : "time"),
      unknown: why === "archive" ? undefined : scope.missing[0], // the archive might have it
    });
  });
}

/** Of what was found, what has been redacted or has become unreadable since the archive was asked is left out. */
function answerFromArchive(
  context: HubContext,
  services: Services,
  session: Session,
  started: Search,
  answer: SearchAnswer,
): void {
  const { scope, query } = started;
  const { hits, isComplete, searchedFrom } = answer;
  const redacted = new Set<number>();
  for (const [, conversation] of conversationsInLog(services, scope)) {
    for (const seq of redactedSince(context.log, conversation, query.until!)) redacted.add(seq);
  }
  const found = hits.map(({ seq, time, payload, conversation: key }) => {
    const isWhole = !redacted.has(seq) && isStillReadable(context, services, session, scope, key);
    const channel = key.kind === "channel" ? scope.channels.get(key.name)?.name ?? key.name : undefined;
    return { seq, channel, record: { time, payload }, isWhole };
  });
  sendPage(context, services, session, started, found, {
    rest: isComplete ? undefined : searchedFrom,
    incomplete: isComplete ? undefined : "time",
    unknown: findUnknownChannel(scope, answer),
  });
}

interface PageEnd {
  /** Nothing before this number was searched. */
  readonly rest: number | undefined;
  readonly incomplete: IncompleteReason | undefined;
  /** A channel of the request that is not there, or that the session may not read. */
  readonly unknown: string | undefined;
}

/** Ends the search with a page of `found`, the newest first. `isWhole`: the message may be shown. */
function sendPage(
  context: HubContext,
  services: Services,
  session: Session,
  { limit }: Search,
  found: readonly (SearchHit & { readonly isWhole: boolean })[],
  { rest, incomplete, unknown }: PageEnd,
): void {
  services.searchLimits.end(session);
  if (unknown !== undefined) {
    // The same whether there is no such room or the session may not know of it.
    return failParams(context, session, ["in", unknown], "There is no such room, or you may not read it");
  }
  const page = found.slice(0, limit);
  const next = found.length > limit ? page.at(-1)!.seq : rest;
  const hits = page.filter(({ isWhole }) => isWhole);
  sendSearchReply(context, services, session, { hits, next, incomplete });
}

export const SEARCH_VERBS: VerbTable = {
  SEARCH: { min: 1, who: "session", run: search },
};
