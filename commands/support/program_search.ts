/** What is needed to start another program: whether there is one, whether this program may, and what it inherits. */

/**
 * Beside the environment of this program, for each that it starts: the variables that hold a secret are empty, which is to
 * ChatterBox as if they were not set.
 */
export const CHILD_ENVIRONMENT = { CHATTERBOX_KEY: "", CHATTERBOX_PASSWORD: "" } as const;

/** Whether this program was given the permission to start `program`. Signals need that for any program. */
export function mayRun(program?: string): boolean {
  const descriptor = { name: "run", ...program !== undefined && { command: program } } as const;
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/** Whether `name` is found as a shell finds it, where there is one to ask. */
export async function isProgram(name: string): Promise<boolean> {
  if (Deno.build.os === "windows") return true;
  const asked = new Deno.Command("sh", {
    args: ["-c", 'command -v -- "$1" >/dev/null', "sh", name],
    env: CHILD_ENVIRONMENT,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  return (await asked.output()).success;
}
