/** The configuration file: all of its faults are told at once, with their lines; its schema says the same as its parser. */
import { assertEquals } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020";
import type { FlagType } from "../../lib/cli/command_syntax.ts";
import { configFaultText, parseConfig, SCHEMA_KEY, SETTINGS } from "../../lib/server/settings/config_file.ts";
import { configExample, configSchema } from "../../lib/server/settings/config_schema.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { pureTest } from "../support/test.ts";

function faultsOf(text: string): string[] {
  const parsed = parseConfig(text);
  return parsed.kind === "ok" ? [] : parsed.faults.map(configFaultText);
}

pureTest("configuration: each fault is told with its line and what to do", () => {
  const text = [
    "{",
    '  "$schema": "./serve.schema.json",',
    '  "lissten": ["127.0.0.1:6667"],',
    '  "max-clients": 0, "shrink": true,',
    '  "tls-self-signed": "yes",',
    '  "name": "a \\" b: {", "ping-timeout": "1s",',
    '  "log-format": "xml",',
    '  "exempt": ["::1", null],',
    '  "motd-file": ["a"],',
    '  "name": "chat.example",',
    '  "presense": [{ "name": 1 }]',
    "}",
  ];
  const [last, ...rest] = faultsOf(text.join("\n")).reverse();
  assertEquals(rest.reverse(), [
    'line 3: unknown setting "lissten"; did you mean "listen"?',
    "line 4: max-clients 0: not a whole number from 1 to 100000",
    'line 4: unknown setting "shrink": --shrink is for the command line alone',
    'line 5: "tls-self-signed" is true or false, not "yes"',
    "line 6: ping-timeout 1s: not a duration such as 10s from 5s to 1h",
    "line 7: log-format xml: not one of text, json",
    'line 8: "exempt" takes a value, not null',
    'line 9: "motd-file" takes one value, not a list',
    'line 10: "name" is set on line 6, too; remove one of them',
  ]);
  assertEquals(last?.startsWith('line 11: unknown setting "presense"; the settings are listen, '), true);
});

pureTest("configuration: what is no JSON object is told, with the line if the parser knows it", () => {
  const [comma = ""] = faultsOf('{\n  "name": "a",\n}');
  assertEquals(
    /^line 3: .*a comma between two settings and none after the last one/.test(comma),
    true,
    comma,
  );
  assertEquals(faultsOf("[]"), ["not a JSON object"]);
  assertEquals(faultsOf("null"), ["not a JSON object"]);
  for (const text of ["", "{", '{"a"', "\0", "{'name': 1}", "// no"]) {
    assertEquals(faultsOf(text).length, 1, text);
  }
});

/** Values of every kind, good and bad ones. */
const VALUES: readonly unknown[] = [
  ...[
    true,
    false,
    null,
    0,
    1,
    5,
    99,
    65_536,
    1e6,
    1e12,
    -1,
    1.5,
    "",
    " ",
    "0",
    "7",
    "-1",
    "off",
    "on",
    "open",
  ],
  ...[
    "always",
    "text",
    "10s",
    "1.5h",
    "1h30m",
    "10 s",
    "1y",
    "64KiB",
    "1.5 MiB",
    "2g",
    "3kb",
    "5TiB",
    "5/60s",
  ],
  ...["50/s", "5/", "/5s", "5/0s", "10ms", "90d,5GiB", "::1", "#tea", {}, [], ["10s"], ["::1", "::2"], [[]]],
];

/** Types of which a schema cannot tell all values: it takes some that the parser refuses. */
const LOOSE: readonly FlagType[] = ["rate", "duration", "size", "integer"];

pureTest("configuration: the schema takes what the parser takes, and refuses what has the wrong type", () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  const isValid = ajv.compile(configSchema());
  const [narrow, wide]: string[][] = [[], []];
  for (const name of SETTINGS) {
    for (const value of VALUES) {
      const isTaken = parseConfig(JSON.stringify({ [name]: value })).kind === "ok";
      const isInSchema = isValid({ [name]: value });
      if (isTaken && !isInSchema) narrow!.push(`${name} ${JSON.stringify(value)}`);
      if (!isTaken && isInSchema && !LOOSE.includes(SERVE_FLAGS[name].type)) {
        wide!.push(`${name} ${JSON.stringify(value)}`);
      }
    }
  }
  assertEquals([narrow, wide], [[], []]);
  assertEquals([isValid({ lissten: "x" }), isValid({ [SCHEMA_KEY]: "x" }), isValid([])], [
    false,
    true,
    false,
  ]);
  const described = configSchema()["properties"] as Record<string, { description?: string }>;
  assertEquals(Object.keys(described), [SCHEMA_KEY, ...SETTINGS]);
  assertEquals(Object.values(described).filter(({ description }) => !description), []);
});

pureTest("configuration: the example is one, for the parser and for the schema", () => {
  assertEquals([configExample(false), configExample(true)].flatMap((text) => faultsOf(text)), []);
  const ajv = new Ajv2020({ allowUnionTypes: true });
  assertEquals(
    ajv.validate(configSchema(), JSON.parse(configExample(true, "/etc/x.json"))),
    true,
    ajv.errorsText(),
  );
});
