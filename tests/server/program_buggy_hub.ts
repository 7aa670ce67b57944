/** The program, whose server has a bug: a line that says `bug` is an error that nothing expects. */
import { Hub } from "../../lib/hub/hub.ts";

const line = Hub.prototype.line;
Hub.prototype.line = function (session, text, now) {
  if (typeof text === "string" && text.includes("PRIVMSG #lobby :bug")) throw new TypeError("a bug");
  return line.call(this, session, text, now);
};

await import("../../main.ts");
