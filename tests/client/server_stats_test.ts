import { assertEquals } from "@std/assert";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import { parseServerStats } from "../../lib/client/query/server_stats.ts";
import { formatServerStats, formatServerStatsJson } from "../../commands/list/server_stats_text.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { pureTest } from "../support/test.ts";

const LINES = [
  "uptime :7500",
  "connections :4",
  "users :3",
  "rooms :1",
  "buffer :1048576",
  "sync :1000",
  "oldest :12",
  "last :57",
  "durable :55",
  "unsynced_messages :2",
  "unsynced_ms :14",
];

function stats(...lines: string[]) {
  return parseServerStats([...lines, "*"].map((line) => parseMessage(`:fake SERVERSTATS ${line}`)!));
}

pureTest("server stats: for people", () => {
  const plain = loadPalette(false);
  assertEquals(formatServerStats(stats(...LINES), plain).split("\n"), [
    "history               is being saved",
    "lost by a crash now   2 messages, the oldest 14 ms old",
    "saved                 every 1000 ms at the latest",
    "newest record         57",
    "on disk up to record  55",
    "room for history      1 MiB, from record 12 on",
    "uptime                2h 5m",
    "connections           4",
    "users                 3",
    "rooms                 1",
    "",
  ]);
  assertEquals(formatServerStats(stats(...LINES), plain, 40).split("\n").slice(0, 6), [
    "history               is being saved",
    "lost by a crash now   2 messages, the",
    "                      oldest 14 ms old",
    "saved                 every 1000 ms at",
    "                      the latest",
    "newest record         57",
  ]);
  const bad = formatServerStats(
    stats("trouble :no \x1b space", "unsynced_messages :0", "sync :always"),
    plain,
  );
  assertEquals(bad.split("\n").slice(0, 3), [
    "history               NOT being saved: no \u241b space",
    "lost by a crash now   nothing",
    "saved                 before anything is acknowledged",
  ]);
  const archiveOf = (...lines: string[]) =>
    formatServerStats(stats(...lines), plain).split("\n").filter((line) => line.startsWith("archive"));
  assertEquals(archiveOf("archive :2097152", "archived :57", "archive_start :1767323045000"), [
    "archive               2 MiB, from 2026-01-02 on, up to record 57",
  ]);
  assertEquals(archiveOf("archive :4096", "archived :0", "archive_start :0"), [
    "archive               4 KiB",
  ]);
  assertEquals(archiveOf("archive :4096", "archive_trouble :disk full"), [
    "archive               NOT being written: disk full",
  ]);
  assertEquals(archiveOf("archive :4096", "archive_unreadable :malformed", "archive_lost :7"), [
    "archive               CANNOT be read: malformed",
  ]);
  assertEquals(
    formatServerStats(stats("archive :4096", "archive_lost :7"), plain).split("\n")[7],
    "not archived          7 records, lost since the server's start",
  );
  assertEquals(
    formatServerStats(stats("last :4294967669"), plain).split("\n")[3],
    "newest record         4294967669 (numbers jump by 2^32 after a crash)",
  );
  assertEquals(formatServerStats(stats(), plain).split("\n").slice(0, 4), [
    "history               is not kept on disk",
    "lost by a crash now   ?",
    "saved                 ?",
    "newest record         ?",
  ]);
});

pureTest("server stats: for programs", () => {
  assertEquals(JSON.parse(formatServerStatsJson(stats(...LINES, "news :1"))), {
    last: 57,
    durable: 55,
    unsynced_messages: 2,
    unsynced_ms: 14,
    trouble: null,
    sync: 1000,
    buffer: 1048576,
    oldest: 12,
    archive: null,
    archived: null,
    archive_start: null,
    archive_trouble: null,
    archive_unreadable: null,
    archive_lost: null,
    uptime: 7500,
    connections: 4,
    users: 3,
    rooms: 1,
  });
  const odd = JSON.parse(formatServerStatsJson(stats("sync :always", "last :many", "trouble :disk full")));
  assertEquals([odd.sync, odd.last, odd.trouble], ["always", null, "disk full"]);
});
