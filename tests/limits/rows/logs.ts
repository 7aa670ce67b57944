/** Limits of `logs`: what is read, held and run at a time. */
import type { Limit } from "../limit.ts";

const OUTPUT = "commands/logs/output";
const ROOMS = "commands/logs/rooms";
const BOUNDS_TEST = "commands/logs_bounds_test.ts";

export const CLIENT_LOGS: readonly Limit[] = [
  {
    what: "rooms and users named",
    bound: "{MAX_TARGETS}",
    beyond: "wrong usage",
    constants: { [`${ROOMS}/room_list.ts`]: ["MAX_TARGETS"] },
    shownBy: ["commands/logs_rooms_test.ts: several rooms: what is for one is refused, with 64"],
  },
  {
    what: "rooms of `--all-rooms`",
    bound: "{MAX_ALL_ROOMS}",
    beyond: "the largest, told",
    constants: { [`${ROOMS}/room_list.ts`]: ["MAX_ALL_ROOMS"] },
    shownBy: [`${BOUNDS_TEST}: --all-rooms: the largest, if there are too many`],
  },
  {
    what: "requests for history open at a time",
    bound: "{MAX_OPEN_REQUESTS}",
    beyond: "wait",
    constants: { [`${ROOMS}/request_gate.ts`]: ["MAX_OPEN_REQUESTS"] },
    shownBy: [`${BOUNDS_TEST}: several rooms: so many requests at a time`],
  },
  {
    what: "pattern of `--grep`",
    bound: "{MAX_PATTERN_LENGTH} characters",
    beyond: "wrong usage",
    constants: { [`${OUTPUT}/text_pattern.ts`]: ["MAX_PATTERN_LENGTH"] },
    shownBy: ["commands/logs_pattern_test.ts: --grep: what is no pattern is told, and what RE2 leaves out"],
  },
  {
    what: "messages held for `--reverse`",
    bound: "{MAX_HELD_ITEMS}",
    beyond: "the oldest are left out, told",
    constants: { [`${OUTPUT}/item_writer.ts`]: ["MAX_HELD_ITEMS"] },
    shownBy: [`${BOUNDS_TEST}: --reverse: so many are held, and what is left out is told`],
  },
  {
    what: "time of one run of `--exec` or `--notify`",
    bound: "{EXEC_TIMEOUT_MS}",
    beyond: "killed, told",
    constants: { "commands/support/message_program.ts": ["EXEC_TIMEOUT_MS"] },
    shownBy: ["commands/logs_output_test.ts: --exec: a run that takes too long is killed, and told"],
  },
  {
    what: "text in the environment of `--exec` or `--notify`",
    bound: "{MAX_ENVIRONMENT_TEXT} characters",
    beyond: "cut; standard input has it whole",
    constants: { "commands/support/message_program.ts": ["MAX_ENVIRONMENT_TEXT"] },
    shownBy: [`${BOUNDS_TEST}: --exec: a long text is cut in the environment`],
  },
];
