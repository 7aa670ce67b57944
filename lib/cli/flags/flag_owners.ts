/** The hint for a flag that a command does not have: whether another one has it. */
import type { Command } from "../command.ts";

/** Flags for the name under which a command acts. */
const NAME_FLAGS: readonly string[] = ["from", "name", "nick", "user"];

/**
 * What is meant by the long flag `name`, which the command of `usage` does not have: `; did you mean --from?`,
 * `; it is a flag of send`; "": nothing is known.
 */
export async function describeFlagOwners(
  name: string,
  usage: Command["help"],
  loadCommands: () => Promise<readonly Command[]>,
): Promise<string> {
  if (name === "version") return "; for the version: chatterbox --version";
  if (NAME_FLAGS.includes(name)) {
    const own = NAME_FLAGS.find((flag) => Object.hasOwn(usage.flags, flag));
    if (own !== undefined) return `; did you mean --${own}?`;
    if (usage.name === "join") return "; the name comes without a flag: chatterbox join NAME";
  }
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
