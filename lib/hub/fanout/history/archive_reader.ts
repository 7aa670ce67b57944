/**
 * Reading the archive for a session: as steps (work_steps.ts) of its line, which waits for each answer while the lines
 * of others run. When an answer comes, rights have to be checked again, and the session may have ended.
 */
import { casefold } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type {
  AnswerTo,
  ArchiveAnswer,
  ArchiveQuery,
  ConversationKey,
  EntryKind,
  PageAnswer,
} from "../../../log/archive.ts";
import type { HubContext, Services } from "../../context.ts";
import {
  emptyPage,
  nameInPage,
  noteArchivedTimes,
  viewStretch,
} from "../../history/paging/archive_stretch.ts";
import { viewHeld, viewLogged } from "../../history/paging/history_view.ts";
import type { HistoryView } from "../../history/paging/history_view.ts";
import {
  archiveQueryFor,
  isAnsweredByLog,
  isForwardIn,
  selectPage,
} from "../../history/paging/page_request.ts";
import type { PageRequest } from "../../history/paging/page_request.ts";
import type { LoggedMessage } from "../../history/history_index.ts";
import { decodeEvent, EVENT_MAX_BYTES } from "../../log/event_codec.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import { ownerOf } from "../../model/state/entities.ts";
import { runAllSteps } from "../../model/work_steps.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import type { Session } from "../../model/state/entities.ts";

/** Steps that result in a `Result`. */
export type StepsFor<Result> = Generator<number, Result>;

/**
 * Most queries for one page. One is asked again where the channel has had another name at the archive's cursor, or
 * where the anchors of BETWEEN turn out to be in the other order.
 */
const MAX_PAGE_QUERIES = 5;

/** A channel name that no client can use: the archive has nothing of it. */
const NO_CONVERSATION: ConversationKey = { kind: "channel", name: "" };

/** Asks the archive; undefined: it cannot answer now, or the session has ended. */
export function* askArchive<Query extends ArchiveQuery>(
  context: HubContext,
  session: Session,
  query: Query,
): StepsFor<AnswerTo<Query> | undefined> {
  if (session.closeReason !== undefined) return undefined;
  let answer: ArchiveAnswer | undefined;
  context.suspend(session, { kind: "archive", session, query, done: (given) => void (answer = given) });
  yield 0;
  if (session.closeReason !== undefined || answer?.kind !== query.kind) return undefined;
  return answer as AnswerTo<Query>;
}

/** Runs `steps` of `session` that may read the archive; at once if there is nothing that they could read there. */
export function runReading(
  context: HubContext,
  services: Services,
  session: Session,
  steps: WorkSteps,
): void {
  if (hasOlder(context, services)) context.runFor(session, steps);
  else runAllSteps(steps);
}

/** Whether an archive may have what the hub does not hold. */
export function hasOlder({ config }: HubContext, { history }: Services): boolean {
  return config.hasArchive === true && !history.isWhole;
}

/** What a session may read under a name: "unknown": the hub has nothing of it; "hidden": it may not read it. */
export type ReadableTarget = ConversationLog | "unknown" | "hidden";

/** What a request is answered from. */
export interface ReadConversation {
  readonly request: PageRequest;
  /** What the hub has of the conversation; undefined: nothing. */
  readonly target: ConversationLog | undefined;
  /** The name as it is spelled. */
  readonly name: string;
  readonly view: HistoryView;
  /**
   * The archive cannot be read, or lags so far behind that it does not join what the ring holds: the view is what the
   * hub holds.
   */
  readonly isPartial: boolean;
}

/**
 * Finds what `request` is answered from, for the conversation that `session` calls `name`: what the hub holds, and
 * where that is not enough a stretch of the archive. `find` returns what the session may read; it is called again
 * when the archive has answered. "hidden": there is no such channel, as far as the session may know.
 */
export function* readConversation(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
  request: PageRequest,
  find: () => ReadableTarget,
): StepsFor<ReadConversation | "hidden"> {
  const { history } = services;
  const isChannel = isChannelName(name);
  const isAsked = hasOlder(context, services) && (isChannel || ownerOf(session) !== "");
  let found = find();
  let target = logOf(found);
  const isNothing = () => found === "hidden" || found === "unknown" && isChannel;
  const readFrom = (view: HistoryView, isPartial = false): ReadConversation => ({
    request,
    target,
    name: target?.name ?? name,
    view,
    isPartial,
  });
  if (!isAsked) return isNothing() ? "hidden" : readFrom(viewHeld(history, target, request.caps));
  if (target !== undefined) {
    const view = viewLogged(history, target, request.caps);
    if (isAnsweredByLog(request, selectPage(request, view), view, history, target)) return readFrom(view);
  }
  const page = yield* readArchivePage(context, services, session, name, request, find);
  found = find();
  target = logOf(found);
  if (page === undefined) {
    if (found === "hidden") return found;
    const view = request.command === "LATEST"
      ? viewHeld(history, target, request.caps, false)
      : viewLogged(history, target, request.caps);
    return readFrom(view, true);
  }
  const { answer } = page;
  request = page.request;
  const isEmpty = answer.records.length === 0 && answer.isStart && answer.isEnd;
  if (found === "hidden" || isNothing() && isEmpty) return "hidden";
  const view = viewStretch(history, target, request.caps, answer);
  noteArchivedTimes(history, target, request.caps, answer, view);
  const owner = isChannel ? "" : ownerOf(session);
  return { ...readFrom(view), name: target?.name ?? nameInPage(answer, owner) ?? name };
}

/** What the archive has for a page of a conversation. */
interface ArchivePage {
  /** With the direction that BETWEEN has. */
  readonly request: PageRequest;
  readonly answer: PageAnswer;
}

/**
 * Asks the archive for what `request` needs. A session that may not read the conversation waits as long as for one
 * that does not exist. Undefined as in {@link askArchive}.
 */
function* readArchivePage(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
  request: PageRequest,
  find: () => ReadableTarget,
): StepsFor<ArchivePage | undefined> {
  const { history } = services;
  const { lag } = history;
  for (let count = 0; count < MAX_PAGE_QUERIES; count++) {
    const found = find();
    const asked = found === "hidden" ? undefined : archivedKey(services, session, name, lag.archivedUntil);
    const held = viewHeld(history, logOf(found), request.caps);
    const query = archiveQueryFor(request, asked ?? NO_CONVERSATION, held, history);
    const answer = yield* askArchive(context, session, query);
    if (answer === undefined) return undefined;
    const { archivedUntil } = answer;
    // An archive that lags behind the ring does not join it; what is lost for good it will tell as a loss.
    if (archivedUntil < Math.max(lag.coveredFrom, history.log.oldestSeq)) continue;
    lag.noteArchived(archivedUntil);
    const key = found === "hidden" ? undefined : archivedKey(services, session, name, archivedUntil);
    if (key === undefined) return { request, answer: emptyPage(archivedUntil) };
    if (asked === undefined || !isSameKey(asked, key)) continue;
    if (request.command !== "BETWEEN") return { request, answer };
    const isForward = isForwardIn(request, answer.cuts);
    request = { ...request, isForward };
    if (isForward === query.after > 0) return { request, answer };
  }
  return undefined;
}

/** A message that the archive has, and the conversations that it belongs to, as of the cursor `archivedUntil`. */
export interface ArchivedMessage {
  readonly message: LoggedMessage;
  readonly conversations: readonly ConversationKey[];
  readonly archivedUntil: number;
}

/**
 * Asks the archive for the message at `seq`, which the log has overwritten; undefined: it has no such message, or it
 * cannot answer now.
 */
export function* readArchivedMessage(
  context: HubContext,
  services: Services,
  session: Session,
  seq: number,
): StepsFor<ArchivedMessage | undefined> {
  const { lag, log } = services.history;
  if (!hasOlder(context, services) || seq >= log.oldestSeq) return undefined;
  for (let count = 0; count < MAX_PAGE_QUERIES; count++) {
    const answer = yield* askArchive(context, session, {
      kind: "record",
      seq,
      until: Math.max(lag.coveredFrom, seq + 1),
    });
    if (answer === undefined) return undefined;
    const { record, conversations, archivedUntil } = answer;
    if (archivedUntil < lag.coveredFrom) continue;
    lag.noteArchived(archivedUntil);
    const event = record && decodeEvent(record.payload);
    if (event?.kind !== "message" || lag.isRedacted(seq, archivedUntil)) return undefined;
    return { message: { event, seq, time: record!.time }, conversations, archivedUntil };
  }
  return undefined;
}

/** All kinds of entries. */
const ALL_SHOWN: readonly EntryKind[] = ["message", "event", "redaction", "rename"];

/** Whether the archive has anything of a channel that is called `name` now; undefined: it cannot answer now. */
export function* isNameArchived(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
): StepsFor<boolean | undefined> {
  const { lag, log } = services.history;
  for (let count = 0; count < MAX_PAGE_QUERIES; count++) {
    const joins = Math.max(lag.coveredFrom, log.oldestSeq);
    const asked = lag.nameAt(casefold(name), lag.archivedUntil);
    const answer = yield* askArchive(context, session, {
      kind: "page",
      conversation: asked === undefined ? NO_CONVERSATION : { kind: "channel", name: asked },
      shows: ALL_SHOWN,
      anchors: [],
      before: 1,
      after: 0,
      maxBytes: EVENT_MAX_BYTES,
      until: joins,
    });
    if (answer === undefined) return undefined;
    if (answer.archivedUntil < joins) continue; // what the ring has overwritten since may be of that name
    lag.noteArchived(answer.archivedUntil);
    if (lag.nameAt(casefold(name), answer.archivedUntil) === asked) return answer.records.length > 0;
  }
  return undefined;
}

function logOf(found: ReadableTarget): ConversationLog | undefined {
  return found === "unknown" || found === "hidden" ? undefined : found;
}

/**
 * The conversation that `session` calls `name`, as an archive with the cursor `until` knows it; undefined: it has
 * nothing of it yet.
 */
export function archivedKey(
  { history }: Services,
  session: Session,
  name: string,
  until: number,
): ConversationKey | undefined {
  if (!isChannelName(name)) return { kind: "direct", owner: ownerOf(session), name: casefold(name) };
  const archivedName = history.lag.nameAt(casefold(name), until);
  return archivedName === undefined ? undefined : { kind: "channel", name: archivedName };
}

export function isSameKey(one: ConversationKey, other: ConversationKey): boolean {
  const [owner, otherOwner] = [one, other].map((key) => key.kind === "direct" ? key.owner : undefined);
  return one.kind === other.kind && one.name === other.name && owner === otherOwner;
}
