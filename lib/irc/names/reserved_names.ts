/**
 * Names that no user has, because others would take that user for a part of the server, for one of the services that networks
 * have, or for a member of the staff.
 */
import { casefold } from "./casemap.ts";
import { makeSkeleton } from "./skeleton.ts";

/** Services of Anope, Atheme and ergo are named NickServ, ChanServ, HistServ and so on. */
const SERVICE_SUFFIX = "serv";

/**
 * `anonymous` is reserved by RFC 2811 section 4.2.1; `observer` is how an observer is called in the server's own log. `root` is
 * not reserved: it is the login name in a container, which `join` takes when it is given no other.
 */
const SERVER_NAMES = [
  "alis",
  "anonymous",
  "global",
  "localhost",
  "observer",
  "server",
  "service",
  "services",
];

/** Names of people who run a server. An account that there is already keeps such a name. */
const STAFF_NAMES = [
  "admin",
  "administrator",
  "ircop",
  "netadmin",
  "oper",
  "operator",
  "sysadmin",
  "sysop",
  "system",
];

export type ReservedFor = "server" | "staff";

/** What passes for a letter at a glance. */
const COARSE_LOOKALIKES = [["0", "o"], ["1", "l"], ["|", "l"], ["rn", "m"], ["vv", "w"]] as const;

/** The skeleton `look` to a hasty eye: letters alone, without accents, also for digits and pairs that pass for one. */
function coarsenSkeleton(look: string): string {
  const letters = COARSE_LOOKALIKES.reduce(
    (text, [part, letter]) => text.replaceAll(part, letter),
    look.normalize("NFD"),
  );
  return letters.replace(/[^\p{L}\p{Nd}]/gu, "");
}

function coarseSkeletons(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => coarsenSkeleton(makeSkeleton(casefold(name)))));
}

export class ReservedNames {
  readonly #server: ReadonlySet<string>;
  readonly #staff = coarseSkeletons(STAFF_NAMES);
  /** By what it looks like. */
  readonly #operators: ReadonlyMap<string, string>;

  /** `own`: what the server and its network are called; `operators`: the names of the accounts that run it. */
  constructor(own: readonly string[], operators: Iterable<string> = []) {
    this.#server = coarseSkeletons([...SERVER_NAMES, ...own]);
    this.#operators = new Map(
      Array.from(operators, (name) => [coarsenSkeleton(makeSkeleton(casefold(name))), name]),
    );
  }

  /** What `name` is reserved for because it is a reserved name or looks like one; undefined: nothing. */
  reservedFor(name: string): ReservedFor | undefined {
    for (const exact of new Set([makeSkeleton(casefold(name)), makeSkeleton(name)])) {
      const look = coarsenSkeleton(exact);
      if (look.endsWith(SERVICE_SUFFIX) || this.#server.has(look)) return "server";
      if (this.#staff.has(look)) return "staff";
    }
    return undefined;
  }

  /** The one of the operators' names that `name` is or looks like. */
  findOperator(name: string): string | undefined {
    if (this.#operators.size === 0) return undefined;
    return this.#operators.get(coarsenSkeleton(makeSkeleton(casefold(name)))) ??
      this.#operators.get(coarsenSkeleton(makeSkeleton(name)));
  }
}
