/** CAP (https://ircv3.net/specs/extensions/capability-negotiation). */
import { CAP, capByName, capNames, listCaps } from "../../irc/caps.ts";
import { RECEIPTS } from "../../irc/vendor.ts";
import { ERR_INVALIDCAPCMD } from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import { changeCaps } from "../audience.ts";
import type { Hub } from "../hub.ts";
import { quoted } from "../quote.ts";
import type { Session } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { tryRegister } from "./register.ts";

/** Bits that mean something only while a connection registers. */
const ONLY_BEFORE_REGISTRATION = CAP.claim | CAP.observer;

function cap(hub: Hub, session: Session, message: Message): void {
  const subcommand = message.params[0]!.toUpperCase();
  switch (subcommand) {
    case "LS":
      return ls(hub, session, message.params[1]);
    case "LIST":
      return list(hub, session, "LIST", capNames(session.caps));
    case "REQ":
      return request(hub, session, message.params[1] ?? "");
    case "END":
      if (session.registered) return;
      session.negotiating = false;
      return tryRegister(hub, session);
    default:
      return hub.numeric(session, ERR_INVALIDCAPCMD, `${quoted(subcommand)} :Invalid CAP command`);
  }
}

function ls(hub: Hub, session: Session, version: string | undefined): void {
  const number = version !== undefined && /^\d{1,9}$/.test(version) ? Number(version) : 301;
  session.capVersion = Math.max(session.capVersion, number);
  if (!session.registered) session.negotiating = true;
  if (session.capVersion >= 302) changeCaps(hub, session, session.caps | CAP.capNotify); // implied by 302
  list(hub, session, "LS", listCaps(number, valuesOf(hub))); // "consistent with the request's version"
}

/** The values of those capabilities that have one. */
function valuesOf({ config: { storage } }: Hub): ReadonlyMap<string, string> {
  return new Map(storage === undefined ? [] : [[RECEIPTS, String(storage.sync)]]);
}

/** All fit one line; a second one would need `*` and, from 302 on, a client that knows it. */
function list(hub: Hub, session: Session, subcommand: string, names: readonly string[]): void {
  hub.tell(
    session,
    `:${hub.config.serverName} CAP ${session.user?.nick ?? session.nick} ${subcommand} :${names.join(" ")}`,
  );
}

/** All or nothing: "The server MUST reject the whole request if one of them is unknown". */
function request(hub: Hub, session: Session, wanted: string): void {
  if (!session.registered) session.negotiating = true;
  let caps = session.caps;
  let verdict = "ACK";
  for (const token of wanted.split(" ")) {
    if (token === "") continue;
    const off = token.startsWith("-");
    const bit = capByName(off ? token.slice(1) : token)?.bit ?? 0;
    const locked = session.registered && (bit & ONLY_BEFORE_REGISTRATION) !== 0;
    if (bit === 0 || locked || off && bit === CAP.capNotify && session.capVersion >= 302) verdict = "NAK";
    caps = off ? caps & ~bit : caps | bit;
  }
  if (verdict === "ACK" && caps !== session.caps) changeCaps(hub, session, caps);
  hub.tell(
    session,
    `:${hub.config.serverName} CAP ${session.user?.nick ?? session.nick} ${verdict} :${wanted.trimEnd()}`,
  );
}

export const CAP_VERBS: VerbTable = {
  CAP: { min: 1, who: "anyone", run: cap },
};
