/** Which typed lines must not be written to disk, because they may have a passphrase or a key. Pure. */
import { isServiceName, splitFirstWord } from "./arguments.ts";
import { findCommand } from "./slash_command.ts";
import { SLASH_COMMANDS } from "./slash_commands.ts";

/**
 * Whether `line`, typed in `view`, may have a secret: the command says so; it names no command, so that it may be one that
 * was mistyped; or it is typed in the conversation with a service.
 */
export function isSecretInput(line: string, view: string | undefined): boolean {
  if (isServiceName(view ?? "")) return true;
  const command = line.trimStart(); // a blank before it is a slip
  if (!command.startsWith("/") || command.startsWith("//")) return false;
  const [word, rest] = splitFirstWord(command.slice(1));
  const known = findCommand(SLASH_COMMANDS, word);
  return known === undefined || known.isSecret(rest);
}
