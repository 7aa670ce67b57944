/** Makes the bundled script smaller than `deno bundle` does: 60 KiB for scripts and styles are not much. */
import { minify } from "terser";

/** `code`: a module that nothing is imported from. Throws where it is not valid. */
export async function minifyScript(code: string): Promise<string> {
  const result = await minify(code, {
    module: true,
    toplevel: true,
    ecma: 2020,
    compress: {
      passes: 5,
      unsafe: true,
      inline: 1,
      // Not pure_getters: reading the value of a signal subscribes to it, also where the value is not used.
      unsafe_arrows: true,
      unsafe_methods: true,
      // These two make the code shorter and its compressed form longer.
      sequences: false,
      comparisons: false,
    },
    format: { comments: false },
  });
  return result.code ?? code;
}
