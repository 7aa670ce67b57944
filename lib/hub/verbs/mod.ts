/** All verbs, by name. */
import type { NumberedVerb } from "../verb.ts";
import { UNSUPPORTED_VERBS } from "./absent.ts";
import { ACCOUNT_VERBS } from "./account.ts";
import { BAN_VERBS } from "./bans.ts";
import { MULTILINE_BATCH_VERBS } from "./batch.ts";
import { CAP_VERBS } from "./cap.ts";
import { CHANNEL_OPERATION_VERBS } from "./channel.ts";
import { PING_QUIT_VERBS } from "./connection.ts";
import { FOLLOW_VERBS } from "./follow.ts";
import { HELP_VERBS } from "./help.ts";
import { HISTSERV_VERBS } from "./histserv.ts";
import { CHATHISTORY_VERBS } from "./history.ts";
import { LIST_VERBS } from "./list.ts";
import { READ_MARKER_VERBS } from "./markers.ts";
import { METADATA_VERBS } from "./metadata.ts";
import { MESSAGE_VERBS } from "./message.ts";
import { MODE_VERBS } from "./mode.ts";
import { MONITOR_VERBS } from "./monitor.ts";
import { OPER_VERBS } from "./oper.ts";
import { PASSWD_VERBS } from "./passwd.ts";
import { WHOIS_VERBS } from "./query.ts";
import { RECEIPT_VERBS } from "./receipts.ts";
import { REDACT_VERBS } from "./redact.ts";
import { REGISTRATION_VERBS } from "./register.ts";
import { RENAME_VERBS } from "./rename.ts";
import { SASL_VERBS } from "./sasl.ts";
import { SERVER_QUERY_VERBS } from "./server.ts";
import { SERVICE_VERBS } from "./services.ts";
import { USER_STATUS_VERBS } from "./user.ts";
import { WHO_VERBS } from "./who.ts";

export const VERBS: ReadonlyMap<string, NumberedVerb> = new Map(
  [
    MESSAGE_VERBS,
    MULTILINE_BATCH_VERBS,
    CAP_VERBS,
    REGISTRATION_VERBS,
    SASL_VERBS,
    ACCOUNT_VERBS,
    PASSWD_VERBS,
    PING_QUIT_VERBS,
    CHANNEL_OPERATION_VERBS,
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
    HELP_VERBS,
    UNSUPPORTED_VERBS,
    CHATHISTORY_VERBS,
    HISTSERV_VERBS,
    FOLLOW_VERBS,
    RECEIPT_VERBS,
    READ_MARKER_VERBS,
    METADATA_VERBS,
  ].flatMap((table) => Object.entries(table)).map(([name, verb], nth) => [name, { ...verb, nth }]),
);
