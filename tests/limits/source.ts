/** The text of a file of the project; `path` is from its root. */
export function read(path: string): string {
  return Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));
}
