/** The ids of OnCall's recorded messages: each message is recorded once, and names its page also where that is lost. */
import type { OwnerId } from "../../model/identifiers.ts";
import type { Page, PageEnd } from "./page.ts";

/** Owner id of the service's messages, which no user has. */
export const ONCALL_OWNER = "~oncall";

/** Of the message that rings `owner`. */
export function ringMessageId({ number }: Page, owner: OwnerId): string {
  return `page:${number}:${owner}`;
}

/** Of the message to `owner` about this end: a page of which an end was lost by a restart has another one later. */
export function endMessageId({ number }: Page, { at }: PageEnd, owner: OwnerId): string {
  return `pageend:${number}.${at.toString(36)}:${owner}`;
}

/** Of the message to `owner` that their notify URL did not take the page. */
export function failureMessageId({ number }: Page, owner: OwnerId): string {
  return `pageurl:${number}:${owner}`;
}

/** Number of the page that a message with this id is about; undefined: it is about none. */
export function pageNumberOf(id: string | undefined): number | undefined {
  const [, digits] = /^page(?:end|url)?:(\d{1,9})[.:]/.exec(id ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits);
}
