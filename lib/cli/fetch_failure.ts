/** Packages of npm are fetched when the program runs for the first time from source; that this fails is no fault of the program. */

/** What the runtime says when an npm package, or what the registry knows of it, is neither in the cache nor to be had. */
const NOT_FETCHED = /\bnpm package\b|^Error getting response at /;

/** Words for an error of an import because a package could not be fetched; undefined: it is another error. */
export function describeFetchFailure(error: unknown): string | undefined {
  if (!(error instanceof TypeError) || !NOT_FETCHED.test(error.message)) return undefined;
  const [what = "", ...causes] = error.message.split("\n").map((line) => line.trim());
  const cause = causes.findLast((line) => /^\d+: /.test(line))?.replace(/^\d+: /, "");
  const why = cause === undefined ? what : `${what}: ${cause}`;
  return `a package that it needs is not here and cannot be fetched: ${why}; ` +
    "try again when the npm registry can be reached (it is fetched once)";
}
