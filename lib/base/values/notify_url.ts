/**
 * Notify URL of an account: where a server sends its pages. `https://…` and `http://…` are webhooks; a prefix names
 * another form: `ntfy+https://ntfy.sh/topic` (https://docs.ntfy.sh/publish/) and
 * `gotify+https://host/message?token=T` (https://gotify.net/docs/pushmsg).
 *
 * User, password, path and query may be secrets. No text of this file quotes them.
 */

/** A line of the server has the URL behind the server's name. */
export const NOTIFY_URL_MAX_BYTES = 400;

export type NotifyKind = "webhook" | "ntfy" | "gotify";

export interface NotifyUrl {
  readonly kind: NotifyKind;
  /** With the scheme `http:` or `https:`, without user and password. */
  readonly url: URL;
  /** User and password of the URL, decoded; undefined: it has neither. */
  readonly credentials: string | undefined;
}

const SCHEMES = "https:, http:, ntfy+https:, ntfy+http:, gotify+https: or gotify+http:";
/** https://docs.ntfy.sh/publish/#limitations, and the pattern of its server for topics. */
const NTFY_TOPIC = /^[-_A-Za-z0-9]{1,64}$/;
/** Longest name that DNS takes (RFC 1035 §2.3.4). */
const MAX_NAME_LENGTH = 253;

/** Parses `text`. Returns a text where it cannot be used: what is wrong, and what to write instead. */
export function parseNotifyUrl(text: string): NotifyUrl | string {
  // A URL parser removes tabs, line breaks and outer spaces without a word.
  if (/[\p{Cc}\s]/u.test(text)) {
    return "the URL has a space or a control character: write it as %20 or leave it out";
  }
  if (new TextEncoder().encode(text).length > NOTIFY_URL_MAX_BYTES) {
    return `the URL is longer than ${NOTIFY_URL_MAX_BYTES} bytes`;
  }
  if (text.includes("#")) {
    return 'the URL has a "#": what follows it is never sent; write # as %23 where it is part of a value';
  }
  const [, prefix, address] = /^(?:(ntfy|gotify)\+)?(https?:\/\/.*)$/iu.exec(text) ?? [];
  if (address === undefined) return `the URL does not begin with ${SCHEMES}, followed by //`;
  if (!URL.canParse(address)) {
    return "the URL is malformed: write it as https://HOST/PATH or https://HOST:PORT/PATH";
  }
  const url = new URL(address);
  const kind = (prefix?.toLowerCase() ?? "webhook") as NotifyKind;
  const fault = hostFault(url) ?? FORM_FAULT[kind](url);
  if (fault !== undefined) return fault;
  const credentials = readCredentials(url);
  if (typeof credentials === "object") return credentials.why;
  url.username = url.password = "";
  return { kind, url, credentials };
}

/** `HOST` or `HOST:PORT`: the part of a notify URL that is no secret. */
export function notifyHost({ url }: NotifyUrl): string {
  return url.host;
}

function hostFault({ hostname, port }: URL): string | undefined {
  if (port === "0") return "port 0 cannot be connected to: leave the port out or name another one";
  if (hostname.length > MAX_NAME_LENGTH || hostname === ".") return "the URL has no valid host name";
  return undefined;
}

const FORM_FAULT: Readonly<Record<NotifyKind, (url: URL) => string | undefined>> = {
  webhook: () => undefined,
  ntfy({ pathname }) {
    return NTFY_TOPIC.test(pathname.slice(pathname.lastIndexOf("/") + 1))
      ? undefined
      : "the URL does not end in a topic of ntfy (letters, digits, _ and -, at most 64): write ntfy+https://HOST/TOPIC";
  },
  gotify({ pathname, searchParams }) {
    return pathname.endsWith("/message") && (searchParams.get("token") ?? "") !== ""
      ? undefined
      : "the URL is not that of Gotify's messages: write gotify+https://HOST/message?token=TOKEN, with the token of an application";
  },
};

/** `user:password` for the authorization scheme Basic (RFC 7617 §2). */
function readCredentials({ username, password }: URL): string | undefined | { why: string } {
  if (username === "" && password === "") return undefined;
  try {
    const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
    if (user.includes(":")) return { why: "the user in the URL has a colon, which HTTP cannot send" };
    if (/\p{Cc}/u.test(user + secret)) return { why: "user or password in the URL has a control character" };
    return `${user}:${secret}`;
  } catch {
    return {
      why:
        "user or password in the URL has a % that no two hexadecimal digits of UTF-8 follow: write % as %25",
    };
  }
}
