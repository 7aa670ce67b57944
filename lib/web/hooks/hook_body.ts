/** What a hook is sent, by its form: Alertmanager, Grafana, GitHub, `{"text"}` of Slack, plain text. Pure. */
import { formatAlerts } from "./alerts.ts";
import { formatGithub } from "./github.ts";
import { asObject, asObjects, plainLines, toHookText } from "./hook_text.ts";
import type { JsonObject } from "./hook_text.ts";

export interface HookBody {
  /** In lower case, without parameters. */
  readonly mediaType: string;
  readonly text: string;
  /** The header `X-GitHub-Event`. */
  readonly githubEvent: string | undefined;
}

export type HookText =
  /** `text` is sent; "": the event is known, and there is nothing to tell. */
  | {
    readonly kind: "ok";
    readonly text: string;
    /** The object that was sent; undefined: none. */
    readonly body?: JsonObject;
  }
  | { readonly kind: "not_json" }
  /** JSON of none of the forms. */
  | { readonly kind: "unknown" }
  | { readonly kind: "unsupported_type" };

export function readHookBody({ mediaType, text, githubEvent }: HookBody): HookText {
  switch (mediaType) {
    case "application/json":
      return readJson(text, githubEvent);
    case "application/x-www-form-urlencoded":
      return readForm(text, githubEvent);
    case "":
    case "text/plain":
      return { kind: "ok", text: plainLines(text) };
    default:
      return mediaType.endsWith("+json") ? readJson(text, githubEvent) : { kind: "unsupported_type" };
  }
}

/** `payload=JSON` as GitHub and Slack send it, `text=…`; what is no form is a text, as `curl -d TEXT` sends it. */
function readForm(body: string, githubEvent: string | undefined): HookText {
  const form = new URLSearchParams(body);
  const payload = form.get("payload");
  if (payload !== null) return readJson(payload, githubEvent);
  return { kind: "ok", text: plainLines(form.get("text") ?? body) };
}

function readJson(text: string, githubEvent: string | undefined): HookText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "not_json" };
  }
  const body = asObject(value);
  if (githubEvent !== undefined) return { kind: "ok", text: formatGithub(githubEvent, body) };
  const words = formatAlerts(body) ?? formatSlack(body);
  return words === undefined ? { kind: "unknown" } : { kind: "ok", text: words, body };
}

/** `{text, attachments: [{fallback, text}]}` (https://api.slack.com/messaging/webhooks). */
function formatSlack({ text, attachments }: JsonObject): string | undefined {
  const parts = [text, ...asObjects(attachments).map((each) => each.text ?? each.fallback)];
  const texts = parts.filter((part) => typeof part === "string" && part !== "") as string[];
  if (texts.length === 0) return undefined;
  return toHookText(plainLines(texts.map(readSlackMarks).join("\n")).split("\n"));
}

/** Slack's marks as plain text: `<https://a.example|here>` is `here (https://a.example)`. */
function readSlackMarks(text: string): string {
  return text
    .replace(/<(https?:[^|>]+)\|([^>]*)>/g, "$2 ($1)")
    .replace(/<(https?:[^|>]+)>/g, "$1")
    .replace(/<[!@#][^|>]*\|([^>]*)>/g, "$1")
    .replace(/<!(\w+)>/g, "@$1")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
