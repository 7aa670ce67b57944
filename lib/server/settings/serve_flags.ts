/**
 * The flags of `serve`, the daily ones first. They have no defaults of their own, so that the configuration file decides where the
 * command line is silent.
 */
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import { MAX_REPLAY_MESSAGES } from "../../hub/policy/replay_limit.ts";
import { ARCHIVE_FLAGS } from "./archive_flags.ts";
import { CLUSTER_FLAGS } from "./cluster_flags.ts";
import { FLAG_GROUP } from "./flag_groups.ts";
import { FRONT_FLAGS } from "./front_flags.ts";
import { HUB_FLAGS } from "./hub_flags.ts";
import { LIMIT_FLAGS } from "./limit_flags.ts";
import { NOTIFY_FLAGS } from "./notify_flags.ts";
import { PROXY_FLAGS } from "./proxy_flags.ts";
import { TLS_FLAGS } from "./tls_flags.ts";
import { UNIX_FLAGS } from "./unix_flags.ts";
import { WEB_FLAGS } from "./web_flags.ts";

export const SERVE_FLAGS = {
  listen: {
    type: "string",
    repeatable: true,
    value: "HOST:PORT",
    help:
      "address to listen on: PORT alone is this machine only, *:PORT every address, port 0 any free port " +
      "(default 127.0.0.1:6667)",
  },
  "data-dir": {
    type: "string",
    value: "DIR",
    help: "folder for history, accounts and settings (default $XDG_STATE_HOME/chatterbox)",
  },
  "password-file": {
    type: "string",
    value: "FILE",
    help: "require the password in FILE from clients; reloaded on SIGHUP",
  },
  oper: {
    type: "string",
    repeatable: true,
    value: "ACCOUNT",
    help: "account of a server operator, which may kick, kill, ban and mute",
  },
  name: { type: "string", value: "NAME", help: "name of the server (default chatterbox.local)" },
  "motd-file": { type: "string", value: "FILE", help: "message of the day; reloaded on SIGHUP" },
  config: { type: "string", value: "FILE", help: "JSON file with any of these flags as keys" },
  ...TLS_FLAGS,
  ...WEB_FLAGS,
  accounts: {
    type: "string",
    value: "open|required|off",
    choices: ["open", "required", "off"],
    group: FLAG_GROUP.accounts,
    help: "open: accounts are optional; required: every user needs one; off: none (default open)",
  },
  "require-account": { type: "boolean", group: FLAG_GROUP.accounts, help: "the same as --accounts required" },
  buffer: {
    type: "size",
    value: "SIZE",
    min: 64 * 1024,
    max: 1024 ** 3,
    group: FLAG_GROUP.history,
    help: "bytes of history (default 16MiB, or the size of the file if that is larger)",
  },
  ...ARCHIVE_FLAGS,
  sync: {
    type: "string",
    value: "DURATION|always",
    group: FLAG_GROUP.history,
    help: "how often history is synced to disk (default 1s)",
  },
  shm: {
    type: "boolean",
    group: FLAG_GROUP.history,
    help: "Linux: keep the ring in /dev/shm, where chatterbox logs --local reads it without a connection",
  },
  "accept-database": {
    type: "boolean",
    group: FLAG_GROUP.history,
    help:
      "this start only: continue although state.sqlite is missing, replaced or older; names of lost accounts " +
      "become free",
  },
  shrink: {
    type: "boolean",
    group: FLAG_GROUP.history,
    help:
      "this start only: let --buffer drop the oldest messages that do not fit; a copy of the file is kept",
  },
  replay: {
    type: "string",
    value: "N|off",
    group: FLAG_GROUP.shown,
    help:
      "newest messages of a room that a client without draft/chathistory gets on JOIN, if it has batch and server-time; " +
      `other clients are told their number (at most ${MAX_REPLAY_MESSAGES}; default 30)`,
  },
  cloak: {
    type: "string",
    value: "on|off",
    choices: ["on", "off"],
    group: FLAG_GROUP.shown,
    help: "on: users see cloaked hosts, operators see addresses; off: all see addresses (default on)",
  },
  ...HUB_FLAGS,
  admin: {
    type: "string",
    value: "TEXT",
    group: FLAG_GROUP.shown,
    help: "administrators of the server and how to reach them (ADMIN)",
  },
  "log-format": {
    type: "string",
    value: "FORMAT",
    choices: ["text", "json"],
    group: FLAG_GROUP.shown,
    help: "format of the server log (default text)",
  },
  ...UNIX_FLAGS,
  ...PROXY_FLAGS,
  ...NOTIFY_FLAGS,
  ...FRONT_FLAGS,
  ...CLUSTER_FLAGS,
  ...LIMIT_FLAGS,
} as const satisfies FlagTable;

export type ServeFlags = FlagValues<typeof SERVE_FLAGS>;
