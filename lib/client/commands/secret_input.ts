/** Which typed lines must not be written to disk, because they may have a passphrase or a key. Pure. */
import { isServiceName, splitFirstWord } from "./arguments.ts";
import { findCommand } from "./slash_command.ts";
import { SLASH_COMMANDS } from "./slash_commands.ts";

/**
 * Whether `line`, typed in `view`, may have a secret: the command says so; it names no command, so that it may be one that
 * was mistyped; or a service is told it.
 */
export function isSecretInput(line: string, view: string | undefined): boolean {
  if (!line.startsWith("/") || line.startsWith("//")) return isServiceName(view ?? "");
  const [word, rest] = splitFirstWord(line.slice(1));
  const command = findCommand(SLASH_COMMANDS, word);
  return command === undefined || command.isSecret(rest);
}
