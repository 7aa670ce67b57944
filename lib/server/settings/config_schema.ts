/** The JSON Schema of the configuration file, made from the table of flags, and an example of the file. */
import { formatBound } from "../../cli/flags/flags.ts";
import type { Flag } from "../../cli/flags/flags.ts";
import { SCHEMA_KEY, SETTINGS } from "./config_file.ts";
import { SERVE_FLAGS } from "./serve_flags.ts";
import type { ServeFlags } from "./serve_flags.ts";

/** A schema of JSON Schema 2020-12 (https://json-schema.org/draft/2020-12), as far as it is used here. */
type Schema = Readonly<Record<string, unknown>>;

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** Name of the schema's file, as the example refers to it. */
export const SCHEMA_FILE = "serve.schema.json";

/** How a value is written (lib/base/values/). A number of JSON is taken as its digits. */
const PATTERNS: Readonly<Partial<Record<Flag["type"], string>>> = {
  integer: "^\\d{1,15}$",
  duration: "^(?:0|(?:\\d+(?:\\.\\d+)?(?:ms|[smhdw]))+)$",
  size: "^\\d+(?:\\.\\d+)? ?(?:[Bb]|[KkMmGg](?:[Ii]?[Bb])?)?$",
  rate: "^(?:off|\\d{1,10}/.+)$",
};

/** The schema of the whole file. */
export function configSchema(): Schema {
  return {
    $schema: DIALECT,
    title: "Configuration of chatterbox serve",
    type: "object",
    properties: {
      [SCHEMA_KEY]: { type: "string", description: "where this schema is, for editors" },
      ...Object.fromEntries(SETTINGS.map((name) => [name, settingSchema(SERVE_FLAGS[name])])),
    },
    additionalProperties: false,
  };
}

function settingSchema(flag: Flag): Schema {
  const bounds = flag.min === undefined || flag.max === undefined
    ? ""
    : ` (${formatBound(flag, flag.min)} to ${formatBound(flag, flag.max)})`;
  const description = flag.help + bounds;
  const value = valueSchema(flag);
  return flag.repeatable
    ? { description, anyOf: [value, { type: "array", items: value }] }
    : { description, ...value };
}

/** One value. A keyword for texts does not concern numbers, nor the other way round. */
function valueSchema(flag: Flag): Schema {
  if (flag.type === "boolean") return { type: "boolean" };
  if (flag.choices !== undefined) return { enum: flag.choices };
  if (flag.type === "string") return { type: ["string", "integer"], minLength: 1 };
  const pattern = PATTERNS[flag.type];
  const text = pattern === undefined ? {} : { pattern };
  if (flag.type === "rate") return { type: "string", ...text };
  // Without a unit there is one duration, 0.
  const { min = 0, max } = flag.type === "duration" ? { max: 0 } : flag;
  return { type: ["integer", "string"], ...text, minimum: min, ...max === undefined ? {} : { maximum: max } };
}

/** A server of one machine, with a value for each setting that most servers want to look at. */
const EXAMPLE: Readonly<Partial<Record<keyof ServeFlags, string | boolean | number | readonly string[]>>> = {
  name: "chat.example.org",
  listen: ["127.0.0.1:6667"],
  web: ["127.0.0.1:6680"],
  oper: [],
  accounts: "open",
  buffer: "64MiB",
  archive: "365d,5GiB",
  sync: "1s",
  "max-clients": 2000,
  "max-per-address": 100,
  registrations: "10/1h",
  "log-format": "text",
};

/** A node of a cluster, as docs/cluster.md sets one up; a user of etcd is for an etcd that asks for one. */
const NODE_EXAMPLE: typeof EXAMPLE = {
  name: "chat.example.org",
  cluster: "etcds://10.0.0.1,10.0.0.2,10.0.0.3",
  "cluster-name": "chatterbox",
  "cluster-ca": "/etc/chat/ca.pem",
  "cluster-cert": "/etc/chat/node.pem",
  "cluster-key": "/etc/chat/node.key",
  "cluster-lease": "3s",
  "cluster-import": false,
  "cluster-insecure": false,
  node: "chat1",
  relay: "10.0.0.1:6690",
  "relay-advertise": "10.0.0.1:6690",
  fronts: 1,
  tls: ["0.0.0.0:6697"],
  "tls-cert": "/etc/chat/tls.pem",
  "tls-key": "/etc/chat/tls.key",
  "password-file": "/etc/chat/password",
  oper: [],
  accounts: "open",
  buffer: "64MiB",
  archive: "365d,5GiB",
  "max-clients": 2000,
  "max-per-address": 100,
  registrations: "10/1h",
  "log-format": "text",
};

/** The text of an example of the file: of a server, or of a node of a cluster. `schema`: where its schema is. */
export function configExample(inCluster: boolean, schema = `./${SCHEMA_FILE}`): string {
  const example = inCluster ? NODE_EXAMPLE : EXAMPLE;
  return `${JSON.stringify({ [SCHEMA_KEY]: schema, ...example }, null, 2)}\n`;
}
