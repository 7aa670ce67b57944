/** All verbs, by name. */
import type { NumberedVerb } from "./verb.ts";
import { UNSUPPORTED_VERBS } from "./server/unsupported.ts";
import { ASK_VERBS } from "./messaging/ask/ask.ts";
import { ACCOUNT_VERBS } from "./users/account.ts";
import { BAN_VERBS } from "./server/bans.ts";
import { MULTILINE_BATCH_VERBS } from "./messaging/multiline_batch.ts";
import { CAP_VERBS } from "./connection/cap.ts";
import { CHANNEL_OPERATION_VERBS } from "./channels/channel_operations.ts";
import { PING_QUIT_VERBS } from "./connection/ping_quit.ts";
import { FOLLOW_VERBS } from "./messaging/follow.ts";
import { HELP_VERBS } from "./server/help.ts";
import { HISTORY_VERBS } from "./messaging/histserv_history.ts";
import { CHATHISTORY_VERBS } from "./messaging/chathistory.ts";
import { INBOX_VERBS } from "./connection/inbox.ts";
import { KEY_SHARE_VERBS } from "./users/key_share.ts";
import { INVITATION_VERBS } from "./channels/invitations.ts";
import { LIST_VERBS } from "./channels/list.ts";
import { READ_MARKER_VERBS } from "./messaging/read_markers.ts";
import { METADATA_VERBS } from "./users/metadata.ts";
import { MESSAGE_VERBS } from "./messaging/message.ts";
import { MODE_VERBS } from "./users/user_mode.ts";
import { MONITOR_VERBS } from "./users/monitor.ts";
import { NODE_VERBS } from "./server/nodes.ts";
import { ONCALL_VERBS } from "./oncall/oncall.ts";
import { OPER_VERBS } from "./server/oper.ts";
import { PAGE_VERBS } from "./oncall/page.ts";
import { PASSWD_VERBS } from "./users/password_change.ts";
import { WHOIS_VERBS } from "./users/whois.ts";
import { RECEIPT_VERBS } from "./messaging/receipts.ts";
import { REDACT_VERBS } from "./messaging/redact.ts";
import { REGISTRATION_VERBS } from "./connection/registration.ts";
import { RENAME_VERBS } from "./channels/rename.ts";
import { SASL_VERBS } from "./connection/sasl.ts";
import { SCHEDULED_VERBS } from "./schedules/scheduled.ts";
import { SEARCH_VERBS } from "./messaging/search.ts";
import { SERVER_QUERY_VERBS } from "./server/server_queries.ts";
import { SERVICE_VERBS } from "./messaging/nickserv.ts";
import { TOKEN_VERBS } from "./users/token.ts";
import { USER_STATUS_VERBS } from "./users/user_status.ts";
import { WHO_VERBS } from "./users/who.ts";

export const VERBS: ReadonlyMap<string, NumberedVerb> = new Map(
  [
    MESSAGE_VERBS,
    MULTILINE_BATCH_VERBS,
    CAP_VERBS,
    REGISTRATION_VERBS,
    SASL_VERBS,
    ACCOUNT_VERBS,
    PASSWD_VERBS,
    TOKEN_VERBS,
    KEY_SHARE_VERBS,
    PING_QUIT_VERBS,
    CHANNEL_OPERATION_VERBS,
    INVITATION_VERBS,
    RENAME_VERBS,
    REDACT_VERBS,
    OPER_VERBS,
    SERVICE_VERBS,
    BAN_VERBS,
    MODE_VERBS,
    USER_STATUS_VERBS,
    WHO_VERBS,
    WHOIS_VERBS,
    LIST_VERBS,
    MONITOR_VERBS,
    SERVER_QUERY_VERBS,
    NODE_VERBS,
    HELP_VERBS,
    UNSUPPORTED_VERBS,
    CHATHISTORY_VERBS,
    HISTORY_VERBS,
    SCHEDULED_VERBS,
    SEARCH_VERBS,
    FOLLOW_VERBS,
    RECEIPT_VERBS,
    ASK_VERBS,
    ONCALL_VERBS,
    PAGE_VERBS,
    READ_MARKER_VERBS,
    METADATA_VERBS,
    INBOX_VERBS,
  ].flatMap((table) => Object.entries(table)).map(([name, verb], nth) => [name, { ...verb, nth }]),
);
