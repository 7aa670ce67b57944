/**
 * Bounds of the protocol, each with its source. Lengths of names and texts are in UTF-8 bytes.
 *
 * "modern" is https://modern.ircdocs.horse, "message-tags" is https://ircv3.net/specs/extensions/message-tags.
 */

/** modern, "Message Format": "512 bytes in length, including the trailing CR-LF characters", not counting tags. */
export const MAX_LINE_BYTES = 512;

/**
 * The CR LF that {@link MAX_LINE_BYTES} includes. A line that ends with a single LF or CR is measured as if it had
 * both.
 */
export const CRLF_BYTES = 2;

/** message-tags, "Size limit": `<client_max> (4096) :: '@' <tag_data 4094> ' '`, the most that a client may send. */
export const MAX_CLIENT_TAGS_BYTES = 4096;

/**
 * message-tags, "Size limit": `<combined_max> (8191)`, tags of client and server together, which a client must
 * accept.
 */
export const MAX_SERVER_TAGS_BYTES = 8191;

/**
 * modern, RPL_ISUPPORT (005): "the maximum number of RPL_ISUPPORT tokens that can be advertised is 13" in one line.
 */
export const MAX_ISUPPORT_TOKENS = 13;

/** modern, "RPL_ISUPPORT Parameters": NICKLEN. RFC 1459 has 9; most networks use 30. */
export const NICKLEN = 30;

/** modern: CHANNELLEN. RFC 2812 section 1.3 allows 50; 64 is common and leaves space for UTF-8. */
export const CHANNELLEN = 64;

/** modern: TOPICLEN. With the longest names, TOPIC and RPL_TOPIC still fit {@link MAX_LINE_BYTES}. */
export const TOPICLEN = 300;

/** modern: AWAYLEN. */
export const AWAYLEN = 200;

/** modern: KICKLEN. With the longest names, KICK still fits {@link MAX_LINE_BYTES}. */
export const KICKLEN = 250;

/** modern: USERLEN. */
export const USERLEN = 18;

/** modern, "USER message": the real name has no RPL_ISUPPORT token; at this length the lines of WHO and WHOIS fit. */
export const REALNAMELEN = 150;

/** modern: HOSTLEN; RFC 2812 section 2.3.1: "hostname has a maximum length of 63 characters". */
export const HOSTLEN = 63;

/** RFC 2812 section 1.1: a server's name "has a maximum length of sixty three (63) characters". */
export const SERVERNAMELEN = 63;

/** modern: MAXTARGETS, the largest number of targets of one PRIVMSG, NOTICE, TAGMSG, JOIN, PART, … */
export const MAXTARGETS = 20;

/** https://ircv3.net/specs/extensions/labeled-response, "Tag value": "The value MUST NOT exceed 64 bytes." */
export const MAX_LABEL_BYTES = 64;
