/** Redactions that the archive may not have carried out when it answered. */
import { CAP } from "../../irc/capabilities.ts";
import type { EventLog } from "../log/event_log.ts";
import { decodeEvent } from "../log/event_codec.ts";
import type { ConversationLog } from "../model/conversation_log.ts";

/** Sequence numbers of the messages that the records of `conversation` from `since` on redact. */
export function redactedSince(
  log: EventLog,
  { timeline }: ConversationLog,
  since: number,
): ReadonlySet<number> {
  const redacted = new Set<number>();
  const redactions = timeline.eventsForCap(CAP.redaction);
  const length = redactions?.length(log.oldestSeq) ?? 0;
  for (let at = redactions?.partition((seq) => seq < since) ?? 0; at < length; at++) {
    const read = log.read(redactions!.at(at));
    const event = read.kind === "ok" ? decodeEvent(read.payload) : undefined;
    if (event?.kind === "redact") redacted.add(Number.parseInt(event.msgid, 36)); // what is before the dash
  }
  return redacted;
}
