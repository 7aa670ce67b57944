/** Limits of the archive: its size, and what is asked of it. */
import type { Limit } from "../limit.ts";

const READER = "lib/server/archive/reader_task.ts";

export const ARCHIVE: readonly Limit[] = [
  {
    what: "the archive",
    bound: "{DEFAULT_ARCHIVE_BYTES}, or {ARCHIVE_FREE_SHARE} of the free space",
    beyond: "the oldest is removed",
    flag: "--archive",
    constants: {
      "lib/server/settings/archive_flags.ts": ["DEFAULT_ARCHIVE_BYTES", "ARCHIVE_FREE_SHARE"],
    },
    shownBy: ["server/settings_test.ts: the archive is off, has no bound, or has an age, a size or both"],
  },
  {
    what: "records of one transaction",
    bound: "{MAX_BATCH_RECORDS}, {MAX_BATCH_BYTES}",
    beyond: "the next transaction",
    constants: { "lib/server/archive/archive_follower.ts": ["MAX_BATCH_RECORDS", "MAX_BATCH_BYTES"] },
    shownBy: [
      "server/archive/archiver_test.ts: more than one transaction holds is archived in several, in order",
    ],
  },
  {
    what: "messages in one part of the index of words",
    bound: "{MAX_PART_MESSAGES}",
    beyond: "the next part",
    constants: { "lib/store/archive/archive_index.ts": ["MAX_PART_MESSAGES"] },
    shownBy: ["store/archive_pruning_test.ts: archive index: a part holds no more messages than its bound"],
  },
  {
    what: "searches at once, one of each account",
    bound: "{MAX_SEARCHES_AT_ONCE}",
    beyond: "waits",
    constants: { [READER]: ["MAX_SEARCHES_AT_ONCE"] },
    shownBy: ["server/archive/reader_task_test.ts: few searches run at once, one of each account"],
  },
  {
    what: "searches that wait, of one account",
    bound: "{MAX_WAITING_SEARCHES_OF_REQUESTER}",
    beyond: "not answered now",
    constants: { [READER]: ["MAX_WAITING_SEARCHES_OF_REQUESTER"] },
    shownBy: ["server/archive/reader_task_test.ts: beyond the queue there is no answer"],
  },
  {
    what: "searches that wait, of all",
    bound: "{MAX_WAITING_SEARCHES}",
    beyond: "not answered: the newest of the account with most",
    constants: { [READER]: ["MAX_WAITING_SEARCHES"] },
    shownBy: ["server/archive/reader_task_test.ts: beyond the queue there is no answer"],
  },
  {
    what: "time of a search",
    bound: "{MAX_SEARCH_MS}",
    beyond: "answered with what was found, after the step at work",
    constants: { "lib/server/archive/query_runner.ts": ["MAX_SEARCH_MS"] },
    shownBy: ["server/archive/query_runner_test.ts: a search ends after its time with what it has found"],
  },
  {
    what: "pages of history at once, one of each account",
    bound: "{MAX_PAGES_AT_ONCE}",
    beyond: "waits",
    constants: { [READER]: ["MAX_PAGES_AT_ONCE"] },
    shownBy: ["server/archive/reader_task_test.ts: a page waits for few of each other address"],
  },
  {
    what: "pages that wait, of one account or address",
    bound: "{MAX_WAITING_PAGES_OF_REQUESTER}",
    beyond: "what the server's log holds",
    constants: { [READER]: ["MAX_WAITING_PAGES_OF_REQUESTER"] },
    shownBy: ["server/archive/reader_task_test.ts: beyond the queue a page is not read"],
  },
  {
    what: "pages that wait, of all",
    bound: "{MAX_WAITING_PAGES}",
    beyond: "the same: the newest of the account with most",
    constants: { [READER]: ["MAX_WAITING_PAGES"] },
    shownBy: ["server/archive/reader_task_test.ts: beyond the queue a page is not read"],
  },
  {
    what: "orders that the archive has not confirmed",
    bound: "{MAX_UNCONFIRMED_ORDERS}",
    beyond: "the oldest are dropped; an archive that needs them is set aside",
    constants: { "lib/hub/history/unconfirmed_orders.ts": ["MAX_UNCONFIRMED_ORDERS"] },
    shownBy: ["hub/unconfirmed_orders_test.ts: archive: beyond the bound of unconfirmed orders"],
  },
  {
    what: "names that rooms have given up, in the archive",
    bound: "{MAX_FORMER_NAMES}",
    beyond: "the oldest is dropped; exports that are as old are refused",
    constants: { "lib/store/archive/former_name_table.ts": ["MAX_FORMER_NAMES"] },
    shownBy: ["store/archive_transfer_test.ts: archive: former names are bounded"],
  },
  {
    what: "orders that wait for the archive, of each kind",
    bound: "{MAX_WAITING_ORDERS}",
    beyond: "not added; of repetitions of records the oldest is dropped",
    constants: { "lib/server/archive/waiting_orders.ts": ["MAX_WAITING_ORDERS"] },
    shownBy: [
      "server/archive/waiting_orders_test.ts: waiting orders: beyond the bound no other order is taken",
      "server/archive/archive_trust_test.ts: an archive that loses what too many orders should have repeated",
    ],
  },
  {
    what: "restarts of the archiver in a row",
    bound: "{MAX_RESTARTS}",
    beyond: "nothing is archived until the next start",
    constants: { "lib/server/archive/archiver_task.ts": ["MAX_RESTARTS"] },
    shownBy: ["server/archive/archiver_task_test.ts: an archiver that dies is replaced three times"],
  },
  {
    what: "deaths of the reader in a row",
    bound: "{MAX_CRASHES}",
    beyond: "nothing is read until the next start",
    constants: { [READER]: ["MAX_CRASHES"] },
    shownBy: ["server/archive/reader_task_test.ts: a worker that dies answers nothing more"],
  },
];
