/** Names that the server has from specifications: what is not here is an extension of our own (docs/protocol/). */

/** Verbs of RFC 2812, of Modern IRC and of IRCv3. */
export const SPECIFIED_VERBS: ReadonlySet<string> = new Set([
  // Modern IRC and RFC 2812
  ..."ADMIN AWAY CAP CONNECT ERROR HELP INFO INVITE ISON JOIN KICK KILL LINKS LIST LUSERS MODE MOTD".split(
    " ",
  ),
  ..."NAMES NICK NOTICE OPER PART PASS PING PONG PRIVMSG QUIT SQUIT STATS SUMMON TIME TOPIC USER".split(" "),
  ..."USERHOST USERS VERSION WALLOPS WHO WHOIS WHOWAS".split(" "),
  "HELPOP", // another name of HELP on many servers
  // IRCv3
  ..."AUTHENTICATE BATCH CHATHISTORY ISUPPORT MARKREAD METADATA MONITOR REDACT REGISTER RENAME".split(" "),
  ..."SETNAME TAGMSG VERIFY".split(" "),
]);

/** Codes of standard replies (https://ircv3.net/specs/extensions/). */
export const SPECIFIED_CODES: ReadonlySet<string> = new Set([
  // account-registration
  ..."ACCOUNT_EXISTS ACCOUNT_NAME_MUST_BE_NICK ALREADY_AUTHENTICATED BAD_ACCOUNT_NAME INVALID_CODE".split(
    " ",
  ),
  ..."NEED_NICK TEMPORARILY_UNAVAILABLE UNACCEPTABLE_PASSWORD WEAK_PASSWORD".split(" "),
  "ACCOUNT_REQUIRED", // account-required
  // channel-rename
  ..."CANNOT_RENAME CHANNEL_NAME_IN_USE CHANNEL_RENAMED".split(" "),
  // chathistory
  ..."INVALID_MSGREFTYPE INVALID_PARAMS INVALID_TARGET MESSAGE_ERROR".split(" "),
  // client-batch and multiline
  ..."INVALID_REFTAG TIMEOUT UNKNOWN_TYPE".split(" "),
  ..."MULTILINE_INVALID MULTILINE_INVALID_TARGET MULTILINE_MAX_BYTES MULTILINE_MAX_LINES".split(" "),
  // message-redaction
  ..."REDACT_FORBIDDEN REDACT_WINDOW_EXPIRED UNKNOWN_MSGID".split(" "),
  // metadata, in both versions
  ..."INVALID_VALUE KEY_INVALID KEY_NO_PERMISSION LIMIT_REACHED SUBCOMMAND_INVALID TARGET_INVALID".split(" "),
  ..."INVALID_KEY TOO_MANY_SUBS VALUE_INVALID".split(" "),
  "NEED_MORE_PARAMS", // read-marker
  // setname
  ..."CANNOT_CHANGE_REALNAME INVALID_REALNAME".split(" "),
  "INVALID_UTF8", // utf8-only
]);
