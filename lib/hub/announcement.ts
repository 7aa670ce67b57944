/** What the server itself says to people. */
import { splitText } from "../irc/text.ts";
import type { Hub } from "./hub.ts";

/** Leaves space for the longest server name and room name in a line of 512 bytes. */
const ANNOUNCEMENT_MAX_BYTES = 360;

/** As {@link Hub.announce}. */
export function announce(hub: Hub, room: string, text: string): void {
  const { serverName } = hub.config;
  for (const piece of splitText(text, ANNOUNCEMENT_MAX_BYTES)) {
    hub.commit({
      kind: "message",
      verb: "NOTICE",
      source: serverName,
      target: room,
      room: true,
      text: piece,
      tags: "",
      from: "",
      to: "",
      id: "",
    });
  }
}

/** As {@link Hub.tellAll}. */
export function tellAll(hub: Hub, text: string): void {
  const { serverName } = hub.config;
  for (const session of hub.state.sessions.values()) {
    if (session.registered) {
      hub.tell(session, `:${serverName} NOTICE ${session.user?.nick ?? session.nick} :${text}`);
    }
  }
}
