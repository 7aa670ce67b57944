/** What the server itself says to people. */
import { splitText } from "../../irc/text_splitter.ts";
import type { Hub } from "../hub.ts";

/** Leaves space for the longest server name and channel name in a line of 512 bytes. */
const ANNOUNCEMENT_MAX_BYTES = 360;

/** As {@link Hub.announce}. */
export function announce(hub: Hub, channel: string, text: string): void {
  const { serverName } = hub.config;
  for (const piece of splitText(text, ANNOUNCEMENT_MAX_BYTES)) {
    hub.commit({
      kind: "message",
      verb: "NOTICE",
      source: serverName,
      target: channel,
      channel: true,
      text: piece,
      tags: "",
      from: "",
      to: "",
      id: "",
    });
  }
}

/** As {@link Hub.broadcastNotice}. */
export function broadcastNotice(hub: Hub, text: string): void {
  const { serverName } = hub.config;
  for (const session of hub.state.sessions.values()) {
    if (session.isRegistered) {
      hub.send(session, `:${serverName} NOTICE ${session.user?.nick ?? session.nick} :${text}`);
    }
  }
}
