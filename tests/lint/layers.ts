/**
 * The project's own lint rules, run by `deno lint` (see `lint.plugins` in deno.json):
 *
 * - `chatterbox/layers`: imports only go down. A file may import from its own folder and from lower layers,
 *   never upwards and never sideways; every folder of the program has a layer. Within a folder of {@link SUBFOLDERS}
 *   the same holds for what is in it. Types count too: a type that points upwards is a dependency like any other.
 *   What {@link RESERVED} lists is for the files named there alone.
 * - `chatterbox/exit`: the process ends in main.ts. Everything else returns its exit code.
 *
 * The rule sees one file at a time. house.ts applies it to the whole program, and finds circles.
 */
import { IMPORT_TYPES, importOf, isFileSpecifier, literalText, resolveSpecifier } from "./imports.ts";
import type { SyntaxNode } from "./imports.ts";

/** Folder (or file) of the program → its layer. ARCHITECTURE.md says what each one holds. */
export const LAYERS: Readonly<Record<string, number>> = {
  "main.ts": 8,
  "commands": 7,
  "lib/front": 6,
  "lib/server": 5,
  "lib/bench": 5,
  "lib/page": 4,
  "lib/tui": 4,
  "lib/web": 4,
  "lib/client": 3,
  "lib/cluster": 3,
  "lib/hub": 2,
  "lib/store": 2,
  "lib/net": 2,
  "lib/irc": 1,
  "lib/log": 1,
  "lib/relay": 1,
  "lib/shm": 1,
  "lib/cli": 1,
  "lib/base": 0,
  "deno.json": -1, // a fact, not code: the version
  "docs": -1, // facts: the description of the HTTP API
};

/** Folders of files that are no part of the program. */
const NOT_PROGRAM: readonly string[] = ["tests", "packaging"];

/** Folder of the program → the files and sub-folders in it, the highest first. Those in one row don't import each other. */
export type Subfolders = Readonly<Record<string, readonly (readonly string[])[]>>;

/** The order within folders. A folder that is not listed here has none; in one that is, everything has its place. */
export const SUBFOLDERS: Subfolders = {
  "lib/hub": [
    ["handover"],
    ["hub.ts"],
    ["execution.ts", "hub_services.ts", "timers.ts"],
    ["dispatch.ts"],
    ["verbs"],
    ["apply"],
    ["fanout"],
    ["policy"],
    ["context.ts"],
    ["services"],
    ["history"],
    ["output"],
    ["log"],
    ["model"],
  ],
  "lib/hub/verbs": [
    ["mod.ts"],
    ["connection"],
    ["schedules"],
    ["messaging"],
    ["oncall", "users"],
    ["server"],
    ["login.ts"],
    ["channels"],
    ["verb.ts"],
  ],
  "lib/hub/fanout": [
    ["server_operator_mode.ts"],
    ["announcement.ts", "clock_notice.ts", "fan_out_by_capability.ts", "oncall.ts", "welcome.ts"],
    ["channel_replies.ts"],
    ["metadata_replies.ts"],
    ["fan_out.ts", "questions.ts"],
    ["history", "observers.ts", "render_cache.ts"],
    ["replies.ts"],
  ],
  "lib/hub/services": [
    ["idle_channels.ts", "offline_messages.ts", "questions.ts"],
    ["metadata.ts", "offline_rank.ts", "question_fact.ts"],
    [
      "bans.ts",
      "changed_sessions.ts",
      "channel_settings_store.ts",
      "durable_actions.ts",
      "monitors.ts",
      "oncall",
      "read_markers.ts",
      "receipts.ts",
      "replay_positions.ts",
      "scheduled_messages.ts",
      "server_stats.ts",
      "whowas.ts",
    ],
    ["accounts", "cron_calendar.ts", "duty", "limits"],
  ],
  "lib/hub/model": [
    ["state", "mutable_conversation_log.ts"],
    ["config.ts", "conversation_log.ts"],
    ["channel_settings.ts", "host_cloak.ts", "timeline.ts"],
    ["account_token.ts", "channel_modes.ts", "question.ts", "scheduled_message.ts"],
    [
      "ban.ts",
      "channel_mask.ts",
      "effect_buffer.ts",
      "identifiers.ts",
      "late_mark.ts",
      "line_origin.ts",
      "name_map.ts",
      "seq_list.ts",
      "server_event.ts",
      "work_steps.ts",
    ],
  ],
  "lib/irc": [
    ["capabilities.ts", "key_share.ts", "oncall.ts", "question.ts", "search", "token_scopes.ts"],
    [
      "isupport.ts",
      "line_splitter.ts",
      "multiline.ts",
      "names",
      "numerics.ts",
      "reaction.ts",
      "sasl",
      "sender_id.ts",
      "text_splitter.ts",
      "vendor_extensions.ts",
    ],
    ["limits.ts", "message.ts", "wire_number.ts"],
    ["cap_set.ts", "capability_names.ts", "keep_time.ts", "tags.ts"],
  ],
  "lib/net": [
    ["relay_dialer.ts"],
    ["frame_conn.ts", "line_conn.ts", "listener.ts", "tls", "web"],
    ["proxy", "send_queue.ts", "tunnel.ts"],
    [
      "passed_listener.ts",
      "pending_conns.ts",
      "pipe_conn.ts",
      "private_listener.ts",
      "refused_connections.ts",
      "send_budget.ts",
      "write_scheduler.ts",
    ],
    ["server_list.ts"],
    ["address.ts", "conn.ts", "endpoint.ts", "read_buffer.ts"],
  ],
  "lib/store": [["backup"], ["archive"], ["sync"], ["ring_file"], ["facts"], ["disk"]],
  "lib/server": [
    ["server_metrics.ts"],
    ["server.ts"],
    ["relayed_clients.ts"],
    ["client_attacher.ts"],
    ["cluster", "keeper"],
    ["relay"],
    ["server_options.ts"],
    ["listen", "console", "notify"],
    [
      "client_connection.ts",
      "due_timer.ts",
      "durable_waits.ts",
      "inbox_reader.ts",
      "job_runner.ts",
      "send_budget_enforcer.ts",
      "storage.ts",
    ],
    ["duty"],
    ["archive"],
    [
      "turn_queue.ts",
      "fair_queue.ts",
      "server_log.ts",
      "service_manager.ts",
      "shared_ring.ts",
      "storage_fault_text.ts",
    ],
    ["traffic_stats.ts"],
    ["histogram.ts"],
    ["settings"],
  ],
  "lib/front": [
    ["cluster_front.ts"],
    ["front_control.ts"],
    ["front_run.ts"],
    ["front.ts"],
    ["present_sessions.ts", "session_table.ts", "storing_notice.ts"],
    ["front_listeners.ts", "front_refusals.ts", "front_session.ts", "front_settings.ts"],
  ],
  "lib/relay": [
    ["downward.ts", "turn.ts", "upward.ts"],
    ["delivery_batch.ts", "handshake.ts", "line_batch.ts", "relay_proof.ts"],
    ["frame.ts"],
    ["tries.ts", "wire.ts"],
  ],
  "lib/cli": [
    ["files", "flags", "missing_permission.ts", "output_template.ts", "system_io.ts", "text_input.ts"],
    ["held_signals.ts"],
    ["command.ts"],
    ["standard_streams.ts"],
    [
      "command_syntax.ts",
      "exit_codes.ts",
      "fetch_failure.ts",
      "json_line.ts",
      "name_colors.ts",
      "pipe_watcher.ts",
      "piped_text_decoder.ts",
      "table.ts",
    ],
  ],
  "lib/client": [
    ["oncall"],
    ["sending"],
    ["accounts", "history", "query"],
    ["connection"],
    ["trust"],
    ["identity"],
    ["commands"],
    ["conversation"], // no I/O: of the client's folders it may import the session only
    ["session"],
  ],
  "lib/client/conversation": [
    ["chat.ts"],
    ["response_handler.ts", "view_actions.ts"],
    ["line_handler.ts"],
    ["open_requests.ts", "receipt_tracker.ts", "send_tracker.ts"],
    ["effects.ts"],
    ["earlier_messages.ts", "history_page.ts"],
    ["outbox.ts", "search", "sync"],
    ["chat_options.ts"],
    [
      "asked_questions.ts",
      "connection_status.ts",
      "entry_routing.ts",
      "logs_command.ts",
      "oncall",
      "read_marker_tracker.ts",
      "typing_tracker.ts",
      "unsent_message.ts",
    ],
    ["model"],
  ],
  "lib/client/conversation/sync": [
    ["direct_sync.ts", "join_sync.ts"],
    ["sync_host.ts"],
    ["history_read.ts"],
    ["live_merge.ts"],
    ["seen_messages.ts"],
  ],
  "lib/web": [
    ["app.ts"],
    ["api_routes.ts", "operations_routes.ts", "page_routes.ts"],
    ["api_handler.ts"],
    ["hooks"],
    ["api"],
    ["web_app.ts"],
    ["bearer.ts"],
    ["page_files.ts", "ports.ts", "response_counts.ts"],
    ["metrics_text.ts", "problem.ts"],
  ],
  "lib/tui": [
    ["chat_runner.ts", "plain_ui.ts", "terminal_ui.ts"],
    ["terminal_ui_options.ts"],
    ["chat_saver.ts", "input", "line_keeper.ts", "view_stream.ts"],
    [
      "away_status.ts",
      "completion.ts",
      "completion_rows.ts",
      "reconnect_report.ts",
      "repeated_entries.ts",
      "speakers.ts",
      "typing_status.ts",
      "ui.ts",
      "unsent_lines.ts",
      "view_drafts.ts",
      "view_state.ts",
    ],
    ["attention", "terminal"],
    ["view"],
  ],
  "lib/page": [
    ["main.ts", "build"],
    ["second_part.ts"],
    ["start.tsx"],
    ["ui"],
    ["state"],
    ["connection", "model", "storage"],
  ],
  "lib/page/state": [
    ["app.ts"],
    ["chat_session.ts"],
    ["chat_drafts.ts"],
    ["chat_core.ts"],
    ["chat_start.ts", "presence_requests.ts"],
    ["late_actions.ts"],
    ["late"],
    ["attention", "chat_signals.ts"],
    ["preference_store.ts", "time_text.ts", "timer.ts"],
  ],
  "commands": [
    [
      "admin.ts",
      "archive.ts",
      "backup.ts",
      "bench.ts",
      "completion.ts",
      "config.ts",
      "doctor.ts",
      "front.ts",
      "hub.ts",
      "join.ts",
      "key.ts",
      "list.ts",
      "logs.ts",
      "man.ts",
      "register.ts",
      "restore.ts",
      "send.ts",
      "serve.ts",
      "token.ts",
      "unregister.ts",
    ],
    ["ack", "mcp", "page", "run", "scheduled"],
    [
      "archive",
      "ask",
      "bench",
      "completion",
      "doctor",
      "join",
      "key",
      "list",
      "logs",
      "man",
      "oncall",
      "register",
      "send",
      "serve",
      "token",
    ],
    ["support"],
  ],
};

/**
 * Files and folders that are not for everyone above them → the files and folders that may import them. Only apply/ gets the
 * mutable side of the state, and the functions that change it. Only commands, and what asks a person at the terminal, know
 * streams and exit codes: the clients' library serves a page as well.
 */
export const RESERVED: Readonly<Record<string, readonly string[]>> = {
  "lib/cli/command.ts": ["commands", "lib/cli", "lib/tui", "main.ts"],
  "lib/cli/exit_codes.ts": ["commands", "lib/cli", "lib/tui", "main.ts"],
  "lib/hub/apply": ["lib/hub/apply", "lib/hub/handover", "lib/hub/hub.ts", "lib/hub/execution.ts"],
  "lib/hub/apply/writable.ts": ["lib/hub/apply"],
  "lib/hub/model/mutable_conversation_log.ts": [
    "lib/hub/history",
    "lib/hub/services/channel_settings_store.ts",
  ],
  "lib/hub/model/state/mutable_account.ts": ["lib/hub/apply", "lib/hub/services/accounts"],
  "lib/hub/model/state/mutable_entities.ts": ["lib/hub/apply"],
  "lib/hub/model/state/mutable_state.ts": ["lib/hub/apply", "lib/hub/execution.ts"],
};

const ROOT = slashed(import.meta.dirname ?? "").replace(/\/tests\/lint$/, "/");

function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}

/** `deno lint` names a file by its absolute path. Its path below the project's root, or undefined for a file outside. */
function projectPath(filename: string): string | undefined {
  const path = slashed(filename);
  if (path.startsWith(ROOT)) return path.slice(ROOT.length);
  return /^(\/|[A-Za-z]:)/.test(path) ? undefined : path;
}

/** The unit of layering that a path belongs to: `lib/irc`, `commands`, `main.ts`, `tests`. */
function unitOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "lib" ? `lib/${second}` : top;
}

const DYNAMIC = "name the module with a plain string, so that the layers can be read off it";

/** What is wrong with the file `from` importing the file `to` (project paths); undefined: nothing. */
export function importFault(from: string, to: string, subfolders = SUBFOLDERS): string | undefined {
  const [unit, other] = [unitOf(from), unitOf(to)];
  return (unit === other ? orderFault(from, to, subfolders) : layerFault(unit, other)) ??
    reserveFault(from, to);
}

/** What is wrong with the file `from` importing the file `to`, which may be reserved for others. */
function reserveFault(from: string, to: string): string | undefined {
  for (const [path, importers] of Object.entries(RESERVED)) {
    if (isWithin(to, path) && !importers.some((each) => isWithin(from, each))) {
      return `${path} is for ${importers.join(", ")} alone`;
    }
  }
  return undefined;
}

/** Whether `path` is the file or folder `other`, or in it. */
function isWithin(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}/`);
}

/** What is wrong with one unit of layering importing another one. */
function layerFault(from: string, to: string): string | undefined {
  const own = LAYERS[from];
  const other = LAYERS[to];
  if (own === undefined) return noLayer(from);
  if (other === undefined) return `${from} is part of the program and ${to} is not`;
  if (other < own) return undefined;
  if (other === own) return `${from} and ${to} are siblings (layer ${own}) and don't import each other`;
  return `imports only go down: ${from} is layer ${own}, ${to} is layer ${other}`;
}

function noLayer(unit: string): string {
  return `${unit} has no layer; give it one in tests/lint/layers.ts and ARCHITECTURE.md`;
}

/** What is wrong with one file of a unit importing another one of it: the order in the deepest folder that holds both decides. */
function orderFault(from: string, to: string, subfolders: Subfolders): string | undefined {
  const [own, other] = [from.split("/"), to.split("/")];
  const depth = own.findIndex((segment, at) => segment !== other[at]);
  if (depth < 0) return undefined; // itself: a circle, not an order
  const folder = own.slice(0, depth).join("/");
  const [above, below] = [own[depth]!, other[depth] ?? ""];
  const [row, otherRow] = [rowOf(subfolders, folder, above), rowOf(subfolders, folder, below)];
  if (row === undefined || otherRow === undefined || above === below || row < otherRow) return undefined;
  return row === otherRow
    ? `${above} and ${below} are siblings in ${folder} and don't import each other`
    : `imports only go down: ${below} is above ${above} in ${folder}`;
}

/** The row of the table in which `name` of `folder` stands; undefined: the folder has no order, or `name` no place in it. */
function rowOf(subfolders: Subfolders, folder: string, name: string): number | undefined {
  const row = subfolders[folder]?.findIndex((names) => names.includes(name)) ?? -1;
  return row < 0 ? undefined : row;
}

/** Why the file `path` has no place in the tables; undefined: it has. */
function placeFault(path: string, subfolders = SUBFOLDERS): string | undefined {
  const unit = unitOf(path);
  if (LAYERS[unit] === undefined) return noLayer(unit);
  const segments = path.split("/");
  for (let depth = 1; depth < segments.length; depth++) {
    const [folder, name] = [segments.slice(0, depth).join("/"), segments[depth]!];
    if (subfolders[folder] === undefined || rowOf(subfolders, folder, name) !== undefined) continue;
    return `${name} has no place in ${folder}; give it one in SUBFOLDERS (tests/lint/layers.ts)`;
  }
  return undefined;
}

function layers(context: Deno.lint.RuleContext, subfolders: Subfolders): Deno.lint.LintVisitor {
  const path = projectPath(context.filename);
  // Tests and tools stand outside of the layers and may look at all of them.
  if (path === undefined || NOT_PROGRAM.includes(unitOf(path))) return {};

  const faultOf = (specifier: string | undefined): string | undefined => {
    if (specifier === undefined) return DYNAMIC;
    if (!isFileSpecifier(specifier)) return undefined;
    const target = resolveSpecifier(path, specifier);
    return target === undefined
      ? `${specifier} does not lead to a file of the project by a relative path`
      : importFault(path, target, subfolders);
  };
  const check = (node: Deno.lint.Node) => {
    const imported = importOf(node as unknown as SyntaxNode);
    const message = imported && faultOf(imported.specifier);
    if (message !== undefined) context.report({ node, message });
  };

  return {
    ...Object.fromEntries(IMPORT_TYPES.map((type) => [type, check])),
    Program(node) {
      const message = placeFault(path, subfolders);
      if (message !== undefined) context.report({ node, message });
    },
  };
}

function exit(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  if (projectPath(context.filename) === "main.ts") return {};
  const message = "only main.ts ends the process; return the exit code (in a tool: set Deno.exitCode)";
  const isProcess = (node: Deno.lint.Node | null | undefined) =>
    node != null && /^(globalThis\.)?(Deno|process)$/.test(context.sourceCode.getText(node));
  return {
    MemberExpression(node) {
      const { property } = node;
      const name = property.type === "Identifier" && !node.computed ? property.name : literalText(property);
      if (name === "exit" && isProcess(node.object)) context.report({ node, message });
    },
    // const { exit } = Deno
    VariableDeclarator(node) {
      if (node.id.type !== "ObjectPattern" || !isProcess(node.init)) return;
      const takesExit = node.id.properties.some((property) =>
        property.type === "Property" && property.key.type === "Identifier" && property.key.name === "exit"
      );
      if (takesExit) context.report({ node, message });
    },
    // import { exit } from "node:process"
    ImportDeclaration(node) {
      if (node.source.value !== "node:process") return;
      const takesExit = node.specifiers.some((specifier) =>
        specifier.type === "ImportSpecifier" && specifier.imported.type === "Identifier" &&
        specifier.imported.name === "exit"
      );
      if (takesExit) context.report({ node, message });
    },
  };
}

/** The rules, with another order within folders: for tests. */
export function pluginWith(subfolders: Subfolders): Deno.lint.Plugin {
  return {
    name: "chatterbox",
    rules: { layers: { create: (context) => layers(context, subfolders) }, exit: { create: exit } },
  };
}

export default pluginWith(SUBFOLDERS);
