/** Limits of notifications to notify URLs. */
import type { Limit } from "../limit.ts";

const QUEUE = "lib/server/notify/notification_queue.ts";
const SENDER = "lib/server/notify/notification_sender.ts";
const QUEUE_TEST = "server/notify/notification_queue_test.ts: notification queue:";
const SENDER_TEST = "server/notify/notification_sender_test.ts: notifications:";

export const NOTIFICATIONS: readonly Limit[] = [
  {
    what: "notify URL",
    bound: "{NOTIFY_URL_MAX_BYTES}",
    beyond: "not accepted",
    constants: { "lib/base/values/notify_url.ts": ["NOTIFY_URL_MAX_BYTES"] },
    shownBy: ["base/notify_url_test.ts: notify URLs: a refusal says what to write"],
  },
  {
    what: "notifications sent at once",
    bound: "{MAX_NOTIFICATIONS_AT_ONCE}, one for each account",
    beyond: "the next ones wait",
    constants: { [QUEUE]: ["MAX_NOTIFICATIONS_AT_ONCE"] },
    shownBy: [`${QUEUE_TEST} so many at once`, `${QUEUE_TEST} those of one account go one after another`],
  },
  {
    what: "notifications that wait",
    bound: "{MAX_WAITING_NOTIFICATIONS}, {MAX_WAITING_PER_ACCOUNT} of one account",
    beyond: "the newest of the account with the most fails",
    constants: { [QUEUE]: ["MAX_WAITING_NOTIFICATIONS", "MAX_WAITING_PER_ACCOUNT"] },
    shownBy: [`${QUEUE_TEST} beyond its bounds a notification fails`],
  },
  {
    what: "time for a notification",
    bound: "{NOTIFICATION_TIMEOUT_MS}",
    beyond: "it fails",
    constants: { [SENDER]: ["NOTIFICATION_TIMEOUT_MS"] },
    shownBy: ["server/notify/notification_sender_test.ts: never answers"],
  },
  {
    what: "head of the answer to a notification",
    bound: "{ANSWER_HEAD_MAX_BYTES}",
    beyond: "it fails; the body is not read",
    constants: { [SENDER]: ["ANSWER_HEAD_MAX_BYTES"] },
    shownBy: ["server/notify/notification_sender_test.ts: sends a head without end"],
  },
  {
    what: "addresses of a name that are tried",
    bound: "{MAX_ADDRESSES_TRIED}",
    beyond: "the notification fails",
    constants: { [SENDER]: ["MAX_ADDRESSES_TRIED"] },
    shownBy: [`${SENDER_TEST} an address that takes no connection`],
  },
];
