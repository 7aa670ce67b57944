import { assertEquals } from "@std/assert";
import {
  formatHelpExamples,
  formatHelpParagraph,
  formatHelpSection,
} from "../../lib/cli/flags/help_layout.ts";
import { pureTest } from "../support/test.ts";

const LONG = "a text that is too long for what is left of a line of 80 columns beside the left column";

pureTest("help layout: a section has two columns, and goes on below the right one", () => {
  assertEquals(
    formatHelpSection("Flags", [["--short", LONG], ["--longer", "fits"]]),
    `Flags:
  --short   a text that is too long for what is left of a line of 80 columns
            beside the left column
  --longer  fits
`,
  );
});

pureTest("help layout: a left column of more than 30 columns has a line of its own", () => {
  assertEquals(
    formatHelpSection("Flags", [["--name", "fits"], [`--${"x".repeat(30)}`, "below"]]),
    `Flags:
  --name  fits
  --${"x".repeat(30)}
          below
`,
  );
});

pureTest("help layout: where one example does not fit, each comment is below its example", () => {
  assertEquals(
    formatHelpExamples([["run a", "fits"], ["run bc", "fits"]]),
    "Examples:\n  run a   fits\n  run bc  fits\n",
  );
  assertEquals(
    formatHelpExamples([["run a", "fits"], ["run b", LONG]]),
    `Examples:
  run a
      fits
  run b
      a text that is too long for what is left of a line of 80 columns beside
      the left column
`,
  );
});

pureTest("help layout: a paragraph is broken anew; a word longer than a line has a line of its own", () => {
  assertEquals(
    formatHelpParagraph(`one\ntwo ${"x".repeat(81)} three`),
    `one two\n${"x".repeat(81)}\nthree\n`,
  );
});
