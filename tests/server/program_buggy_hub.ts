/**
 * The program with bugs in its server: a line that says `bug` throws an error that nothing expects, and one that says
 * `corrupt` takes its sender out of one of the two indexes of members.
 */
import { Hub } from "../../lib/hub/hub.ts";
import type { User } from "../../lib/hub/model/state/entities.ts";

const line = Hub.prototype.line;
Hub.prototype.line = function (session, text, now) {
  if (typeof text === "string" && text.includes("PRIVMSG #lobby :bug")) throw new TypeError("a bug");
  if (typeof text === "string" && text.includes("PRIVMSG #lobby :corrupt")) {
    const { members } = this.context.state.channel("#lobby")!;
    (members as Map<User, number>).delete(session.user!);
  }
  return line.call(this, session, text, now);
};

await import("../../main.ts");
