/** `logs --search`: asks the server for messages with the given words, page by page, and shows them. */
import { toPrintable, toPrintableText } from "../../lib/base/printable_text.ts";
import { findMatches } from "../../lib/base/search_terms.ts";
import type { WordSequence } from "../../lib/base/search_terms.ts";
import { countColumns } from "../../lib/base/text_width.ts";
import { renderTextLines, stripFormatting } from "../../lib/tui/view/message_text.ts";
import { makeSnippet } from "../../lib/tui/view/snippet.ts";
import type { SnippetPart } from "../../lib/tui/view/snippet.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { UsageError, watchStdoutReader } from "../../lib/cli/flags/command_definition.ts";
import {
  loadPalette,
  readColorDepth,
  readColorLevel,
  reportFailure,
} from "../../lib/cli/standard_streams.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import {
  describeSearchRest,
  makeSearchMessage,
  parseFoundPage,
  SEARCH_STUCK,
} from "../../lib/client/conversation/search/search_page.ts";
import { describeFailure, findFailureReply } from "../../lib/client/session/failure_reply.ts";
import { SOJU_SEARCH } from "../../lib/irc/capability_names.ts";
import type { Message } from "../../lib/irc/message.ts";
import { isChannelName } from "../../lib/irc/names/name_rules.ts";
import type { SearchPage } from "../../lib/irc/search/search_attributes.ts";
import { parseSearchRequest, toSequences } from "../../lib/irc/search/search_request.ts";
import type { SearchRequest } from "../../lib/irc/search/search_request.ts";
import type { SearchRest } from "../../lib/irc/vendor_extensions.ts";
import type { ClientLogin } from "../support/client_login.ts";
import type { ClientFlags } from "../support/client_options.ts";
import { makeObserverRegistration, readClientLogin } from "../support/client_login.ts";
import { isColored } from "../support/color_option.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import { formatEntry, formatEntryJson } from "./history_entry_text.ts";
import type { EntryFormat, Layout } from "./history_entry_text.ts";
import { reportMissingKey } from "./missing_key.ts";
import { suggestTarget } from "./rooms/unknown_target.ts";

/** Messages asked for at once: a ChatterBox server gives no more. */
const PAGE_MESSAGES = 100;
/** A match at a terminal: bold, underlined and red; without colours only bold and underlined. */
const MATCH = "1;4;31";
/** Most columns of the text of a message at a terminal. */
const MAX_SNIPPET_COLUMNS = 200;

/** Messages shown if no number is given. */
const DEFAULT_SEARCH_RESULTS = 20;

/** Flags of `logs` that concern a search. */
export interface SearchFlags extends ClientFlags {
  readonly search?: string | undefined;
  readonly from?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly lines?: number | undefined;
  readonly json: boolean;
  readonly utc: boolean;
  readonly layout?: Layout | undefined;
  readonly color: string;
  readonly "no-color": boolean;
}

/** Flags that cannot be used with --search. */
const UNFIT = [
  "follow",
  "no-retry",
  "max-count",
  "cursor-file",
  "grep",
  "file",
  "verify",
  "local",
  "all-rooms",
  "reverse",
  "exec",
] as const;

/** `places`: the rooms and users that other flags name. */
export async function search(
  flags: SearchFlags & Readonly<Partial<Record<typeof UNFIT[number], unknown>>>,
  words: readonly string[],
  places: readonly string[],
  io: Io,
): Promise<ExitCode> {
  const unfit = UNFIT.find((name) => flags[name]);
  if (unfit !== undefined) throw new UsageError(`--search and --${unfit} cannot be used together`);
  if (flags.lines === 0) throw new UsageError("--search needs -n 1 or more");
  const request = readSearchRequest(flags, words, places, io.clock.now());
  watchStdoutReader(io, false);
  const found = await readClientLogin(io, flags, "observe");
  if (found.kind === "failed") return found.code;
  const refusal = checkDirectAccess(found.access, request, io);
  if (refusal !== undefined) return refusal;
  const colored = isColored(flags, io);
  const palette = loadPalette(colored && readColorDepth(io.env));
  const matchPalette = flags.color === "auto" && !colored
    ? loadPalette(readColorLevel(io.stdout, io.env, flags["no-color"]))
    : palette;
  return await runSearch({
    access: found.access,
    request,
    limit: flags.lines ?? DEFAULT_SEARCH_RESULTS,
    isJson: flags.json,
    isTerminal: io.stdout.isTerminal,
    isColored: colored,
    format: { utc: flags.utc, palette, matchPalette, layout: flags.layout },
    io,
    signal: AbortSignal.any([io.signal, io.stdout.closedSignal]),
  });
}

/** Without a key no direct messages are searched: a person that expects them must not read "nothing found". */
function checkDirectAccess(access: ClientLogin, request: SearchRequest, io: Io): ExitCode | undefined {
  const { isNameExplicit, registration: { credentials } } = access;
  const [namesRooms, namesUsers] = [
    request.in.some(isChannelName),
    request.in.some((name) => !isChannelName(name)),
  ];
  if (credentials !== undefined || namesRooms && !namesUsers) return undefined;
  if (isNameExplicit || namesUsers) return reportMissingKey(access, io);
  io.stderr.write("chatterbox: only the lobby is searched, without direct messages (--name NAME)\n");
  return undefined;
}

/** The request that `flags` and the further `words` make. */
function readSearchRequest(
  { search = "", from, since, until }: SearchFlags,
  words: readonly string[],
  places: readonly string[],
  now: number,
): SearchRequest {
  const text = [search, ...words].join(" ");
  if (text.trim() === "") throw new UsageError("--search needs a value");
  const request = parseSearchRequest(text, now);
  if ("fault" in request) throw new UsageError(`--search: ${toPrintable(request.fault)}`);
  for (const [name, flag] of [["since", since], ["until", until]] as const) {
    if (flag !== undefined && request[name] !== undefined) {
      throw new UsageError(`--${name} and ${name}: cannot be used together`);
    }
  }
  const [start, end] = [request.since ?? since, request.until ?? until];
  return {
    ...request,
    in: [...request.in, ...places],
    from: from === undefined ? request.from : [...request.from, from],
    ...start !== undefined && { since: start },
    ...end !== undefined && { until: end },
  };
}

interface FoundFormat extends Omit<EntryFormat, "places"> {
  /** Has no colours where a person wants none. */
  readonly matchPalette: Palette;
}

interface SearchRun {
  readonly access: ClientLogin;
  readonly request: SearchRequest;
  /** Most messages. */
  readonly limit: number;
  readonly isJson: boolean;
  /** Standard output is read by a person: a long message is cut around its first match. */
  readonly isTerminal: boolean;
  readonly isColored: boolean;
  readonly format: FoundFormat;
  readonly io: Io;
  readonly signal: AbortSignal;
}

async function runSearch(run: SearchRun): Promise<ExitCode> {
  const { connect } = await import("../../lib/client/connection/connect.ts");
  const { withLink } = await import("../../lib/client/connection/with_link.ts");
  const { access, io, signal } = run;
  const { address, trust } = access;
  const registration = makeObserverRegistration(access);
  const used = await withLink(connect({ address, trust, registration, signal }), signal, async (link) => {
    return link.session.caps.has(SOJU_SEARCH)
      ? await searchOver(link, run)
      : reportFailure(io, EXIT.unreachable, "the server has no search");
  });
  return used.kind === "done" ? used.value : reportConnectFailure(io, used, access, signal);
}

/** Shows page after page, until there are enough messages or no more. */
async function searchOver(link: Link, run: SearchRun): Promise<ExitCode> {
  const { request, limit, io, signal } = run;
  const terms = toSequences(request.terms);
  let found = 0;
  let rest: SearchRest | undefined;
  do {
    const page: SearchPage = {
      request,
      limit: Math.min(limit - found, PAGE_MESSAGES),
      ...rest?.before !== undefined && { before: rest.before },
    };
    const message = makeSearchMessage(page);
    if ("fault" in message) return reportFailure(io, EXIT.usage, message.fault);
    const outcome = await link.request(message);
    if (signal.aborted) return exitCodeForSignal(signal);
    if (outcome.kind !== "answered") {
      const why = outcome.kind === "lost"
        ? `the connection was lost: ${toPrintable(outcome.text)}`
        : "the server did not answer in time";
      return reportFailure(io, EXIT.tryAgain, why);
    }
    const failure = findFailureReply(outcome.lines);
    if (failure !== undefined) {
      const code = exitCodeForFailure(failure);
      const advice = code === EXIT.noUser ? await suggestTarget(link, failure.params[3] ?? "") : "";
      return reportFailure(io, code, toPrintable(describeFailure(failure) + advice));
    }
    const shown = parseFoundPage(outcome.lines, io.clock.now());
    for (const entry of shown.messages) io.stdout.write(formatFound(entry, terms, run));
    found += shown.messages.length;
    if (shown.rest?.before !== undefined && shown.rest.before === rest?.before) {
      return reportFailure(io, EXIT.tryAgain, `${SEARCH_STUCK}; try again later`);
    }
    rest = shown.rest;
  } while (found < limit && rest?.before !== undefined);
  if (rest !== undefined) {
    const more = rest.before === undefined ? "" : `; to go on: -n ${2 * limit}`;
    io.stderr.write(`chatterbox: ${describeSearchRest(rest)}${more}\n`);
  }
  return found > 0 ? EXIT.ok : EXIT.notFound;
}

function exitCodeForFailure({ params: [, code, attribute] }: Message): ExitCode {
  if (code === "RATE_LIMITED") return EXIT.tryAgain;
  return code === "INVALID_PARAMS" && attribute === "in" ? EXIT.noUser : EXIT.refused;
}

function formatFound(
  entry: MessageEntry,
  terms: readonly WordSequence[],
  { access, isJson, isTerminal, isColored, format }: SearchRun,
): string {
  if (isJson) {
    const matches = findMatches(entry.text, terms);
    return formatEntryJson(entry, access.name, { matches: matches.map(({ start, end }) => [start, end]) });
  }
  const bare = stripFormatting(entry.text);
  const matches = findMatches(bare, terms);
  const lines = isTerminal
    ? [makeSnippet(bare, matches, MAX_SNIPPET_COLUMNS).map((part) => paintPart(part, format)).join("")]
    : renderTextLines(entry.text, { isColored, matches: isColored ? matches : [], countColumns });
  return formatEntry(entry, { ...format, places: true }, lines);
}

function paintPart({ text, isMatch }: SnippetPart, { matchPalette }: FoundFormat): string {
  const shown = toPrintableText(text);
  return isMatch ? matchPalette.sgr(shown, MATCH) : shown;
}
