import { CapSet } from "../../../irc/cap_set.ts";
import { CAP } from "../../../irc/capabilities.ts";
import type { HubContext, Services } from "../../context.ts";
import { cutAtAnchor, selectLatest } from "../../history/history_query.ts";
import type { HistoryView } from "../../history/paging/history_view.ts";
import type { PageRequest } from "../../history/paging/page_request.ts";
import { CHATHISTORY_MAX_MESSAGES } from "../../model/config.ts";
import { isReceiver } from "../../model/state/entities.ts";
import type { Channel, Session, User } from "../../model/state/entities.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { replayLimit } from "../../policy/replay_limit.ts";
import type { ReadMarker } from "../../services/read_markers.ts";
import { readConversation, runReading } from "./archive_reader.ts";
import { rendersTimedBatches, sendSelection } from "./history_reply.ts";
import { formatMessageCount, HISTSERV, sendServiceNotice } from "./service_notice.ts";

/** What the account of a user, or the user itself, was sent of a channel or has read there. */
interface KnownPart {
  /** Records before this number; 0: none. */
  readonly shownUntil: number;
  readonly marker: ReadMarker | undefined;
}

/**
 * Replays the newest messages of a channel to a client that joins it, cannot request history (draft/chathistory),
 * and can tell old messages from new. Messages already replayed to its account, or without one to its user, are
 * left out. A client that cannot tell old from new is sent the number of messages, or of those it missed; a bot
 * (user mode +B) is sent nothing.
 */
export function replayOnJoin(
  context: HubContext,
  services: Services,
  session: Session,
  channel: Channel,
): void {
  const { user } = session;
  if (user === undefined || session.caps.has(CAP.chathistory) || !isReceiver(session)) return;
  if (context.state.bots.has(user) || isAccountInChannel(user, channel)) return;
  const limit = replayLimit(context, services, channel, user);
  if (limit === 0) return;
  const known = {
    shownUntil: services.replayPositions.of(user, channel),
    marker: services.readMarkers.of(user, channel.name),
  };
  // What follows was sent when it was said.
  const until = context.log.nextSeq;
  const steps = replayChannel(context, services, session, channel, { known, until, limit });
  // After what else the line of the session leads to, as with an archive that has to be read.
  if (session === context.origin) context.runInSteps(steps);
  else runReading(context, services, session, steps);
}

function* replayChannel(
  context: HubContext,
  services: Services,
  session: Session,
  channel: Channel,
  { known, until, limit }: { known: KnownPart; until: number; limit: number },
): WorkSteps {
  const last = Math.max(known.shownUntil - 1, known.marker?.seq ?? 0);
  const showsMessages = rendersTimedBatches(session.caps);
  const isCounted = last > 0 || known.marker !== undefined || !showsMessages;
  const request: PageRequest = {
    command: "LATEST",
    anchors: last > 0 ? [{ by: "seq", seq: last }] : [],
    limit: isCounted ? CHATHISTORY_MAX_MESSAGES : limit,
    caps: CapSet.EMPTY,
    isExact: true,
  };
  const find = () => channel.conversation;
  const read = yield* readConversation(context, services, session, channel.name, request, find);
  if (session.closeReason !== undefined || read === "hidden" || !session.channels.has(channel)) return;
  const { view } = read;
  const length = view.sequence.partition((seq) => seq < until);
  const through = countKnown(view, known);
  const missed = length - through;
  if (missed <= 0) return;
  const told = showsMessages
    ? sendSelection(context, services, session, {
      requestedTarget: channel.name,
      channel: channel.name,
      view,
      selection: selectLatest({ before: through, through }, limit, length),
    })
    : 0;
  if (missed === told) return;
  const isWhole = view.isStart || through > 0 || last + 1 >= view.coversFrom;
  const count = formatMessageCount(isWhole ? missed : Math.min(missed, CHATHISTORY_MAX_MESSAGES), !isWhole);
  const wasHere = through > 0 || known.shownUntil > 0 || !view.isStart && last > 0;
  if (!wasHere) {
    if (showsMessages) return;
    const latest = `to see the latest: /msg HistServ ${channel.name}`;
    return sendServiceNotice(context, session, HISTSERV, `${count} in ${channel.name}; ${latest}`);
  }
  const some = told === 0 ? "" : `, the last ${told} shown`;
  const command = `/msg HistServ ${channel.name} ${isWhole ? missed : CHATHISTORY_MAX_MESSAGES}`;
  sendServiceNotice(
    context,
    session,
    HISTSERV,
    `${count} in ${channel.name} since you left${some}\nTo see ${
      isWhole ? "them all" : "the latest"
    }: ${command}`,
  );
}

/** Whether another user of the account is in the channel: its sessions have received the messages. */
function isAccountInChannel(user: User, channel: Channel): boolean {
  for (const each of user.account?.users ?? []) {
    if (each !== user && each.sessions.length > 0 && channel.members.has(each)) return true;
  }
  return false;
}

/**
 * How many messages of `view` are in the part `known`. The sequence number of the read marker decides, because times
 * go back if the clock is set back.
 */
function countKnown({ sequence, times }: HistoryView, { shownUntil, marker }: KnownPart): number {
  const shown = sequence.partition((seq) => seq < shownUntil);
  if (marker === undefined) return shown;
  const { seq, time } = marker;
  const { through } = cutAtAnchor(sequence, seq > 0 ? { by: "seq", seq } : { by: "time", time }, times);
  return Math.max(shown, through);
}
