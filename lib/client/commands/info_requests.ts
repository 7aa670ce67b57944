/** Queries of the person, with the words for their responses. Pure. */
import type { MessageParts } from "../../irc/message.ts";
import type { Chat } from "../conversation/chat.ts";
import { makeResponseEntries } from "./response_text.ts";
import type { InfoRequest } from "./response_text.ts";

/** Sends `message`; its response is shown as that to `question`. */
export function askInfo(chat: Chat, message: MessageParts, question: InfoRequest, now: number): void {
  const describe = (
    ...response: [Parameters<typeof makeResponseEntries>[1], (time: number) => string, number]
  ) => makeResponseEntries(question, ...response);
  chat.ask(message, { for: "info", describe }, now);
}
