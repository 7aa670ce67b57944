/** Hashes that tell whether files have changed. */
import { concatBytes, encodeUtf8 } from "../../base/bytes.ts";

/** Characters of a hash in a file name: 60 bits. */
const HASH_CHARACTERS = 10;

/** The beginning of the SHA-256 of `content` in base64url. */
export async function hashOf(content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  return await digest(typeof content === "string" ? encodeUtf8(content) : content);
}

/** A hash of the names and contents of all files in `paths` below `root`. */
export async function hashSources(root: URL, paths: readonly string[]): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (const path of paths) {
    for await (const file of listFiles(root, path)) {
      chunks.push(encodeUtf8(`${file}\0`), await Deno.readFile(new URL(file, root)));
    }
  }
  return await digest(concatBytes(chunks));
}

async function* listFiles(root: URL, path: string): AsyncIterable<string> {
  if (!(await Deno.stat(new URL(path, root))).isDirectory) return yield path;
  const entries = await Array.fromAsync(Deno.readDir(new URL(path, root)));
  for (const name of entries.map(({ name }) => name).sort()) yield* listFiles(root, `${path}/${name}`);
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.toBase64({ alphabet: "base64url" }).slice(0, HASH_CHARACTERS);
}
