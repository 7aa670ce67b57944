/** Makes the bundled script smaller than `deno bundle` does: 60 KiB for scripts and styles are not much. */
import { minify } from "terser";
import { findMemberNames, sharePrivateNames } from "./member_names.ts";
import type { SyntaxTree } from "./member_names.ts";

/** `code`: a module that nothing is imported from. Throws where it is not valid. */
export async function minifyScript(code: string): Promise<string> {
  const tree = await parse(code);
  sharePrivateNames(tree);
  const names = findMemberNames(tree).map((name) => name.replaceAll("$", "\\$"));
  // Terser takes its tree in the place of code, which its types don't know.
  const result = await minify(tree as unknown as string, {
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
    mangle: { properties: { regex: new RegExp(`^(?:${names.join("|")})$`) } },
    format: { comments: false },
  });
  return result.code ?? code;
}

async function parse(code: string): Promise<SyntaxTree> {
  const format: object = { ast: true, code: false };
  const result: object = await minify(code, { module: true, compress: false, mangle: false, format });
  return (result as { ast: SyntaxTree }).ast;
}
