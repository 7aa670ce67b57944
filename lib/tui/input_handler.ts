/** What a person's keys and lines do to a chat. */
import type { Chat } from "../client/conversation/chat.ts";
import { showPageBefore } from "../client/commands/history_commands.ts";
import { executeInput, sendPipedLine } from "../client/commands/input_executor.ts";
import { expandReply, moveToView } from "../client/commands/view_commands.ts";
import type { ReadPosition } from "../client/conversation/model/read_position.ts";
import { listSpeakers } from "./speakers.ts";
import type { ChatInput } from "./ui.ts";

/** What the handler needs of the run of the chat. */
export interface InputHost {
  readonly chat: Chat;
  /** Whether lines that begin with a slash are commands. */
  readonly hasCommands: boolean;
  /** What earlier messages of the current view are before. */
  readonly start: () => ReadPosition | undefined;
  /** Changes the chat, and carries out the effects. */
  update(change: (chat: Chat, now: number) => void): void;
  /** A key was pressed, and the line is `line` now. */
  noteTyped(line: string): void;
  setFocused(isFocused: boolean): void;
  /** Waits until there is room for another message. */
  waitForRoom(): Promise<void>;
}

export function makeChatInput(host: InputHost): ChatInput {
  const { chat, hasCommands } = host;
  const execute = hasCommands ? executeInput : sendPipedLine;
  return {
    take: async (line) => {
      host.update((chat, now) => execute(chat, line, now));
      await host.waitForRoom();
    },
    typed: (line) => host.noteTyped(line),
    completionWords: () => ({
      ...chat.completionWords,
      people: chat.views.listNames("direct"),
      speakers: listSpeakers(chat),
    }),
    pageUp: () => host.update((chat, now) => showPageBefore(chat, now, host.start())),
    goTo: (move) => host.update((chat, now) => moveToView(chat, move, now)),
    expand: (line) => hasCommands ? expandReply(chat, line) : undefined,
    focus: (isFocused) => host.setFocused(isFocused),
  };
}
