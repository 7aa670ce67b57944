/** Names that no user may take because they look like the server, a service or staff. */
import { casefold } from "./casemap.ts";
import { SERVICE_SUFFIX } from "./service_name.ts";
import { makeSkeleton } from "./skeleton.ts";

/**
 * `anonymous` is reserved by RFC 2811 section 4.2.1; the server's log calls an observer `observer`. `root` is not
 * reserved: it is the login name in a container, which `join` uses if no other name is given.
 */
const SERVER_NAMES = [
  "alis",
  "anonymous",
  "global",
  "localhost",
  "observer",
  "oncall",
  "server",
  "service",
  "services",
];

/** Names of server staff. An account that already exists keeps such a name. */
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

/** Characters and pairs that pass for a letter at a glance. */
const COARSE_LOOKALIKES = [["0", "o"], ["1", "l"], ["|", "l"], ["rn", "m"], ["vv", "w"]] as const;

/**
 * Coarse form of the skeleton `look`: letters only, without accents, with digits and letter pairs replaced by the
 * letter that they pass for.
 */
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
  /** By coarse skeleton. */
  readonly #operators: ReadonlyMap<string, string>;

  /** `own`: names of the server and its network; `operators`: names of the server operators' accounts. */
  constructor(own: readonly string[], operators: Iterable<string> = []) {
    this.#server = coarseSkeletons([...SERVER_NAMES, ...own]);
    this.#operators = new Map(
      Array.from(operators, (name) => [coarsenSkeleton(makeSkeleton(casefold(name))), name]),
    );
  }

  /** The role that `name` is reserved for because it is or looks like a reserved name; undefined if it is free. */
  reservedFor(name: string): ReservedFor | undefined {
    for (const exact of new Set([makeSkeleton(casefold(name)), makeSkeleton(name)])) {
      const look = coarsenSkeleton(exact);
      if (look.endsWith(SERVICE_SUFFIX) || this.#server.has(look)) return "server";
      if (this.#staff.has(look)) return "staff";
    }
    return undefined;
  }

  /** The operator's name that `name` equals or looks like. */
  findOperator(name: string): string | undefined {
    if (this.#operators.size === 0) return undefined;
    return this.#operators.get(coarsenSkeleton(makeSkeleton(casefold(name)))) ??
      this.#operators.get(coarsenSkeleton(makeSkeleton(name)));
  }
}
