/**
 * FOLLOW, of the capability chatterbox.chat/observer: to see what is said without being there. `FOLLOW #room` shows a
 * channel, `FOLLOW nick` the talk between the owner of this session's claim key and that nick, `FOLLOW *` everything of both
 * kinds. Each target is answered by a line `FOLLOW <target>` from the server, after which nothing is missed. A channel is followed
 * by its name: the answer is the same for one that does not exist and for one that the observer may not read, of which it hears
 * nothing as long as that is so.
 */
import type { Message } from "../../../irc/message.ts";
import { channelFault, isChannelName, nickFault } from "../../../irc/names/name_rules.ts";
import { MAX_FOLLOWED } from "../../model/config.ts";
import { SESSION_WORD_BYTES } from "../../services/limits/session_memory.ts";
import type { HubContext, Services } from "../../context.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { maskCheckUnits } from "../../model/conversation_log.ts";
import { ownerOf } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";

/** Units (work_steps.ts) of following one more, without the masks of a channel. */
const FOLLOW_UNITS = 10;

function follow(context: HubContext, services: Services, session: Session, message: Message): void {
  if (session.user !== undefined) {
    return context.fail(
      session,
      "FOLLOW",
      "NOT_OBSERVER",
      [],
      "Only an observer follows; a user enters rooms by JOIN",
    );
  }
  context.runInSteps(followEach(context, services, session, message.params[0]!.split(",")));
}

function* followEach(context: HubContext, services: Services, session: Session, names: string[]): WorkSteps {
  for (const name of names) {
    if (session.closeReason !== undefined) return;
    const { channels, nicks } = session.followed ?? {};
    if ((channels?.size ?? 0) + (nicks?.size ?? 0) >= MAX_FOLLOWED && name !== "*") {
      return context.fail(session, "FOLLOW", "TOO_MANY", [], `An observer follows at most ${MAX_FOLLOWED}`);
    }
    if (!services.sessionMemory.charge(session, SESSION_WORD_BYTES)) {
      const why = "The server remembers as much as it can for your address";
      return context.fail(session, "FOLLOW", "TOO_MANY", [], why);
    }
    const refusal = followOne(context, session, name);
    const target = context.state.channel(name)?.conversation;
    yield FOLLOW_UNITS + (target === undefined ? 0 : maskCheckUnits(target));
    // By now it is in all audiences that it is to be in, be they many.
    if (refusal === undefined) context.send(session, `:${context.config.serverName} FOLLOW ${name}`);
    else context.fail(session, "FOLLOW", refusal.code, [], refusal.text);
  }
}

/** Answers why not. */
function followOne(
  context: HubContext,
  session: Session,
  name: string,
): { code: string; text: string } | undefined {
  if (name === "*") context.commit({ kind: "follow", session, what: "everything" });
  else if (isChannelName(name)) {
    if (channelFault(name) !== undefined) return { code: "NO_SUCH_CHANNEL", text: "No such channel" };
    context.commit({ kind: "follow", session, what: { channel: name } });
  } else if (nickFault(name) !== undefined) return { code: "NO_SUCH_NICK", text: "No such nick" };
  else if (ownerOf(session) === "") {
    return { code: "NEED_CLAIM", text: "Direct messages are followed with a claim key" };
  } else context.commit({ kind: "follow", session, what: { person: name } });
  return undefined;
}

export const FOLLOW_VERBS: VerbTable = {
  FOLLOW: { min: 1, who: "session", run: follow },
};
