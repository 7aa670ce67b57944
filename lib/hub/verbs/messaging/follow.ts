/**
 * FOLLOW, of the capability chatterbox.chat/observer: receives messages without being a user. `FOLLOW #room` follows
 * a channel, `FOLLOW nick` the direct conversation between the owner of this session's claim key and that nick,
 * `FOLLOW *` everything of both kinds. The server answers each target with a line `FOLLOW <target>`, after which
 * nothing is missed. A channel is followed by name: the answer is the same if the channel does not exist and if the
 * observer may not read it. While that is so, the observer receives nothing of it.
 */
import type { Message } from "../../../irc/message.ts";
import { channelFault, isChannelName } from "../../../irc/names/name_rules.ts";
import { nickFault } from "../../../irc/names/new_name_rules.ts";
import { MAX_FOLLOWED } from "../../model/config.ts";
import { SESSION_WORD_BYTES } from "../../services/limits/session_memory.ts";
import type { HubContext, Services } from "../../context.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { maskCheckUnits } from "../../model/conversation_log.ts";
import { ownerOf } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";

/** Work units (work_steps.ts) of following one target, without the masks of a channel. */
const FOLLOW_UNITS = 10;

function follow(context: HubContext, services: Services, session: Session, message: Message): void {
  if (session.user !== undefined) {
    return context.fail(
      session,
      "FOLLOW",
      "NOT_OBSERVER",
      [],
      "FOLLOW is for observers; users join rooms with JOIN",
    );
  }
  context.runInSteps(followEach(context, services, session, message.params[0]!.split(",")));
}

function* followEach(context: HubContext, services: Services, session: Session, names: string[]): WorkSteps {
  for (const name of names) {
    if (session.closeReason !== undefined) return;
    const { channels, nicks } = session.followed ?? {};
    if ((channels?.size ?? 0) + (nicks?.size ?? 0) >= MAX_FOLLOWED && name !== "*") {
      return context.fail(
        session,
        "FOLLOW",
        "TOO_MANY",
        [],
        `An observer can follow at most ${MAX_FOLLOWED} targets`,
      );
    }
    if (!services.sessionMemory.charge(session, SESSION_WORD_BYTES)) {
      const why = "The server's memory limit for your address is reached";
      return context.fail(session, "FOLLOW", "TOO_MANY", [], why);
    }
    const refusal = followOne(context, session, name);
    const target = context.state.channel(name)?.conversation;
    yield FOLLOW_UNITS + (target === undefined ? 0 : maskCheckUnits(target));
    // By now the session is in all audiences of the target, even if these are many.
    if (refusal === undefined) context.send(session, `:${context.config.serverName} FOLLOW ${name}`);
    else context.fail(session, "FOLLOW", refusal.code, [], refusal.text);
  }
}

/** Follows `name`; returns the reason if that is refused. */
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
    return { code: "NEED_CLAIM", text: "Following direct messages requires a claim key" };
  } else context.commit({ kind: "follow", session, what: { person: name } });
  return undefined;
}

export const FOLLOW_VERBS: VerbTable = {
  FOLLOW: { min: 1, who: "session", run: follow },
};
