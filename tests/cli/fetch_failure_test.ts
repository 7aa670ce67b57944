import { assertEquals, assertMatch } from "@std/assert";
import { describeFetchFailure } from "../../lib/cli/fetch_failure.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "a package that cannot be fetched is told in one line, with the first and the last of the causes",
  () => {
    const error = new TypeError(
      "Failed caching npm package 'deno-std@1.4.0'\n    0: error sending request for url (https://registry.npmjs.org/x)\n" +
        "    1: Connection refused (os error 111)\n    at \u001b[0mfile:///lib/cli/flags/flags.ts:5:27",
    );
    assertEquals(
      describeFetchFailure(error),
      "a required package is missing and cannot be downloaded: Failed caching npm package 'deno-std@1.4.0': " +
        "Connection refused (os error 111); try again when the npm registry can be reached (a package is downloaded once)",
    );
    for (
      const text of [
        'npm package not found in cache: "string-width", --cached-only is specified.',
        "Error getting response at https://registry.npmjs.org/string-width for package 'string-width'",
      ]
    ) assertMatch(describeFetchFailure(new TypeError(text)) ?? "", /cannot be downloaded/);
    for (const other of [new TypeError("x is not a function"), new Error("npm package"), "npm package"]) {
      assertEquals(describeFetchFailure(other), undefined);
    }
  },
);
