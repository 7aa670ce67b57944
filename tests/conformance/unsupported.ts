/** What of IRC and IRCv3 this server does not have, and why. A test checks that none of it is there after all. */

export interface Unsupported {
  readonly what: string;
  readonly why: string;
  /** The capability of it. */
  readonly cap?: string;
  /** Its commands. */
  readonly verbs?: readonly string[];
}

export const UNSUPPORTED: readonly Unsupported[] = [
  {
    what: "Networks of several servers",
    why: "One server is the whole network; its log is what makes it one chat.",
    verbs: ["SERVER", "SJOIN", "NJOIN"],
  },
  {
    what: "SASL EXTERNAL",
    why:
      "Connections over TLS do not ask for a certificate of the client's: keys (SCRAM-SHA-256) do the same here.",
  },
  {
    what: "STARTTLS (`tls`)",
    why:
      "Deprecated by IRCv3: an attacker on the network can remove the offer. There are `--tls` and `--sts`.",
    cap: "tls",
    verbs: ["STARTTLS"],
  },
  {
    what: "Text that is not UTF-8",
    why: "UTF8ONLY: it is refused with `INVALID_UTF8`, so that no client shows garbage.",
  },
  {
    what: "CASEMAPPING=rfc1459",
    why:
      "`{}|^` are no letters; names compare by Unicode's case folding, and ASCII is what every client knows of it.",
  },
  {
    what: "Passwords for operators (OPER)",
    why:
      "An operator is an account (`--oper ACCOUNT`), and logs in as such; there is no second password to lose.",
  },
  {
    what: "SUMMON and USERS",
    why: "They disclose the people at the machine's terminals; answered by 445 and 446.",
  },
  {
    what: "SERVLIST, SQUERY",
    why: "The services are NickServ, OperServ and HistServ, which PRIVMSG reaches.",
    verbs: ["SERVLIST", "SQUERY"],
  },
  {
    what: "Compression of WebSocket messages (permessage-deflate)",
    why: "It would keep tens of kilobytes for every connection; lines are short.",
  },
  {
    what: "Files that the server takes for a client (`soju.im/FILEHOST`)",
    why: "Later: files need a store, bounds and a way to delete them.",
  },
  {
    what: "Messages that wake a client (`draft/webpush`, `soju.im/webpush`)",
    why: "Later: the server would have to speak to the push services of others.",
    cap: "draft/webpush",
    verbs: ["WEBPUSH"],
  },
  {
    what: "Local rooms (`&`), rooms without modes (`+`), safe rooms (`!`)",
    why: "They tell servers of one network apart, of which there is one.",
  },
];
