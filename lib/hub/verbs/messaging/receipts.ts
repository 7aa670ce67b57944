/** AWAIT (docs/protocol/receipts.md) and SERVERSTATS (docs/protocol/server_stats.md). */
import { CAP } from "../../../irc/capabilities.ts";
import type { Message } from "../../../irc/message.ts";
import { RECEIPT_KINDS, RECEIPTS } from "../../../irc/vendor_extensions.ts";
import type { ReceiptKind } from "../../../irc/vendor_extensions.ts";
import type { LoggedMessage } from "../../history/history_index.ts";
import { MAX_RECEIPTS, MAX_RECEIPTS_TOTAL } from "../../model/config.ts";
import { nickOf } from "../../model/identifiers.ts";
import type { OwnerId, Source } from "../../model/identifiers.ts";
import type { HubContext, Services } from "../../context.ts";
import { readArchivedMessage, runReading } from "../../fanout/history/archive_reader.ts";
import { disclosedRead } from "../../fanout/history/read_marker_updates.ts";
import { collectServerStats } from "../../services/server_stats.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { isReceiver } from "../../model/state/entities.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { parseMsgid } from "../../output/render.ts";
import type { Param } from "../../output/framed_params.ts";

const NO_SUCH_MESSAGE = "The server's history does not have this message";

/** `AWAIT durable|delivered|read <msgid>` */
function awaitMessage(
  context: HubContext,
  services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  const [what = "", msgid = ""] = message.params;
  const fail = (code: string, about: readonly Param[], text: string) =>
    context.fail(session, "AWAIT", code, about, text);
  if (!isAwaitable(what)) {
    return fail("INVALID_PARAMS", [what], "AWAIT supports durable, delivered and read");
  }
  const seq = parseMsgid(msgid, context.config.logId);
  if (seq === undefined) return fail("NO_SUCH_MESSAGE", [msgid], NO_SUCH_MESSAGE);
  runReading(context, services, session, awaitRecord(context, services, session, user, what, msgid, seq));
}

function* awaitRecord(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  what: ReceiptKind,
  msgid: string,
  seq: number,
): WorkSteps {
  const fail = (code: string, text: string) => context.fail(session, "AWAIT", code, [msgid], text);
  const { history, receipts } = services;
  let entry = history.message(seq);
  // A message that was lost in an unclean shutdown has a sequence number below those that are on disk.
  if (history.timeOf(seq) === undefined) {
    entry = (yield* readArchivedMessage(context, services, session, seq))?.message;
    if (session.closeReason !== undefined) return;
    if (entry === undefined) return fail("NO_SUCH_MESSAGE", NO_SUCH_MESSAGE);
  }
  if (receipts.count(session) >= MAX_RECEIPTS) {
    return fail("TOO_MANY", `A connection can await at most ${MAX_RECEIPTS} receipts`);
  }
  if (receipts.total >= MAX_RECEIPTS_TOTAL) {
    return fail(
      "TOO_MANY",
      `The server's limit of ${MAX_RECEIPTS_TOTAL} awaited receipts is reached; try again later`,
    );
  }
  if (what === "durable") {
    const isDirect = entry?.event.target.kind === "direct";
    if (context.config.storage === undefined) {
      return fail("NOT_DURABLE", "This server keeps messages in memory only");
    }
    return receipts.awaitDurable(session, context.takeLabel(), { seq, msgid, isDirect });
  }
  const target = entry?.event.target;
  if (entry === undefined || target?.kind !== "direct" || entry.event.from !== user.owner) {
    return fail("NO_SUCH_MESSAGE", "This is not a direct message that you sent");
  }
  const { event } = entry;
  if (what === "read") return awaitRead(context, services, session, entry, target.owner, msgid);
  receipts.awaitDelivered(
    session,
    context.takeLabel(),
    seq,
    msgid,
    receiverSessions(context, services, event.source, target.owner, seq),
  );
}

function awaitRead(
  context: HubContext,
  services: Services,
  session: Session,
  { event, seq, time }: LoggedMessage,
  owner: OwnerId,
  msgid: string,
): void {
  const nick = nickOf(event.source);
  const until = disclosedRead(context, services, owner, nick);
  if (until === undefined) {
    return context.fail(
      session,
      "AWAIT",
      "NOT_READ",
      [msgid],
      "The receiver cannot read it any more: their account or connection has ended",
    );
  }
  services.receipts.awaitRead(session, context.takeLabel(), { seq, msgid, time, owner, nick });
  services.receipts.handleRead(owner, nick, until);
}

function isAwaitable(what: string): what is ReceiptKind {
  return RECEIPT_KINDS.some((each) => each === what);
}

/**
 * Sessions of the receiver that got the message `seq` when it was sent or by a replay. The receiver may have another
 * nick by now.
 */
function receiverSessions(
  context: HubContext,
  services: Services,
  source: Source,
  to: OwnerId,
  seq: number,
): Session[] {
  const users = [...context.state.users.values()].filter(({ owner }) => owner === to);
  const sender = nickOf(source);
  return users.flatMap(({ sessions }) =>
    sessions.filter((session) =>
      isReceiver(session) &&
      (session.liveFromSeq <= seq || services.offlineMessages.wasReplayed(session, sender, seq))
    )
  );
}

function sendServerStats(context: HubContext, _services: Services, session: Session): void {
  const { serverName } = context.config;
  for (const [key, value] of collectServerStats(context)) {
    context.send(session, `:${serverName} SERVERSTATS ${key} :${value}`);
  }
  context.send(session, `:${serverName} SERVERSTATS *`);
}

/** Runs the verb for sessions that have requested the capability; for all others it fails with NEED_CAPABILITY. */
function forReceiptClients(
  run: (context: HubContext, services: Services, session: Session, message: Message, user: User) => void,
) {
  return (context: HubContext, services: Services, session: Session, message: Message, user: User): void => {
    if (session.caps.has(CAP.receipts)) return run(context, services, session, message, user);
    context.fail(session, message.command, "NEED_CAPABILITY", [], `Request ${RECEIPTS} first`);
  };
}

export const RECEIPT_VERBS: VerbTable = {
  AWAIT: { min: 2, who: "user", run: forReceiptClients(awaitMessage) },
  SERVERSTATS: { min: 0, who: "session", run: sendServerStats },
};
