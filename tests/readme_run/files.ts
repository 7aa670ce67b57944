/**
 * Files that a page shows: fences with a name behind their language, such as ` ```crontab crontab `. The commands that
 * cron, CI systems and systemd run by them are examples, too.
 */
import { parse as parseYaml } from "@std/yaml";

export interface PageFile {
  /** `docs/cookbook/ci.md:12`. */
  readonly place: string;
  readonly name: string;
  /** `bash`, `yaml`, `crontab` or `ini`. */
  readonly language: string;
  readonly text: string;
}

const NAMED_FENCE = /^```(\w+) (\S+)$/;

/** The files of the page `text`, in order. */
export function parseFiles(page: string, text: string): PageFile[] {
  const lines = text.split("\n");
  return lines.flatMap((line, at) => {
    const [, language, name] = NAMED_FENCE.exec(line) ?? [];
    if (language === undefined || name === undefined) return [];
    const end = lines.indexOf("```", at);
    return [{
      place: `${page}:${at + 1}`,
      name,
      language,
      text: `${lines.slice(at + 1, end).join("\n")}\n`,
    }];
  });
}

/** The commands of a file that another program than a shell reads. */
export function commandsOf(language: string, text: string): string[] {
  switch (language) {
    case "yaml":
      return readSteps(parseYaml(text), []);
    case "crontab":
      return readCrontab(text);
    case "ini":
      return readUnit(text);
    default:
      return [];
  }
}

/** What a CI system puts in the place of an expression. */
const EXPRESSIONS: Readonly<Record<string, string>> = {
  "secrets.CHATTERBOX_TOKEN": "$(cat token)",
  "github.event.workflow_run.conclusion": "success",
};

/** Commands below `node`, behind the variables that are set around them. */
function readSteps(node: unknown, outer: readonly string[]): string[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((element) => readSteps(element, outer));
  const { env, variables, ...members } = node as Record<string, unknown>;
  const settings = [...outer, ...readVariables(env ?? variables)];
  return Object.entries(members).flatMap(([key, value]) => {
    if (key === "run") return [[...settings, String(value).trim()].join("; ")];
    if (/^(?:before_|after_)?script$/.test(key) && Array.isArray(value)) {
      return value.map((command) => [...settings, String(command)].join("; "));
    }
    return readSteps(value, settings);
  });
}

/** The server is that of the page; a key is in the home. */
function readVariables(variables: unknown): string[] {
  return Object.entries(variables ?? {}).flatMap(([name, value]) => {
    const [, expression] = /^\$\{\{ (\S+) \}\}$/.exec(String(value)) ?? [];
    const known = expression === undefined ? String(value) : EXPRESSIONS[expression];
    return name === "CHATTERBOX_SERVER" || known === undefined ? [] : [`export ${name}="${known}"`];
  });
}

const CRON_LINE = /^((?:\S+\s+){5})(\S.*)$/;

/** Times and commands of a crontab. */
export function* cronLines(text: string): Generator<{ times: string; command: string }> {
  for (const line of text.split("\n")) {
    if (line.trim() === "" || /^(?:#|\w+=)/.test(line)) continue;
    const [, times, command] = CRON_LINE.exec(line) ?? [];
    if (times === undefined || command === undefined) throw new Error(`no line of a crontab: ${line}`);
    yield { times: times.trim().replace(/\s+/g, " "), command };
  }
}

function readCrontab(text: string): string[] {
  const settings = Array.from(text.matchAll(/^((?!PATH=)\w+=.*)$/gm), ([, setting]) => `export ${setting}`);
  return Array.from(
    cronLines(text),
    ({ command }) => [...settings, command.replaceAll("\\%", "%")].join("; "),
  );
}

/** `ExecStart` and its like, with the specifiers of a unit. */
function readUnit(text: string): string[] {
  return Array.from(
    text.matchAll(/^Exec\w+=(.+)$/gm),
    ([, command = ""]) =>
      command.replace(/^\/usr\/bin\//, "").replaceAll("$$", "$").replaceAll("%i", "backup.service")
        .replaceAll("%H", "host").replaceAll("%%", "%"),
  );
}
