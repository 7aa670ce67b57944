/** Limits of `chatterbox mcp`. */
import type { Limit } from "../limit.ts";

const MCP = "commands/mcp";
const LIMITS = `${MCP}/call_limits.ts`;
const TEST = "commands/mcp_test.ts";
const REFUSED = `${TEST}: mcp: what is not allowed is refused, and nothing of it is shown`;
const CALLS = `${TEST}: mcp: so many calls at once; a refusal says when to try again`;
const HOSTILE = "commands/mcp_hostile_test.ts";
const SIZES = `${TEST}: mcp: arguments and results have bounds, and what is cut is behind the cursor`;

export const AGENTS: readonly Limit[] = [
  {
    what: "rooms, people and senders that are allowed, each",
    bound: "{MAX_ALLOWED_NAMES}",
    beyond: "wrong usage",
    constants: { [`${MCP}/allow_list.ts`]: ["MAX_ALLOWED_NAMES"] },
    shownBy: [`${TEST}: mcp: wrong flags end it with 64 before anything is connected`],
  },
  {
    what: "calls of `say`; of `ask`",
    bound: "{CALL_RATES.say}; {CALL_RATES.ask}",
    beyond: "a tool error that says when to try again",
    constants: { [LIMITS]: ["CALL_RATES.say", "CALL_RATES.ask"] },
    shownBy: [CALLS],
  },
  {
    what: "calls of `read_since` with reads of resources, of `wait_for`; of `search`, of `who`",
    bound: "{CALL_RATES.read_since}, {CALL_RATES.wait_for}; {CALL_RATES.search}, {CALL_RATES.who}",
    beyond: "a tool error that says when to try again",
    constants: {
      [LIMITS]: ["CALL_RATES.read_since", "CALL_RATES.wait_for", "CALL_RATES.search", "CALL_RATES.who"],
    },
    shownBy: [CALLS],
  },
  {
    what: "calls of one tool that run at a time; of `wait_for`",
    bound: "{MAX_RUNNING_CALLS.ask}; {MAX_RUNNING_CALLS.wait_for}",
    beyond: "a tool error",
    constants: { [LIMITS]: ["MAX_RUNNING_CALLS.ask", "MAX_RUNNING_CALLS.wait_for"] },
    shownBy: [CALLS],
  },
  {
    what: "text of `say`",
    bound: "{MAX_SAY_BYTES}",
    beyond: "a tool error",
    constants: { [`${MCP}/tools/say.ts`]: ["MAX_SAY_BYTES"] },
    shownBy: [REFUSED],
  },
  {
    what: "wait of `wait_for`",
    bound: "{MAX_WAIT_SECONDS} s",
    beyond: "a tool error",
    constants: { [`${MCP}/tools/wait_for.ts`]: ["MAX_WAIT_SECONDS"] },
    shownBy: [SIZES],
  },
  {
    what: "messages of `read_since`; of `search`; of a resource",
    bound: "{MAX_READ_MESSAGES}; {MAX_FOUND_MESSAGES}; {RESOURCE_MESSAGES}",
    beyond: "a tool error for a larger `limit`; the rest is behind the cursor",
    constants: {
      [`${MCP}/tools/read_since.ts`]: ["MAX_READ_MESSAGES"],
      [`${MCP}/tools/search.ts`]: ["MAX_FOUND_MESSAGES"],
      [`${MCP}/resources.ts`]: ["RESOURCE_MESSAGES"],
    },
    shownBy: [SIZES],
  },
  {
    what: "text of messages in one result",
    bound: "{MAX_RESULT_BYTES}",
    beyond: "the rest is behind the cursor",
    constants: { [`${MCP}/message_data.ts`]: ["MAX_RESULT_BYTES"] },
    shownBy: [SIZES],
  },
  {
    what: "people of `who`",
    bound: "{MAX_LISTED_PEOPLE}",
    beyond: "counted",
    constants: { [`${MCP}/tools/who.ts`]: ["MAX_LISTED_PEOPLE"] },
    shownBy: [SIZES],
  },
  {
    what: "name; cursor; pattern; query of a call",
    bound: "{MAX_NAME_LENGTH}; {MAX_CURSOR_LENGTH}; {MAX_PATTERN_LENGTH}; {MAX_QUERY_LENGTH}",
    beyond: "a tool error",
    constants: {
      [`${MCP}/tools/schemas.ts`]: ["MAX_NAME_LENGTH"],
      [`${MCP}/read_cursor.ts`]: ["MAX_CURSOR_LENGTH"],
      [`${MCP}/tools/wait_for.ts`]: ["MAX_PATTERN_LENGTH"],
      [`${MCP}/tools/search.ts`]: ["MAX_QUERY_LENGTH"],
    },
    shownBy: [SIZES],
  },
  {
    what: "message of a client",
    bound: "{MAX_CLIENT_MESSAGE_BYTES}",
    beyond: "the program ends, told",
    constants: { [`${MCP}/stdio.ts`]: ["MAX_CLIENT_MESSAGE_BYTES"] },
    shownBy: [
      "commands/mcp_restart_test.ts: mcp: a message of a client that is too long ends the program, told",
    ],
  },
  {
    what: "bytes that wait for a client to read them",
    bound: "{MAX_UNREAD_BYTES}",
    beyond: "the program ends, told",
    constants: { [`${MCP}/stdio.ts`]: ["MAX_UNREAD_BYTES"] },
    shownBy: [`${HOSTILE}: mcp: what a client does not read is bounded, and then it ends, told`],
  },
  {
    what: "messages of which the account is remembered",
    bound: "{MAX_KNOWN_ACCOUNTS}",
    beyond: "the latest are kept",
    constants: { [`${MCP}/account_tags.ts`]: ["MAX_KNOWN_ACCOUNTS"] },
    shownBy: ["commands/mcp_accounts_test.ts: mcp: the accounts of so many messages are remembered"],
  },
  {
    what: "program of a pattern",
    bound: "{MAX_PATTERN_STEPS} instructions",
    beyond: "a tool error",
    constants: { [`${MCP}/tools/wait_for.ts`]: ["MAX_PATTERN_STEPS"] },
    shownBy: [`${HOSTILE}: mcp: neither a pattern nor a long history takes longer than is said`],
  },
  {
    what: "refusals that are reported",
    bound: "{REFUSAL_RATE}",
    beyond: "counted",
    constants: { [`${MCP}/agent.ts`]: ["REFUSAL_RATE"] },
    shownBy: [`${HOSTILE}: mcp: refusals that a model causes do not fill the log, and none is uncounted`],
  },
  {
    what: "faults of a client that are reported",
    bound: "{MAX_REPORTED_FAULTS}",
    beyond: "ignored",
    constants: { [`${MCP}/stdio.ts`]: ["MAX_REPORTED_FAULTS"] },
    shownBy: ["commands/mcp_restart_test.ts: mcp: garbage is reported, so often at most"],
  },
];
