/** The page as `deno task page` builds it, for tests that are run without it. */

const ROOT = new URL("../../", import.meta.url);

export const PAGE_FOLDER = new URL("built/page/", ROOT);

/** Builds it, unless it is built. Throws with the words of the build where that fails. */
export async function buildPage(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "-q", "page"],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
