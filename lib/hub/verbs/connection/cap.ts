/** CAP (https://ircv3.net/specs/extensions/capability-negotiation). */
import {
  CAP,
  CAP_VERSION_VALUES,
  findCapability,
  formatCapList,
  formatCapLs,
} from "../../../irc/capabilities.ts";
import { ACCOUNT_REGISTRATION, METADATA_2, METADATA_3, SASL } from "../../../irc/capability_names.ts";
import { utf8Length } from "../../../base/bytes.ts";
import { CapSet } from "../../../irc/cap_set.ts";
import type { Cap } from "../../../irc/cap_set.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../../irc/limits.ts";
import { MULTILINE } from "../../../irc/multiline.ts";
import { RECEIPTS } from "../../../irc/vendor_extensions.ts";
import { ERR_INVALIDCAPCMD } from "../../../irc/numerics.ts";
import type { Message } from "../../../irc/message.ts";
import type { HubContext, Services } from "../../context.ts";
import { sessionNick } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { joinToLines } from "../../output/line_limits.ts";
import { tryCompleteRegistration } from "./registration.ts";
import { METADATA_3_VALUE, METADATA_VALUE } from "../../services/metadata.ts";
import { sendOwnMetadata } from "../../fanout/metadata_replies.ts";
import { MULTILINE_VALUE } from "../messaging/multiline_batch.ts";
import { SASL_MECHANISMS } from "./sasl.ts";

const BOTH_METADATA = CapSet.of(CAP.metadata2, CAP.metadata3);

/** Capabilities that have an effect only while a connection registers. */
const ONLY_BEFORE_REGISTRATION = CapSet.of(CAP.claim, CAP.observer);

function cap(context: HubContext, services: Services, session: Session, message: Message): void {
  const subcommand = message.params[0]!.toUpperCase();
  switch (subcommand) {
    case "LS":
      return listCapabilities(context, session, message.params[1]);
    case "LIST":
      return sendCapabilityLines(
        context,
        session,
        "LIST",
        formatCapList(session.caps),
        session.capVersion >= CAP_VERSION_VALUES,
      );
    case "REQ":
      return requestCapabilities(context, services, session, message.params[1] ?? "");
    case "END":
      if (session.phase.kind !== "registering") return;
      session.phase.isNegotiatingCaps = false;
      return tryCompleteRegistration(context, services, session);
    default:
      return context.numeric(session, ERR_INVALIDCAPCMD, subcommand, "Invalid CAP command");
  }
}

function listCapabilities(
  context: HubContext,
  session: Session,
  version: string | undefined,
): void {
  const number = version !== undefined && /^\d{1,9}$/.test(version) ? Number(version) : 301;
  const newest = Math.max(session.capVersion, number);
  if (session.phase.kind === "registering") session.phase.isNegotiatingCaps = true;
  const caps = newest >= 302 ? session.caps.with(CAP.capNotify) : session.caps; // implied by 302
  context.commit({ kind: "capabilities", session, caps, version: newest });
  const offered = formatCapLs(number, capabilityValues(context)).filter((token) =>
    isOffered(context, token.split("=", 1)[0]!)
  );
  const sts = stsValue(context, session);
  if (sts !== undefined && number >= CAP_VERSION_VALUES) offered.unshift(sts);
  // "consistent with the request's version"
  sendCapabilityLines(context, session, "LS", offered, number >= CAP_VERSION_VALUES);
}

/**
 * Token of Strict Transport Security (https://ircv3.net/specs/extensions/sts). It is a policy that clients cannot
 * request, so it is not in the list of capabilities.
 */
function stsValue({ config: { sts } }: HubContext, { isSecure }: Session): string | undefined {
  if (sts === undefined) return undefined;
  return isSecure ? `sts=duration=${sts.seconds}` : `sts=port=${sts.port}`;
}

/** Without accounts there is nothing to log in to, so SASL and account registration are not offered. */
function isOffered({ config }: HubContext, name: string): boolean {
  return config.accounts !== "off" || name !== SASL && name !== ACCOUNT_REGISTRATION;
}

/** Values of the capabilities that have one. */
function capabilityValues({ config: { storage } }: HubContext): Map<string, string> {
  const values = new Map([
    [SASL, SASL_MECHANISMS],
    [ACCOUNT_REGISTRATION, "before-connect"],
    [
      MULTILINE,
      MULTILINE_VALUE,
    ],
    [METADATA_2, METADATA_VALUE],
    [METADATA_3, METADATA_3_VALUE],
  ]);
  if (storage !== undefined) values.set(RECEIPTS, String(storage.sync));
  return values;
}

/**
 * Sends as many lines as needed: all but the last have `*` in front (`more`, which clients support from CAP version
 * 302 on). Older clients get the names that fit one line.
 */
function sendCapabilityLines(
  context: HubContext,
  session: Session,
  subcommand: string,
  names: readonly string[],
  more: boolean,
): void {
  const lead = `:${context.config.serverName} CAP ${sessionNick(session)} ${subcommand} `;
  const lines = [""];
  for (const name of names) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = name;
    else if (utf8Length(`${lead}* :${line} ${name}`) <= MAX_LINE_BYTES - CRLF_BYTES) {
      lines[lines.length - 1] = `${line} ${name}`;
    } else if (more) lines.push(name);
    else break;
  }
  lines.forEach((line, index) =>
    context.send(session, `${lead}${index < lines.length - 1 ? "* " : ""}:${line}`)
  );
}

/** Whether `cap` can no longer be requested or, with `off`, removed. */
function isLocked({ phase, capVersion }: Session, cap: Cap, off: boolean): boolean {
  if (phase.kind !== "registering" && ONLY_BEFORE_REGISTRATION.has(cap)) return true;
  return off && cap === CAP.capNotify && capVersion >= CAP_VERSION_VALUES; // implied by 302
}

/** All or nothing: "The server MUST reject the whole request if one of them is unknown". */
function requestCapabilities(
  context: HubContext,
  services: Services,
  session: Session,
  wanted: string,
): void {
  if (session.phase.kind === "registering") session.phase.isNegotiatingCaps = true;
  let { caps } = session;
  let verdict = "ACK";
  for (const token of wanted.split(" ")) {
    if (token === "") continue;
    const off = token.startsWith("-");
    const name = off ? token.slice(1) : token;
    const cap = isOffered(context, name) ? findCapability(name)?.cap : undefined;
    if (cap === undefined || isLocked(session, cap, off)) verdict = "NAK";
    else caps = off ? caps.without(cap) : caps.with(cap);
  }
  // metadata: "Clients MUST NOT request more than one of"; "Servers MUST NOT accept these requests either."
  if (caps.hasAll(BOTH_METADATA)) verdict = "NAK";
  const hasMetadata = caps.has(CAP.metadata2) || caps.has(CAP.metadata3);
  caps = hasMetadata ? caps.with(CAP.metadata) : caps.without(CAP.metadata);
  const asksMetadata = hasMetadata && !session.caps.has(CAP.metadata);
  if (verdict === "ACK") {
    const hears = hasMetadata && caps.has(CAP.batch);
    // metadata: "If a client removes this capability or the batch capability …, servers MUST clear that client's
    // subscription list."
    if (session.caps.has(CAP.metadata3) && !hears) services.metadata.unsubscribeAll(session);
    if (!caps.equals(session.caps)) {
      context.commit({ kind: "capabilities", session, caps, version: session.capVersion });
    }
  }
  const lead = `:${context.config.serverName} CAP ${sessionNick(session)} ${verdict} :`;
  const channel = MAX_LINE_BYTES - CRLF_BYTES - utf8Length(lead);
  // With the server's name in front a long request may not fit one line: capabilities that are cut off would be
  // granted without notice.
  const lines = utf8Length(wanted) <= channel
    ? [wanted.trimEnd()]
    : joinToLines(wanted.split(" "), " ", channel);
  for (const line of lines) context.send(session, lead + line);
  if (verdict === "ACK" && asksMetadata && session.phase.kind !== "registering") {
    sendOwnMetadata(context, services, session);
  }
}

export const CAP_VERBS: VerbTable = {
  CAP: { min: 1, who: "anyone", run: cap },
};
