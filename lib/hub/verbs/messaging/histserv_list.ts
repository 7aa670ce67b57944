/** LIST, a command to HistServ: direct conversations with unread messages. */
import type { HubContext, Services } from "../../context.ts";
import { askArchive, hasOlder } from "../../fanout/history/archive_reader.ts";
import type { StepsFor } from "../../fanout/history/archive_reader.ts";
import { findUnread, readUnread } from "../../fanout/history/offline_replay.ts";
import { formatMessageCount, HISTSERV, sendServiceNotice } from "../../fanout/history/service_notice.ts";
import { lastReceived } from "../../model/conversation_log.ts";
import { isAfter } from "../../model/identifiers.ts";
import type { MessagePosition } from "../../model/identifiers.ts";
import { accountOf } from "../../model/state/entities.ts";
import type { Account, Session, User } from "../../model/state/entities.ts";
import type { WorkSteps } from "../../model/work_steps.ts";

/** Maximum number of conversations that LIST shows: those with the latest messages. */
export const MAX_LISTED = 50;
/** Most conversations that the archive is asked for; of the others those that the hub holds are known. */
const MAX_ARCHIVED_CONVERSATIONS = 1000;

/** Lists the direct conversations with messages that the account has not read, according to its read markers. */
export function sendUnreadConversations(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
): void {
  if (accountOf(session) === undefined) {
    const text = "Log in first: the server counts unread messages for accounts only";
    return sendServiceNotice(context, session, HISTSERV, text);
  }
  context.runInSteps(sendUnreadRows(context, services, session, user));
}

/** A conversation that may have unread messages. */
interface Candidate {
  readonly nick: string;
  /** Its latest message, or the latest that the account received. */
  readonly last: MessagePosition;
}

function* sendUnreadRows(
  context: HubContext,
  services: Services,
  session: Session,
  { account }: User,
): WorkSteps {
  if (account === undefined) return;
  const tell = (text: string) => sendServiceNotice(context, session, HISTSERV, text);
  const rows: { name: string; count: number; seq: number }[] = [];
  let more = 0;
  for (const { nick, last } of yield* findCandidates(context, services, session, account)) {
    const marker = services.readMarkers.of(account, nick);
    if (marker === undefined || isAfter(last, marker)) {
      const isHeld = !hasOlder(context, services);
      if (!isHeld && rows.length >= MAX_LISTED) more++; // too many to ask the archive for each
      else {
        const read = yield* readUnread(context, services, session, account, nick, (marker?.seq ?? 0) + 1);
        if (session.closeReason !== undefined) return;
        const seqs = read === undefined ? [] : findUnread(services, account, nick, read.view, 0);
        if (seqs.length > 0) rows.push({ name: read!.name, count: seqs.length, seq: seqs.at(-1)! });
        yield seqs.length;
      }
    }
    yield 1;
  }
  if (session.closeReason !== undefined) return;
  const told = rows.sort((a, b) => b.seq - a.seq).slice(0, MAX_LISTED);
  for (const { name, count } of told) tell(`${name}: ${formatMessageCount(count)} unread`);
  more += rows.length - told.length;
  if (more > 0) tell(`${more} more DMs have unread messages; only the latest are listed`);
  if (rows.length === 0) tell("You have no unread messages");
}

/** Conversations of `account`, those with the latest messages first if there is an archive. */
function* findCandidates(
  context: HubContext,
  services: Services,
  session: Session,
  account: Account,
): StepsFor<readonly Candidate[]> {
  const { history } = services;
  const held = history.directConversations.get(account.owner) ?? [];
  const candidates = new Map(Array.from(held, ([nick, log]) => [nick, { nick, last: lastReceived(log) }]));
  if (!hasOlder(context, services)) return [...candidates.values()];
  const answer = yield* askArchive(context, session, {
    kind: "targets",
    owner: account.owner,
    channels: [],
    after: -1,
    before: Infinity,
    newestFirst: true,
    limit: MAX_ARCHIVED_CONVERSATIONS,
  });
  for (const { conversation: { name: nick }, seq, time } of answer?.targets ?? []) {
    const known = candidates.get(nick);
    if (known === undefined || known.last.seq === 0) candidates.set(nick, { nick, last: { seq, time } });
  }
  return [...candidates.values()].sort((a, b) => b.last.seq - a.last.seq);
}
