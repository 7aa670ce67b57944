/** Control sequences that draw attention: the bell, the title, notifications of the desktop. Pure. */
import { toPrintable } from "../../base/printable_text.ts";
import type { ChatNotification } from "./notification.ts";
import type { NotificationSequence } from "./terminal_features.ts";

/** BEL (ECMA-48 section 8.3.3). */
export const BELL = "\x07";

/** OSC and ST (ECMA-48 sections 8.3.89 and 8.3.143). */
const OSC = "\x1b]";
const ST = "\x1b\\";

/** XTWINOPS 22: the terminal puts its title aside, if it can. */
export const SAVE_TITLE = "\x1b[22;0t";
/** XTWINOPS 23: the title that was put aside. A terminal that has none then shows its own instead of ours. */
export const RESTORE_TITLE = `${formatTitle("")}\x1b[23;0t`;

/** OSC 0: the title of window and tab. */
export function formatTitle(title: string): string {
  return `${OSC}0;${toPrintable(title)}${ST}`;
}

/** `id`: a number of its own for each notification. */
export function formatNotification(
  sequence: NotificationSequence,
  { title, body }: ChatNotification,
  id: number,
): string {
  switch (sequence) {
    case "osc9":
      // A text that begins with a number and a semicolon is none: it sets the progress of a task.
      return `${OSC}9;${makeParameter(title)}: ${toPrintable(body)}${ST}`;
    case "osc99": {
      const key = `i=chatterbox-${id}`;
      return `${OSC}99;${key}:d=0;${toPrintable(title)}${ST}` +
        `${OSC}99;${key}:d=1:p=body;${toPrintable(body)}${ST}`;
    }
    case "osc777":
      return `${OSC}777;notify;${makeParameter(title)};${makeParameter(body)}${ST}`;
  }
}

/** A semicolon ends a parameter. */
function makeParameter(text: string): string {
  return toPrintable(text).replaceAll(";", ",");
}
