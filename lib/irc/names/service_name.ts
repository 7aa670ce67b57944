/** Names of services, which no user can have (`reserved_names.ts`). */
import { casefold } from "./casemap.ts";

/** Services of Anope, Atheme and ergo are named NickServ, ChanServ, HistServ and so on. */
export const SERVICE_SUFFIX = "serv";

/** Whether the server itself answers as `nick`: NickServ, HistServ, OnCall. */
export function isService(nick: string): boolean {
  const folded = casefold(nick);
  return folded === "oncall" || folded.endsWith(SERVICE_SUFFIX);
}
