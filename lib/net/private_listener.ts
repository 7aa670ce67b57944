/** A Unix socket in a folder, for its owner alone. */

/**
 * Folder in which the socket is created, so that only its owner ever has access; its name is shorter than the
 * socket's own.
 */
const MAKING = ".admin";

/** Listens at `path` in `dataDir`, so that no other user can connect at any moment, whatever the mode of the folder. */
export async function listenPrivately(dataDir: string, path: string): Promise<Deno.Listener> {
  const folder = `${dataDir}/${MAKING}`;
  await Deno.remove(folder, { recursive: true }).catch(() => {}); // of a server that was killed meanwhile
  await Deno.mkdir(folder, { mode: 0o700 });
  const made = `${folder}/s`;
  const listener = Deno.listen({ transport: "unix", path: made });
  try {
    await Deno.chmod(made, 0o600);
    await Deno.rename(made, path);
    await Deno.remove(folder);
  } catch (error) {
    listener.close();
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    throw error;
  }
  return listener;
}
