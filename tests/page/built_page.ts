/** The page as `deno task page` builds it, for tests that are run without it. */

const ROOT = new URL("../../", import.meta.url);

export const PAGE_FOLDER = new URL("built/page/", ROOT);

let built: Promise<void> | undefined;

/** Builds it, unless it is built. Throws with the words of the build where that fails. */
export function buildPage(): Promise<void> {
  return built ??= build();
}

async function build(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "-q", "page"],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
