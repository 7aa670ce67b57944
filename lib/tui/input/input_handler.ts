/** What a person's keys and lines do to a chat. */
import type { Chat } from "../../client/conversation/chat.ts";
import { listCompletionWords } from "../../client/commands/completion_words.ts";
import { listAnswerWords } from "../../client/commands/messages/question_commands.ts";
import { showPageBefore } from "../../client/commands/history_commands.ts";
import { executeInput, sendPipedLine } from "../../client/commands/input_executor.ts";
import { noteMeant } from "../../client/commands/messages/conversation_messages.ts";
import type { FoundMessage } from "../../client/commands/messages/conversation_messages.ts";
import { findEditable, replaceMessage } from "../../client/commands/messages/edit_commands.ts";
import { forgetLine, noteLine } from "../../client/commands/messages/line_start.ts";
import { planSending, sendText } from "../../client/commands/messages/text_sending.ts";
import { canSpeakIn } from "../../client/commands/requests.ts";
import { expandReply, moveToView } from "../../client/commands/view_commands.ts";
import type { View } from "../../client/conversation/model/views.ts";
import type { ReadPosition } from "../../client/conversation/model/read_position.ts";
import { RoomList } from "./room_list.ts";
import { listSpeakers } from "../speakers.ts";
import type { ChatInput, OutsideEdit } from "../ui.ts";

/** What the handler needs of the run of the chat. */
export interface InputHost {
  readonly chat: Chat;
  /** Whether lines that begin with a slash are commands. */
  readonly hasCommands: boolean;
  /** What earlier messages of the current view are before. */
  readonly start: () => ReadPosition | undefined;
  /** The text of our message `id`; undefined: unknown. */
  readonly textOf: (id: string) => string | undefined;
  /** Changes the chat, and carries out the effects. */
  update(change: (chat: Chat, now: number) => void): void;
  /** A key was pressed, and the line is `line` now. */
  noteTyped(line: string): void;
  setFocused(isFocused: boolean): void;
  /** Whether another message may be queued. Without a connection it may: input from a person is read on. */
  hasRoom(): boolean;
  /** Waits until there is room for another message. `isOffline`: also while there is no connection. */
  waitForRoom(isOffline: boolean): Promise<void>;
}

/** `/edit`, `/edit 2`. */
const EDIT_PATTERN = /^\/edit(?:\s+([1-9]\d?))?\s*$/i;

export function makeChatInput(host: InputHost): ChatInput {
  const { chat, hasCommands } = host;
  const rooms = new RoomList(chat);
  const execute = hasCommands ? executeInput : sendPipedLine;
  return {
    take: async (line) => {
      const view = findCurrent(chat);
      host.update((chat, now) => execute(chat, line, now));
      forgetLine(chat, view?.key);
      await host.waitForRoom(false);
    },
    sender: {
      say: (text, view) => sayIn(host, text, view),
      hasRoom: () => host.hasRoom(),
      waitForRoom: () => host.waitForRoom(true),
    },
    editMessage: (line, open) => {
      const command = EDIT_PATTERN.exec(line);
      if (command === null || !hasCommands) return undefined;
      return editMessage(host, command[1] === undefined ? undefined : Number(command[1]), open);
    },
    restored: (line) => noteLine(chat, line),
    typed: (line) => {
      noteLine(chat, line);
      host.noteTyped(line);
    },
    completionWords: (before, later) => {
      host.update((_, now) => rooms.ask(before, now, later));
      return {
        ...listCompletionWords(chat),
        people: chat.views.listNames("direct"),
        speakers: listSpeakers(chat),
        joinable: rooms.joinable,
        answers: listAnswerWords(chat),
      };
    },
    pageUp: () => host.update((chat, now) => showPageBefore(chat, now, host.start())),
    goTo: (move) => host.update((chat, now) => moveToView(chat, move, now)),
    plan: (line) => planSending(chat, line),
    expand: (line) => hasCommands ? expandReply(chat, line) : undefined,
    focus: (isFocused) => host.setFocused(isFocused),
  };
}

/** False: the view is gone, or its room has been left. */
function sayIn({ update }: InputHost, text: string, { name }: View["key"]): boolean {
  let canSpeak = false;
  update((chat, now) => {
    canSpeak = chat.views.find(name) !== undefined && canSpeakIn(chat, name);
    if (canSpeak) sendText(chat, { target: name, text, manner: "said" }, now);
  });
  return canSpeak;
}

/** `/edit` without a text: what the editor makes of our message takes its place. Returns a text that cannot be sent. */
async function editMessage(
  host: InputHost,
  count: number | undefined,
  open: (text: string) => Promise<OutsideEdit>,
): Promise<string | undefined> {
  const { chat } = host;
  const view = findCurrent(chat);
  const found: { message?: FoundMessage } = {};
  host.update((chat, now) => {
    const message = findWithText(chat, count, host.textOf, now);
    if (message !== undefined) found.message = message;
  });
  forgetLine(chat, view?.key);
  const { message } = found;
  if (message === undefined) return undefined;
  const edited = await open(host.textOf(message.id)!);
  const isReplaceable = chat.isOnline && chat.excerpts.get(message.id) !== undefined;
  const text = "text" in edited ? edited.text : undefined;
  const why = "why" in edited
    ? edited.why
    : edited.text.trim() === ""
    ? "the text is empty"
    : edited.text === host.textOf(message.id)
    ? "the text is the same"
    : isReplaceable
    ? undefined
    : chat.isOnline
    ? "the message is gone"
    : "not connected";
  host.update((chat, now) => {
    if (why === undefined) replaceMessage(chat, message, text!, now);
    else chat.note(`your message stays as it is: ${why}`, now);
  });
  return why !== undefined && !isReplaceable ? text : undefined;
}

function findWithText(
  chat: Chat,
  count: number | undefined,
  textOf: InputHost["textOf"],
  now: number,
): FoundMessage | undefined {
  if (!chat.isOnline) {
    chat.refuse("not connected: /edit needs the server; only messages are queued", now);
    return undefined;
  }
  const message = findEditable(chat, count, now);
  if (message === undefined) return undefined;
  noteMeant(chat, message, now);
  if (textOf(message.id) !== undefined) return message;
  chat.refuse(`all of the text is not known here: /edit TEXT replaces «${message.excerpt}»`, now);
  return undefined;
}

function findCurrent({ views }: Chat): View | undefined {
  return views.current === undefined ? undefined : views.find(views.current);
}
