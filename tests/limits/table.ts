/** The sections of docs/limits.md, in order. */
import type { Section } from "./limit.ts";
import { ACCOUNTS } from "./rows/accounts.ts";
import { AGENTS } from "./rows/agents.ts";
import { API } from "./rows/api.ts";
import { ARCHIVE } from "./rows/archive.ts";
import { CLIENT_ATTENTION } from "./rows/attention.ts";
import { CALENDARS } from "./rows/calendars.ts";
import { CHANNELS } from "./rows/channels.ts";
import { CLIENT_CONNECTION, CLIENT_MESSAGES } from "./rows/client.ts";
import { CLIENT_LOGS } from "./rows/logs.ts";
import { CLUSTER } from "./rows/cluster.ts";
import { CONNECTIONS } from "./rows/connections.ts";
import { ETCD } from "./rows/etcd.ts";
import { ADMIN, FILES } from "./rows/files.ts";
import { INPUT } from "./rows/input.ts";
import { LINES } from "./rows/lines.ts";
import { FRONTS } from "./rows/fronts.ts";
import { HISTORY, MESSAGES } from "./rows/messages.ts";
import { ONCALL } from "./rows/oncall.ts";
import { SCHEDULED } from "./rows/scheduled.ts";
import { NOTIFICATIONS } from "./rows/notifications.ts";
import { OUTPUT } from "./rows/output.ts";
import { PAGE } from "./rows/page.ts";
import { QUESTIONS } from "./rows/questions.ts";
import { RELAY } from "./rows/relay.ts";
import { REPLIES, WAITING } from "./rows/replies.ts";
import { CLIENT_SCREEN } from "./rows/screen.ts";
import { STORAGE } from "./rows/storage.ts";
import { USERS } from "./rows/users.ts";
import { WEB } from "./rows/web.ts";

export const SECTIONS: readonly Section[] = [
  {
    title: "Connections",
    note:
      "Exempt addresses (`--exempt`; this machine is one) have no bound of their own on connections, rate and " +
      "memory, here and below. They count in the bounds on all addresses together.",
    limits: CONNECTIONS,
  },
  {
    title: "Input and hub time",
    note:
      "A line, a WebSocket frame or a read without a line costs one token, and a long line one for each piece. " +
      "Connecting again does not refill the bucket of an address.",
    limits: INPUT,
  },
  { title: "Send queues", limits: OUTPUT },
  {
    title: "Fronts",
    note:
      "With `--fronts` or `--cluster`: between the hub and each front. What a client may send and wait for is as without.",
    limits: RELAY,
  },
  { title: "Clusters", note: "With `--cluster`: a node, and the leader among the nodes.", limits: CLUSTER },
  { title: "etcd", note: "With `--cluster`: between a node and etcd.", limits: ETCD },
  { title: "HTTP, WebSocket and PROXY headers", limits: WEB },
  { title: "The HTTP API", limits: API },
  { title: "Lines, names and texts", limits: LINES },
  { title: "Messages", limits: MESSAGES },
  { title: "Scheduled messages", limits: SCHEDULED },
  { title: "Notifications of pages", limits: NOTIFICATIONS },
  {
    title: "Calendars of duties",
    note: "Files of iCalendar ([decisions.md](decisions.md)).",
    limits: CALENDARS,
  },
  {
    title: "History",
    note: "The largest sender or address is the one that takes the most of what is shared.",
    limits: HISTORY,
  },
  { title: "Saving", limits: STORAGE },
  { title: "The archive", limits: ARCHIVE },
  { title: "Replies and replays", limits: REPLIES },
  { title: "Messages that wait for their receiver", limits: WAITING },
  {
    title: "Questions",
    note: "What `chatterbox ask` asks ([ask.md](protocol/ask.md)).",
    limits: QUESTIONS,
  },
  {
    title: "On-call",
    note: "Pages and escalation lists ([oncall.md](protocol/oncall.md)).",
    limits: ONCALL,
  },
  {
    title: "Accounts and passwords",
    note:
      "Attempts are counted for each address, before the password is hashed; one that succeeds is not counted.",
    limits: ACCOUNTS,
  },
  { title: "Rooms", limits: CHANNELS },
  {
    title: "Users",
    note:
      "The memory of sessions holds open batches, monitored and followed names, and what users without an " +
      "account set: metadata, read markers, replay positions.",
    limits: USERS,
  },
  { title: "Fronts", limits: FRONTS },
  { title: "Clients: connection", limits: CLIENT_CONNECTION },
  { title: "Clients: messages and display", limits: CLIENT_MESSAGES },
  { title: "Clients: the screen of join", limits: CLIENT_SCREEN },
  { title: "Clients: notifications", limits: CLIENT_ATTENTION },
  { title: "Clients: logs", limits: CLIENT_LOGS },
  {
    title: "Clients: agents",
    note: "Of `chatterbox mcp` ([agents.md](agents.md)).",
    limits: AGENTS,
  },
  { title: "Clients: the page", limits: PAGE },
  { title: "Files and flags", limits: FILES },
  { title: "The admin socket", limits: ADMIN },
];
