/** The table of all slash commands. Pure. */
import { CHANNEL_COMMANDS } from "./channel_commands.ts";
import { CHANNEL_OPERATOR_COMMANDS } from "./channel_operator_commands.ts";
import { makeClientCommands } from "./client_commands.ts";
import { HISTORY_COMMANDS } from "./history_commands.ts";
import { MESSAGE_COMMANDS } from "./message_commands.ts";
import { PRESENCE_COMMANDS } from "./presence_commands.ts";
import { SERVER_OPERATOR_COMMANDS } from "./server_operator_commands.ts";
import { SETTINGS_COMMANDS } from "./settings_commands.ts";
import type { SlashCommand } from "./slash_command.ts";
import { USER_COMMANDS } from "./user_commands.ts";
import { VIEW_COMMANDS } from "./view_commands.ts";

/** In the order of the help. */
export const SLASH_COMMANDS: readonly SlashCommand[] = [
  ...MESSAGE_COMMANDS,
  ...VIEW_COMMANDS,
  ...CHANNEL_COMMANDS,
  ...USER_COMMANDS,
  ...PRESENCE_COMMANDS,
  ...HISTORY_COMMANDS,
  ...SETTINGS_COMMANDS,
  ...makeClientCommands(() => SLASH_COMMANDS),
  ...CHANNEL_OPERATOR_COMMANDS,
  ...SERVER_OPERATOR_COMMANDS,
];

/** Names and aliases, without the slash; of the latter those that are worth completing, not `/j` of `/join`. */
export const SLASH_WORDS: readonly string[] = SLASH_COMMANDS.flatMap(({ names: [name, ...aliases] }) => [
  name,
  ...aliases.filter((alias) => alias.length > 2),
]);
