/** The functions of the completion scripts, in files of the shells' own languages beside this one. */

const ENGINES = {
  bash: new URL("./engine.bash", import.meta.url),
  zsh: new URL("./engine.zsh", import.meta.url),
  fish: new URL("./engine.fish", import.meta.url),
} as const;

export type Shell = keyof typeof ENGINES;

/** The functions for `shell`, with the `parts` in place of the lines `# NAME`. */
export async function fillEngine(shell: Shell, parts: Readonly<Record<string, string>>): Promise<string> {
  const engine = await Deno.readTextFile(ENGINES[shell]);
  return engine.replace(/^# ([A-Z]+)\n/gm, (_line, name: string) => parts[name]!);
}
