/** Limits of what `join` shows at a terminal. */
import type { Limit } from "../limit.ts";

const UI = "tui/terminal_ui_test.ts: terminal ui:";
const PRINTER = "tui/view/entry_printer_test.ts: printer:";

export const CLIENT_SCREEN: readonly Limit[] = [
  {
    what: "people that are named when a room is entered",
    bound: "{MAX_LISTED_MEMBERS}",
    beyond: "the {MAX_LISTED_SPEAKERS} that spoke last",
    constants: {
      "lib/client/conversation/model/room_text.ts": ["MAX_LISTED_MEMBERS", "MAX_LISTED_SPEAKERS"],
    },
    shownBy: ["client/room_text_test.ts: room: up to 20 people are named"],
  },
  {
    what: "wait for further people that come or leave, who are one line",
    bound: "{FOLD_MS} after the last of them, {MAX_FOLD_MS} after the first",
    beyond: "the line is shown",
    constants: { "lib/tui/view/entry_printer.ts": ["FOLD_MS", "MAX_FOLD_MS"] },
    shownBy: [`${PRINTER} a burst is told 2 s after its last person, and 8 s after the first at the latest`],
  },
  {
    what: "people in that line",
    bound: "{MAX_FOLDED_PEOPLE}",
    beyond: "another line",
    constants: { "lib/tui/view/presence_fold.ts": ["MAX_FOLDED_PEOPLE"] },
    shownBy: [`${PRINTER} no person that comes or leaves is lost, however many they are`],
  },
  {
    what: "messages on the screen of which a removal or an edit can be told",
    bound: "the latest {MAX_PRINTED_MESSAGES}",
    beyond: "a removal is told with the time of the message alone, an edit without",
    constants: { "lib/tui/view/printed_messages.ts": ["MAX_PRINTED_MESSAGES"] },
    shownBy: [`${PRINTER} of a removal further up it is told which message it is, counted back`],
  },
  {
    what: "reactions behind the last message",
    bound: "{MAX_SHOWN_REACTIONS}, each of {MAX_REACTING_PEOPLE} people",
    beyond: "a line of their own",
    constants: { "lib/tui/view/reaction_text.ts": ["MAX_SHOWN_REACTIONS", "MAX_REACTING_PEOPLE"] },
    shownBy: [`${PRINTER} reactions behind a message are bounded, further ones have a line`],
  },
  {
    what: "text that a terminal has not taken yet",
    bound: "{MAX_QUEUED_UNITS} characters",
    beyond: "rows are held",
    constants: { "lib/cli/standard_streams.ts": ["MAX_QUEUED_UNITS"] },
    shownBy: [`${UI} a terminal that takes nothing has rows left out`],
  },
  {
    what: "wait for a terminal that takes nothing, when a signal ends the program",
    bound: "{MAX_LAST_FLUSH_MS}",
    beyond: "the rest of the output is dropped",
    constants: { "lib/cli/standard_streams.ts": ["MAX_LAST_FLUSH_MS"] },
    shownBy: [
      "cli/last_flush_test.ts: output: a terminal that takes nothing does not keep a program that a signal ends",
    ],
  },
  {
    what: "rows held until the terminal takes them, or the person's editor is closed",
    bound: "{MAX_HELD_ROWS}",
    beyond: "the oldest are left out, which a row tells",
    constants: { "lib/tui/terminal/held_rows.ts": ["MAX_HELD_ROWS"] },
    shownBy: [
      `${UI} a terminal that takes nothing has rows left out`,
      "tui/terminal_line_test.ts: line: the editor has the terminal",
    ],
  },
  {
    what: "work on lines of the server before keys have their turn",
    bound: "{MAX_READ_WORK_MS}",
    beyond: "the lines wait",
    constants: { "lib/client/connection/read_budget.ts": ["MAX_READ_WORK_MS"] },
    shownBy: [
      "client/read_budget_test.ts: link: a server that sends without a pause lets keys have their turn",
    ],
  },
  {
    what: "rooms that Tab offers behind `/join`",
    bound: "the first {MAX_OFFERED_CHANNELS} of the server's list",
    beyond: "not offered; `/join ROOM` enters them all the same",
    constants: { "lib/tui/input/room_list.ts": ["MAX_OFFERED_CHANNELS"] },
    shownBy: ["tui/room_list_test.ts: join and Tab: of a long list the first rooms are offered"],
  },
];
