/** Whether there is a program that is to be started. */

/** Whether `name` is found as a shell finds it, where there is one to ask. */
export async function isProgram(name: string): Promise<boolean> {
  if (Deno.build.os === "windows") return true;
  const asked = new Deno.Command("sh", {
    args: ["-c", 'command -v -- "$1" >/dev/null', "sh", name],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  return (await asked.output()).success;
}
