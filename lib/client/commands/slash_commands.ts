/** The table of all slash commands. Pure. */
import { CHANNEL_COMMANDS } from "./channel_commands.ts";
import { CHANNEL_OPERATOR_COMMANDS } from "./operators/channel_operator_commands.ts";
import { makeClientCommands } from "./client_commands.ts";
import type { CommandGroups } from "./help_pages.ts";
import { HISTORY_COMMANDS } from "./history_commands.ts";
import { MESSAGE_COMMANDS } from "./message_commands.ts";
import { PRESENCE_COMMANDS } from "./presence_commands.ts";
import { SERVER_OPERATOR_COMMANDS } from "./operators/server_operator_commands.ts";
import { SETTINGS_COMMANDS } from "./settings_commands.ts";
import type { SlashCommand } from "./slash_command.ts";
import { USER_COMMANDS } from "./user_commands.ts";
import { VIEW_COMMANDS } from "./view_commands.ts";

const CLIENT_COMMANDS = makeClientCommands(() => SLASH_COMMANDS, () => COMMAND_GROUPS);

/** In the order of the help. */
const COMMAND_GROUPS: CommandGroups = {
  talk: [...MESSAGE_COMMANDS, ...HISTORY_COMMANDS],
  rooms: [...VIEW_COMMANDS, ...CHANNEL_COMMANDS],
  people: [...USER_COMMANDS, ...PRESENCE_COMMANDS],
  chat: [...SETTINGS_COMMANDS, ...CLIENT_COMMANDS],
};

export const SLASH_COMMANDS: readonly SlashCommand[] = [
  ...Object.values(COMMAND_GROUPS).flat(),
  ...CHANNEL_OPERATOR_COMMANDS,
  ...SERVER_OPERATOR_COMMANDS,
];

/** Names and aliases, without the slash; of the latter those that are worth completing, not `/j` of `/join`. */
export const SLASH_WORDS: readonly string[] = SLASH_COMMANDS.flatMap(({ names: [name, ...aliases] }) => [
  name,
  ...aliases.filter((alias) => alias.length > 2),
]);
