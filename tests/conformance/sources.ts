/** What transcripts quote. */

export interface Source {
  readonly title: string;
  /** Undefined: ours; a page of docs/ may describe it. */
  readonly url: string | undefined;
}

const IRCV3 = "https://ircv3.net/specs/extensions/";

/** Behaviour that no specification has. */
const OURS: Source = { title: "Our own", url: undefined };

/** Specifications of IRCv3, by what transcripts call them, with their pages. */
const EXTENSIONS: Readonly<Record<string, string>> = Object.fromEntries([
  ...[
    "account-extban",
    "account-notify",
    "account-registration",
    "account-tag",
    "away-notify",
    "batch",
    "bot-mode",
    "capability-negotiation",
    "channel-context",
    "channel-rename",
    "chathistory",
    "chghost",
    "client-batch",
    "echo-message",
    "extended-isupport",
    "extended-join",
    "extended-monitor",
    "invite-notify",
    "labeled-response",
    "message-ids",
    "message-redaction",
    "message-tags",
    "metadata",
    "monitor",
    "multi-prefix",
    "multiline",
    "network-icon",
    "no-implicit-names",
    "pre-away",
    "react",
    "read-marker",
    "reply",
    "sasl-3.1",
    "sasl-3.2",
    "server-time",
    "setname",
    "standard-replies",
    "sts",
    "typing",
    "userhost-in-names",
    "utf8-only",
    "websocket",
    "whoami",
    "whox",
  ].map((name) => [name, `${IRCV3}${name}`]),
  ["chathistory batch", "https://ircv3.net/specs/batches/chathistory"],
  ["search draft", "https://github.com/ircv3/ircv3-specifications/pull/496"],
  ["soju search", "https://codeberg.org/emersion/soju/src/branch/master/doc/ext/search.md"],
]);

export interface Quote {
  readonly source: Source;
  /** Section and sentence, as the transcript has them. */
  readonly text: string;
}

/** The first line of a transcript, without `# `, taken apart; undefined: its source is not known here. */
export function readQuote(line: string): Quote | undefined {
  const [, name = "", text = ""] = /^([^:",]+?)(?:,|(?= section)|:) ?(.*)$/s.exec(line) ?? [];
  if (name === "modern") {
    return { source: { title: "Modern IRC Client Protocol", url: "https://modern.ircdocs.horse/" }, text };
  }
  const [, rfc] = /^RFC (\d+)$/.exec(name) ?? [];
  if (rfc !== undefined) {
    return { source: { title: `RFC ${rfc}`, url: `https://www.rfc-editor.org/rfc/rfc${rfc}` }, text };
  }
  const [, report] = /^UTS #(\d+)$/.exec(name) ?? [];
  if (report !== undefined) {
    return { source: { title: `UTS #${report}`, url: `https://www.unicode.org/reports/tr${report}/` }, text };
  }
  if (name === "PROXY protocol") {
    return {
      source: { title: name, url: "https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt" },
      text,
    };
  }
  const url = EXTENSIONS[name];
  if (url !== undefined) return { source: { title: `IRCv3 ${name}`, url }, text };
  if (/^(?:ours|our own)$/i.test(name)) return { source: OURS, text };
  if (/^docs\/\S+\.md$/.test(name)) return { source: OURS, text: `${name}, ${text}` };
  if (name === "Habit") return { source: { title: "Habit, without a specification", url: undefined }, text };
  return undefined;
}
