/** PING, PONG, QUIT, ERROR (modern, "Connection Messages"). */
import { ERR_NOORIGIN } from "../../../irc/numerics.ts";
import type { Message } from "../../../irc/message.ts";
import type { HubContext, Services } from "../../context.ts";
import { muteRefusal } from "../../policy/channel_access.ts";
import type { Session } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { replayAfterWelcome } from "../../fanout/history/offline_replay.ts";

/** Also answered before registration: clients and scripts use PING as a barrier. */
function ping(context: HubContext, _services: Services, session: Session, message: Message): void {
  const token = message.params[0] ?? "";
  if (token === "") return context.numeric(session, ERR_NOORIGIN, "No origin specified");
  context.send(session, `:${context.config.serverName} PONG ${context.config.serverName} :${token}`);
}

/** Any line already counts as a sign of life; receipts and the replay after the welcome also wait for a PONG. */
function pong(context: HubContext, services: Services, session: Session, message: Message): void {
  const token = message.params.at(-1) ?? "";
  services.receipts.handlePong(session, token);
  replayAfterWelcome(context, services, session, token);
}

/** modern, "QUIT message": the reason has `Quit: ` in front, "even if `<reason>` is empty". */
function quit(context: HubContext, _services: Services, session: Session, message: Message): void {
  const silent = session.user !== undefined && muteRefusal(context, session.user) !== undefined;
  context.disconnect(session, `Quit: ${silent ? "" : message.params[0] ?? ""}`);
}

export const PING_QUIT_VERBS: VerbTable = {
  PING: { min: 0, who: "anyone", run: ping },
  PONG: { min: 0, who: "anyone", run: pong },
  QUIT: { min: 0, who: "anyone", run: quit },
  /** A client has no errors to report to a server (modern, "ERROR message"); ERROR from a client is ignored. */
  ERROR: { min: 0, who: "anyone", run: () => {} },
};
