/**
 * FOLLOW, of the capability chatterbox.chat/observer: to see what is said without being there. `FOLLOW #room` shows a
 * room, `FOLLOW nick` the talk between the owner of this session's claim key and that nick, `FOLLOW *` everything of both
 * kinds. Each target is answered by a line `FOLLOW <target>` from the server, after which nothing is missed.
 */
import { casefold } from "../../irc/casemap.ts";
import type { Message } from "../../irc/message.ts";
import { isRoomName, nickFault, roomFault } from "../../irc/names.ts";
import { MAX_FOLLOWED } from "../config.ts";
import type { Hub } from "../hub.ts";
import { newRoomRefusal } from "../name_refusal.ts";
import { roomCalled } from "../membership.ts";
import { mayRead } from "../room_access.ts";
import type { Session } from "../state.ts";
import type { VerbTable } from "../verb.ts";

function follow(hub: Hub, session: Session, message: Message): void {
  if (session.user !== undefined) {
    return hub.fail(
      session,
      "FOLLOW",
      "NOT_OBSERVER",
      "",
      "Only an observer follows; a user enters rooms by JOIN",
    );
  }
  for (const name of message.params[0]!.split(",")) {
    if (session.rooms.size + (session.following?.persons.size ?? 0) >= MAX_FOLLOWED && name !== "*") {
      return hub.fail(session, "FOLLOW", "TOO_MANY", "", `An observer follows at most ${MAX_FOLLOWED}`);
    }
    followOne(hub, session, name);
  }
}

function followOne(hub: Hub, session: Session, name: string): void {
  if (name === "*") hub.commit({ kind: "follow", session, what: "everything" });
  else if (isRoomName(name)) {
    const known = hub.state.room(name);
    const target = known?.target ?? hub.archive.rooms.get(casefold(name));
    if (target !== undefined && !mayRead(session, target, known)) {
      return hub.fail(session, "FOLLOW", "NO_SUCH_CHANNEL", "", "No such channel");
    }
    if (known === undefined && (isRefused(hub, session, name) || hub.state.rooms.size >= hub.limits.rooms)) {
      return hub.fail(session, "FOLLOW", "NO_SUCH_CHANNEL", "", "No such channel");
    }
    hub.commit({ kind: "follow", session, what: known ?? roomCalled(hub, name) });
  } else if (nickFault(name) !== undefined) {
    return hub.fail(session, "FOLLOW", "NO_SUCH_NICK", "", "No such nick");
  } else if (session.owner === "") {
    return hub.fail(session, "FOLLOW", "NEED_CLAIM", "", "Direct messages are followed with a claim key");
  } else hub.commit({ kind: "follow", session, what: { person: name } });
  hub.tell(session, `:${hub.config.serverName} FOLLOW ${name}`);
}

/** There can be no room of that name. */
function isRefused(hub: Hub, session: Session, name: string): boolean {
  return roomFault(name) !== undefined || newRoomRefusal(hub, session, name) !== undefined;
}

export const FOLLOW_VERBS: VerbTable = {
  FOLLOW: { min: 1, who: "session", run: follow },
};
