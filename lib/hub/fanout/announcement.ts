/** Announcements of the server itself, to a channel or to every session. */
import { splitText } from "../../irc/text_splitter.ts";
import type { HubContext, Services } from "../context.ts";
import { sessionNick } from "../model/state/entities.ts";

/** Leaves space for the longest server name and channel name in a line of 512 bytes. */
const ANNOUNCEMENT_MAX_BYTES = 360;

/** As {@link Hub.announce}. */
export function announce(context: HubContext, services: Services, name: string, text: string): void {
  const { serverName } = context.config;
  const channel = context.state.channel(name);
  const conversation = channel?.conversation ?? services.history.channel(name);
  for (const piece of splitText(text, ANNOUNCEMENT_MAX_BYTES)) {
    context.commitMessage({
      kind: "message",
      verb: "NOTICE",
      source: serverName,
      target: { kind: "channel", name, channel, conversation },
      text: piece,
      tags: "",
      from: "",
      id: undefined,
    });
  }
}

/** As {@link Hub.noticeToOperators}. */
export function noticeToOperators(context: HubContext, text: string): void {
  for (const { nick, sessions } of context.state.serverOperators) {
    for (const session of sessions) {
      context.send(session, `:${context.config.serverName} NOTICE ${nick} :${text}`);
    }
  }
}

/** As {@link Hub.broadcastNotice}. */
export function broadcastNotice(context: HubContext, text: string): void {
  const { serverName } = context.config;
  for (const session of context.state.sessions.values()) {
    if (session.phase.kind !== "registering") {
      context.send(session, `:${serverName} NOTICE ${sessionNick(session)} :${text}`);
    }
  }
}
