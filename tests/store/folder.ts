/** A folder for one test, removed after it. */
export async function withFolder(fn: (path: string) => void | Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "chatterbox-store-" });
  try {
    await fn(path);
  } finally {
    await Deno.remove(path, { recursive: true }).catch(() => {}); // a test may have removed it
  }
}
