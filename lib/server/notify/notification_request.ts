/** HTTP requests that carry a notification: one form for each kind of notify URL. Pure. */
import type { NotifyKind } from "../../base/values/notify_url.ts";
import type { PageNotification } from "../../base/values/page_notification.ts";
import { toPrintableText } from "../../base/printable_text.ts";
import { unreachable } from "../../base/assert.ts";

export interface NotificationRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Longest encoded word (RFC 2047 §2), less its frame: bytes of base64. */
const WORD_BASE64_BYTES = 75 - "=?UTF-8?B??=".length;

export function makeNotificationRequest(
  kind: NotifyKind,
  notification: PageNotification,
): NotificationRequest {
  switch (kind) {
    case "webhook":
      return jsonRequest(webhookBody(notification));
    case "gotify":
      return jsonRequest({
        title: titleOf(notification),
        message: toPrintableText(notification.text),
        priority: URGENCY[notification.state].gotify,
      });
    case "ntfy": {
      const { ntfy, tag } = URGENCY[notification.state];
      return {
        headers: {
          "Content-Type": "text/plain; charset=utf-8",
          Title: encodeHeaderText(titleOf(notification)),
          Priority: ntfy,
          Tags: tag,
        },
        body: toPrintableText(notification.text),
      };
    }
    default:
      return unreachable(kind);
  }
}

/**
 * Priorities of ntfy (https://docs.ntfy.sh/publish/#message-priority) and of Gotify, where the app makes a sound from
 * 4 on and vibrates from 8 on; the tag is an emoji of ntfy.
 */
const URGENCY: Readonly<
  Record<PageNotification["state"], { readonly ntfy: string; readonly gotify: number; readonly tag: string }>
> = {
  ringing: { ntfy: "urgent", gotify: 8, tag: "rotating_light" },
  acknowledged: { ntfy: "default", gotify: 4, tag: "white_check_mark" },
  withdrawn: { ntfy: "default", gotify: 4, tag: "no_bell" },
  expired: { ntfy: "high", gotify: 5, tag: "hourglass" },
  test: { ntfy: "default", gotify: 4, tag: "bell" },
};

function jsonRequest(value: unknown): NotificationRequest {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}

/** A test has page 0 and an empty list, so that members have one type each. */
function webhookBody({ page, list, text, from, ring, time, state, by }: PageNotification): unknown {
  return { page, list, text, from, ring, time: new Date(time).toISOString(), state, by: by ?? null };
}

function titleOf({ page, list, from, ring, state, by }: PageNotification): string {
  const which = toPrintableText(`${list}: page ${page}`);
  const who = toPrintableText(by ?? "the server");
  switch (state) {
    case "ringing":
      return `${which} from ${toPrintableText(from)}${ring > 1 ? ` (ring ${ring})` : ""}`;
    case "acknowledged":
    case "withdrawn":
      return `${which} is ${state} by ${who}`;
    case "expired":
      return `${which} has expired without an answer`;
    case "test":
      return "Test notification";
    default:
      return unreachable(state);
  }
}

/**
 * `text`, one line, as the value of a header: printable ASCII as it is, other texts as encoded words of RFC 2047, which
 * ntfy decodes (from 2.4.0 on).
 */
export function encodeHeaderText(text: string): string {
  if (/^(?!.*=\?)[!-~](?:[ -~]*[!-~])?$/.test(text)) return text;
  const words: string[] = [];
  let word = "";
  for (const character of text.toWellFormed()) {
    if (base64Of(word + character).length > WORD_BASE64_BYTES) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((each) => `=?UTF-8?B?${base64Of(each)}?=`).join(" ");
}

export function base64Of(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
