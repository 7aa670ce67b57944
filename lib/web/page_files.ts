/** The files of the page that the program has in it, or beside it where it runs from source. */

export interface PageFile {
  /** Of its content. */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, compressed; undefined: it is not worth it. */
  readonly brotli: Uint8Array<ArrayBuffer> | undefined;
  /** The HTML document, which names the others. */
  readonly isDocument: boolean;
}

/** A row of files.json. */
interface ListedFile {
  readonly path: string;
  readonly file: string;
  readonly type: string;
  readonly hasBrotli: boolean;
}

/** In the project, or in the program that is compiled of it. */
const FOLDER = new URL(import.meta.url.replace(/lib\/web\/[^/]*$/, "built/page/"));

/** By path; none where the page is not built. Throws disk errors other than that. */
export async function readPageFiles(folder = FOLDER): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const { path, file, type, hasBrotli } of await readList(folder)) {
    const bytes = await Deno.readFile(new URL(file, folder));
    const brotli = hasBrotli ? await Deno.readFile(new URL(`${file}.br`, folder)) : undefined;
    files.set(path, { type, bytes, brotli, isDocument: path === "/" });
  }
  return files;
}

async function readList(folder: URL): Promise<readonly ListedFile[]> {
  try {
    return JSON.parse(await Deno.readTextFile(new URL("files.json", folder))).files;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
