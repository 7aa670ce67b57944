/**
 * Renders a message of several lines for a session: as a batch (https://ircv3.net/specs/extensions/multiline), or,
 * for clients without that capability, as separate messages, split where the sender split it.
 */
import { CAP, FORM_CAPS, formOf } from "../../irc/capabilities.ts";
import type { CapSet } from "../../irc/cap_set.ts";
import { CONCAT_TAG, MULTILINE, splitMultiline } from "../../irc/multiline.ts";
import type { HubConfig } from "../model/config.ts";
import type { MessageEvent } from "../model/state/event.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import { withTag } from "./labeled_response.ts";
import { renderServerTags, renderTags, renderTarget } from "./render.ts";

/** The capabilities that determine how such a message is rendered. */
export const MULTILINE_MASK = FORM_CAPS.with(CAP.batch).with(CAP.multiline);

/** Whether `caps` allow a multiline batch: it also needs the capability batch. */
export function supportsMultiline(caps: CapSet): boolean {
  return caps.has(CAP.multiline) && caps.has(CAP.batch);
}

/**
 * The lines (no CRLF) of `event`, at least one. `ref` is the reference of the batch, if one is used; `outer` is the
 * enclosing batch, as a tag, or "".
 */
export function renderMultiline(
  event: MessageEvent,
  place: RecordPlace,
  caps: CapSet,
  { logId, serverName }: Pick<HubConfig, "logId" | "serverName">,
  ref: string,
  outer = "",
): string[] {
  const form = formOf(caps);
  const inOuter = (line: string) => outer === "" ? line : withTag(line, outer);
  const tags = renderTags(event, place, form, logId);
  const target = renderTarget(event.target);
  const head = `:${event.source} ${event.verb} ${target} :`;
  const pieces = splitMultiline(event.text);
  if (supportsMultiline(caps)) {
    return [
      inOuter(`${tags}:${event.source} BATCH +${ref} ${MULTILINE} ${target}`),
      ...pieces.map(({ text, joined }) => `@batch=${ref}${joined ? ";" + CONCAT_TAG : ""} ${head}${text}`),
      inOuter(`:${serverName} BATCH -${ref}`),
    ];
  }
  // "Servers MUST NOT send blank lines to clients that have not negotiated the multiline capability."
  const [first = "", ...rest] = pieces.map(({ text }) => text).filter((text) => text !== "");
  // "Servers MUST only include a message ID on the first message": what is recorded is one message.
  const later = renderServerTags({ ...place, seq: 0 }, form, logId);
  return [
    inOuter(tags + head + first),
    ...rest.map((text) => inOuter((later === "" ? "" : `@${later} `) + head + text)),
  ];
}
