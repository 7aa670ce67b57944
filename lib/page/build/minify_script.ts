/** Makes bundled scripts smaller than `deno bundle` does: 60 KiB for what is loaded first are not much. */
import { minify } from "terser";
import {
  dropUnusedMembers,
  sharePrivateNames,
  shortenExportNames,
  shortenMemberNames,
} from "./member_names.ts";
import type { SyntaxTree } from "./member_names.ts";

/**
 * `codes`: the modules of one program, which import from each other. Names of members are shortened to the same in all
 * of them. Throws where one is not valid.
 */
export async function minifyScripts(codes: readonly string[]): Promise<string[]> {
  const trees = await Promise.all(codes.map(parse));
  dropUnusedMembers(trees);
  trees.forEach(sharePrivateNames);
  shortenExportNames(trees);
  const names = shortenMemberNames(trees);
  return await Promise.all(trees.map((tree) => minifyTree(tree, names)));
}

async function minifyTree(tree: SyntaxTree, names: ReadonlyMap<string, string>): Promise<string> {
  const cache: object = { props: new Map(names) };
  // Terser takes its tree in the place of code, which its types don't know.
  const { code } = await minify(tree as unknown as string, {
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
      // These make the code shorter and its compressed form longer.
      sequences: false,
      comparisons: false,
      lhs_constants: false,
    },
    mangle: { properties: { cache, only_cache: true } as object },
    format: { comments: false },
  });
  return code!;
}

async function parse(code: string): Promise<SyntaxTree> {
  const format: object = { ast: true, code: false };
  const result: object = await minify(code, { module: true, compress: false, mangle: false, format });
  return (result as { ast: SyntaxTree }).ast;
}
