/**
 * Failures to download npm packages, which happens when the program first runs from source. They are no fault
 * of the program.
 */

/** Messages of the runtime if an npm package, or its metadata, is neither cached nor can be downloaded. */
const NOT_FETCHED = /\bnpm package\b|^Error getting response at /;

/** The text for an import error that a failed download has caused; undefined for any other error. */
export function describeFetchFailure(error: unknown): string | undefined {
  if (!(error instanceof TypeError) || !NOT_FETCHED.test(error.message)) return undefined;
  const [what = "", ...causes] = error.message.split("\n").map((line) => line.trim());
  const cause = causes.findLast((line) => /^\d+: /.test(line))?.replace(/^\d+: /, "");
  const why = cause === undefined ? what : `${what}: ${cause}`;
  return `a required package is missing and cannot be downloaded: ${why}; ` +
    "try again when the npm registry can be reached (a package is downloaded once)";
}
