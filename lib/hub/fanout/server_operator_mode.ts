import { RPL_YOUREOPER } from "../../irc/numerics.ts";
import type { HubContext } from "../context.ts";
import type { Session, User } from "../model/state/entities.ts";
import { sendClockNotice } from "./clock_notice.ts";

/** Tells `session` whether its user is a server operator (modern, "OPER message"). */
export function sendServerOperatorMode(
  context: HubContext,
  session: Session,
  { nick, isServerOperator }: User,
): void {
  if (isServerOperator) context.numeric(session, RPL_YOUREOPER, "You are now an IRC operator");
  context.send(session, `:${nick} MODE ${nick} ${isServerOperator ? "+o" : "-o"}`);
  if (!isServerOperator) return;
  sendClockNotice(context, session);
  context.pendingClockNotice = undefined;
}
