/** All verbs, by name. */
import type { Verb } from "../verb.ts";
import { ACCOUNT_VERBS } from "./account.ts";
import { BAN_VERBS } from "./bans.ts";
import { CAP_VERBS } from "./cap.ts";
import { CHANNEL_VERBS } from "./channel.ts";
import { CONNECTION_VERBS } from "./connection.ts";
import { FOLLOW_VERBS } from "./follow.ts";
import { HISTORY_VERBS } from "./history.ts";
import { MARKER_VERBS } from "./markers.ts";
import { MESSAGE_VERBS } from "./message.ts";
import { MODE_VERBS } from "./mode.ts";
import { OPER_VERBS } from "./oper.ts";
import { QUERY_VERBS } from "./query.ts";
import { RECEIPT_VERBS } from "./receipts.ts";
import { REGISTER_VERBS } from "./register.ts";
import { SASL_VERBS } from "./sasl.ts";
import { SERVER_VERBS } from "./server.ts";
import { USER_VERBS } from "./user.ts";

export const VERBS: ReadonlyMap<string, Verb> = new Map(
  [
    MESSAGE_VERBS,
    CAP_VERBS,
    REGISTER_VERBS,
    SASL_VERBS,
    ACCOUNT_VERBS,
    CONNECTION_VERBS,
    CHANNEL_VERBS,
    OPER_VERBS,
    BAN_VERBS,
    MODE_VERBS,
    USER_VERBS,
    QUERY_VERBS,
    SERVER_VERBS,
    HISTORY_VERBS,
    FOLLOW_VERBS,
    RECEIPT_VERBS,
    MARKER_VERBS,
  ].flatMap((table) => Object.entries(table)),
);
