/** The hint for a flag that a command does not have: whether another one has it. */
import type { Command } from "../command.ts";

/** `; it is a flag of chatterbox send`, or "" if no other command has the long flag `name`. */
export async function describeFlagOwners(
  name: string,
  loadCommands: () => Promise<readonly Command[]>,
): Promise<string> {
  if (name === "version") return "; for the version: chatterbox --version";
  const owners = (await loadCommands()).flatMap(listWithParts).filter(({ help: { flags } }) =>
    Object.entries(flags).some(([long, { aliases = [] }]) => long === name || aliases.includes(name))
  );
  const names = owners.map((owner) => owner.help.name);
  if (names.length === 0) return "";
  const last = names.pop()!;
  return `; it is a flag of ${names.length === 0 ? last : `${names.join(", ")} and ${last}`}`;
}

/** A command, and those of two words that begin with it. */
export function listWithParts(command: Command): Command[] {
  return [command, ...Object.values(command.parts ?? {})];
}
