/**
 * The lobby: the channel that always exists. It is open to every user, and so never has a mode that restricts
 * entry.
 */
import { casefold } from "../../irc/names/casemap.ts";
import { lobbyOf } from "../model/config.ts";
import type { HubContext, Services } from "../context.ts";
import { formatChanges } from "../model/channel_modes.ts";
import type { ModeChange } from "../model/channel_modes.ts";

/** Modes that the lobby never has, because every user may enter it. */
export const FORBIDDEN_LOBBY_MODES: ReadonlySet<string> = new Set(["i", "k", "l", "s"]);

/** Whether `name` is the name of the lobby. */
export function isLobby({ config }: HubContext, name: string): boolean {
  return casefold(name) === casefold(lobbyOf(config));
}

/** Clears the forbidden modes that a channel was given before it became the lobby (`--lobby`). */
export function clearForbiddenLobbyModes(context: HubContext, services: Services): void {
  const lobby = lobbyOf(context.config);
  const settings = lobby === "" ? undefined : services.history.channel(lobby).settings;
  if (settings === undefined) return;
  const changes: ModeChange[] = [...FORBIDDEN_LOBBY_MODES]
    .filter((letter) =>
      settings.hasFlag(letter) || letter === "k" && settings.key !== "" ||
      letter === "l" && settings.limit > 0
    )
    .map((letter) => ({ sign: "-", letter, arg: letter === "k" ? "*" : "" }));
  if (changes.length === 0) return;
  context.commit({
    kind: "mode",
    source: context.config.serverName,
    channel: lobby,
    ...formatChanges(changes),
  });
}
