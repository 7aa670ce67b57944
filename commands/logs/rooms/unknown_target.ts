/** Rooms and users that the server does not know, and those of it that have a similar name. */
import { toPrintable } from "../../../lib/base/printable_text.ts";
import type { Io } from "../../../lib/cli/command.ts";
import { EXIT } from "../../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../../lib/cli/standard_streams.ts";
import { connect } from "../../../lib/client/connection/connect.ts";
import { withLink } from "../../../lib/client/connection/with_link.ts";
import { makeObserverRegistration } from "../../support/client_login.ts";
import type { ClientLogin } from "../../support/client_login.ts";
import { suggestWord } from "../../../lib/cli/flags/word_suggestion.ts";
import type { Link } from "../../../lib/client/connection/link.ts";
import { queryChannels, queryOnlineNames } from "../../../lib/client/query/presence.ts";
import { findFailureReply } from "../../../lib/client/session/failure_reply.ts";
import { casefold } from "../../../lib/irc/names/casemap.ts";
import { isChannelName } from "../../../lib/irc/names/name_rules.ts";
import { ERR_NOSUCHNICK, RPL_WHOISSPECIAL } from "../../../lib/irc/numerics.ts";
import { DEFAULT_LOBBY, LOBBY_TOKEN } from "../../../lib/irc/vendor_extensions.ts";

/** `; did you mean '#dev'?`: the room, or for a user the user online, of a similar name; else "". */
export async function suggestTarget(link: Link, target: string): Promise<string> {
  const rooms = await queryChannels(link);
  const known = rooms.kind === "ok" ? rooms.rows.map(({ name }) => name) : [];
  known.push(link.session.isupport.get(LOBBY_TOKEN) || DEFAULT_LOBBY);
  if (isChannelName(target)) return formatSuggestion(findSimilar(target, known));
  const users = await queryOnlineNames(link);
  const room = known.find((name) => casefold(name) === casefold(`#${target}`));
  return formatSuggestion(findSimilar(target, users.kind === "ok" ? users.rows : []) ?? room);
}

/** The `#` counts for nothing: it is in all rooms, and makes short names look alike. */
function findSimilar(target: string, known: readonly string[]): string | undefined {
  const bare = (name: string) => casefold(name).replace(/^#/, "");
  const near = suggestWord(bare(target), known.map(bare));
  return near === undefined ? undefined : known.find((name) => bare(name) === near);
}

function formatSuggestion(name: string | undefined): string {
  return name === undefined ? "" : `; did you mean '${name}'?`;
}

/** Reports those of `targets`, without messages, that are no users of the server; undefined: all are, or are rooms. */
export async function reportUnknownUsers(
  targets: readonly string[],
  io: Io,
  link: Link,
): Promise<ExitCode | undefined> {
  let code: ExitCode | undefined;
  for (const target of targets) {
    if (isChannelName(target) || !await isUnknownUser(link, target)) continue;
    if (await hasMessages(link, target)) continue;
    const advice = await suggestTarget(link, target);
    code = reportFailure(io, EXIT.noUser, toPrintable(`no such user: ${target}${advice}`));
  }
  return code;
}

/**
 * Whether `name` is neither online nor registered. Other servers do not tell a name that is registered from one that is
 * unknown.
 */
async function isUnknownUser(link: Link, name: string): Promise<boolean> {
  if (!link.session.isupport.has(LOBBY_TOKEN)) return false;
  const whois = await link.request({ command: "WHOIS", params: [name] });
  if (whois.kind !== "answered") return false;
  const has = (code: string) => whois.lines.some(({ command }) => command === code);
  return has(ERR_NOSUCHNICK) && !has(RPL_WHOISSPECIAL);
}

/** Whether there are messages with `name`, or it is not known. */
async function hasMessages(link: Link, name: string): Promise<boolean> {
  const history = await link.request({ command: "CHATHISTORY", params: ["LATEST", name, "*", "1"] });
  return history.kind !== "answered" || findFailureReply(history.lines) !== undefined ||
    history.lines.some(({ command }) => command === "PRIVMSG" || command === "NOTICE");
}

/**
 * Reports those of `users` that are unknown to the server, as far as it can be asked without a key; undefined: none. Those
 * of `named` are not meant for rooms.
 */
export async function reportUnknownWithoutKey(
  { address, trust, ...access }: ClientLogin,
  users: readonly string[],
  named: readonly string[],
  io: Io,
): Promise<ExitCode | undefined> {
  const registration = makeObserverRegistration({ address, trust, ...access });
  const used = await withLink(
    connect({ address, trust, registration, signal: io.signal }),
    io.signal,
    async (link) => {
      let code: ExitCode | undefined;
      for (const user of users) {
        if (!await isUnknownUser(link, user)) continue;
        const advice = await suggestTarget(link, user) ||
          (named.includes(user) ? "" : `; a room is '#${user}'`);
        code = reportFailure(io, EXIT.noUser, toPrintable(`no such user: ${user}${advice}`));
      }
      return code;
    },
  );
  return used.kind === "done" ? used.value : undefined;
}
