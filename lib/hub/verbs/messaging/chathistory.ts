/**
 * CHATHISTORY (https://ircv3.net/specs/extensions/chathistory). The history of an open channel is readable for every
 * user not banned from it, that of a closed channel for its members (channel_access.ts). Direct messages are
 * readable for their two owners only. What is older than the log is read from the archive, where there is one.
 */
import { casefold } from "../../../irc/names/casemap.ts";
import type { Message } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { isReceiver, ownerOf } from "../../model/state/entities.ts";
import type { HubContext, Services } from "../../context.ts";
import { readConversation, runReading } from "../../fanout/history/archive_reader.ts";
import type { ReadableTarget } from "../../fanout/history/archive_reader.ts";
import { sendSelection } from "../../fanout/history/history_reply.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import { canRead } from "../../policy/channel_access.ts";
import { joinsAnchor, selectPage } from "../../history/paging/page_request.ts";
import type { PageCommand, PageRequest } from "../../history/paging/page_request.ts";
import type { HistoryAnchor } from "../../history/history_query.ts";
import type { Session } from "../../model/state/entities.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import type { VerbTable } from "../verb.ts";
import { parseMsgid } from "../../output/render.ts";
import { chathistoryTargets } from "./chathistory_targets.ts";
import { gapsOf } from "./history_gap.ts";
import { parseLimit, parseTimestampParam } from "./history_params.ts";

/** Number of anchors that each subcommand takes after its target. */
const ANCHORS: Readonly<Record<PageCommand, number>> = {
  BEFORE: 1,
  AFTER: 1,
  LATEST: 1,
  AROUND: 1,
  BETWEEN: 2,
};

const MSGID = "msgid=";

type ChathistoryFailure = { code: "INVALID_PARAMS" | "INVALID_MSGREFTYPE" | "MESSAGE_ERROR"; text: string };

function chathistory(context: HubContext, services: Services, session: Session, message: Message): void {
  const [subcommand = "", ...params] = message.params;
  const command = subcommand.toUpperCase();
  if (command === "TARGETS") return chathistoryTargets(context, services, session, params);
  if (!isPageCommand(command)) {
    return context.fail(session, "CHATHISTORY", "INVALID_PARAMS", [subcommand], "Unknown command");
  }
  const anchors = ANCHORS[command];
  if (params.length !== anchors + 2) {
    const what = params.length < anchors + 2 ? "Insufficient parameters" : "Too many parameters";
    return context.fail(session, "CHATHISTORY", "INVALID_PARAMS", [command], what);
  }
  const request = parsePageRequest(context, session, command, params);
  if ("code" in request) {
    const about = request.code === "INVALID_PARAMS" ? [command] : [command, params[0]!];
    return context.fail(session, "CHATHISTORY", request.code, about, request.text);
  }
  runReading(context, services, session, sendPage(context, services, session, params[0]!, request));
}

function* sendPage(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
  request: PageRequest,
): WorkSteps {
  const find = () => findReadableTarget(context, services, session, name);
  const read = yield* readConversation(context, services, session, name, request, find);
  if (session.closeReason !== undefined) return;
  const fail = (code: string, text: string) =>
    context.fail(session, "CHATHISTORY", code, [request.command, name], text);
  if (read === "hidden") return fail("INVALID_TARGET", "Messages could not be retrieved");
  const selection = selectPage(read.request, read.view);
  if (read.isPartial && (selection.from >= selection.to || !joinsAnchor(read.request, read.view))) {
    return fail("MESSAGE_ERROR", "Older messages cannot be read at the moment; try again later");
  }
  const asked = toSafeParam(name); // as requested: the client matches the reply by it, even if the target was renamed
  sendSelection(context, services, session, {
    requestedTarget: asked,
    channel: isChannelName(name) ? read.name : undefined,
    view: read.view,
    selection,
    findGap: gapsOf(services, session, name, read, selection),
  });
  const account = session.user?.account;
  if (account !== undefined && !isChannelName(name) && isReceiver(session)) {
    services.offlineMessages.clear(account, name); // the client fetches the conversation itself
  }
}

function isPageCommand(command: string): command is PageCommand {
  return Object.hasOwn(ANCHORS, command);
}

/**
 * Conversation that `session` may read under `name`. The result does not disclose whether other users have written
 * to each other.
 */
export function findReadableTarget(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
): ReadableTarget {
  if (isChannelName(name)) {
    const folded = casefold(name);
    const target = services.history.channels.get(folded);
    if (target === undefined) return "unknown";
    return canRead(context, session, target, context.state.channels.get(folded)) ? target : "hidden";
  }
  const owner = ownerOf(session);
  return (owner === "" ? undefined : services.history.directConversation(owner, name)) ?? "unknown";
}

function parsePageRequest(
  context: HubContext,
  { caps }: Session,
  command: PageCommand,
  params: readonly string[],
): PageRequest | ChathistoryFailure {
  const limit = parseLimit(params.at(command === "BETWEEN" ? 3 : 2)!);
  if (limit === undefined) {
    return { code: "INVALID_PARAMS", text: "The limit must be a whole number above 0" };
  }
  const anchors: HistoryAnchor[] = [];
  let isExact = true;
  for (const text of params.slice(1, 1 + ANCHORS[command])) {
    if (command === "LATEST" && text === "*") {
      isExact = false; // the next page may be requested by a time of this one
      continue;
    }
    const anchor = parseAnchor(context, text);
    if ("code" in anchor) return anchor;
    if (anchor.by === "time") isExact = false;
    anchors.push(anchor);
  }
  return { command, anchors, limit, caps, isExact };
}

/** `msgid=…` or `timestamp=YYYY-MM-DDThh:mm:ss.sssZ`. */
function parseAnchor(context: HubContext, text: string): HistoryAnchor | ChathistoryFailure {
  if (text.startsWith(MSGID)) {
    const seq = parseMsgid(text.slice(MSGID.length), context.config.logId);
    return seq === undefined
      ? { code: "MESSAGE_ERROR", text: "The msgid is not from this server's log" }
      : { by: "seq", seq };
  }
  const time = parseTimestampParam(text);
  if (time !== undefined) return { by: "time", time };
  if (text.startsWith("timestamp=")) return { code: "INVALID_PARAMS", text: "Invalid timestamp" };
  return { code: "INVALID_MSGREFTYPE", text: "A message reference starts with msgid= or timestamp=" };
}

export const CHATHISTORY_VERBS: VerbTable = {
  CHATHISTORY: { min: 1, who: "session", run: chathistory },
};
