/** Data folders of earlier versions, kept in `samples/`, open with everything that was saved in them, ids and times included. */
import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { withTempDir } from "../support/temp_dir.ts";
import { formatAnswers, sampleNames, samplePath, unpackSample } from "./sample_folder.ts";
import { askAll } from "./sample_scenario.ts";

/** Kinds of saved facts, as they stand in the database. */
const FACT_KINDS = [
  "account",
  "ban",
  "former_owner",
  "marker",
  "metadata",
  "oper",
  "retained",
  "room",
  "secret",
  "shown",
  "topic",
  "waiting",
];

/** Kinds that were not there yet when these samples were made. */
const LATER_KINDS = ["archive_trust", "calendar", "escalation", "notify", "page", "question", "scheduled"];
const SAMPLES_BEFORE = ["records_1", "records_2"];

/** Commands that history plays records as. The record of a server's start is not played: it ends what came before. */
const COMMANDS = [
  "JOIN",
  "KICK",
  "MODE",
  "NICK",
  "NOTICE",
  "PART",
  "PRIVMSG",
  "QUIT",
  "REDACT",
  "RENAME",
  "TAGMSG",
  "TOPIC",
];

/** The tag of a message of history. */
const HISTORY_ACCOUNT = /(?<=^ +@batch=[^ ;]+;\S+);account=[^ ;]+/gm;

async function withSample(name: string, fn: (home: string) => Promise<void>): Promise<void> {
  await withTempDir(async (home) => {
    await unpackSample(name, `${home}/data`);
    await fn(home);
  });
}

for (const name of sampleNames()) {
  Deno.test(`sample ${name}: a server on a copy gives the answers of the server that wrote it`, () =>
    withSample(name, async (home) => {
      const kept = await Deno.readTextFile(samplePath(name, "answers.txt"));
      const now = formatAnswers(await askAll(home));
      // Line by line, for a short report of a failure. That server's history did not tell accounts yet.
      assertEquals(now.replaceAll(HISTORY_ACCOUNT, "").split("\n"), kept.split("\n"));
      const accounts = now.matchAll(HISTORY_ACCOUNT).map(([tag]) => tag.slice(";account=".length));
      assertEquals(
        [...new Set(accounts)].sort(),
        ["alice", "bob", "boss", "dora", "erin"],
        "of records of earlier versions, too",
      );
    }));

  Deno.test(`sample ${name}: it holds every kind of saved fact, and its answers every kind of record`, () =>
    withSample(name, async (home) => {
      const db = new DatabaseSync(`${home}/data/state.sqlite`);
      const kinds = db.prepare("SELECT DISTINCT kind FROM facts ORDER BY kind").all().map(({ kind }) => kind);
      db.close();
      const later = SAMPLES_BEFORE.includes(name) ? [] : LATER_KINDS;
      assertEquals(kinds, [...FACT_KINDS, ...later].sort());
      const answers = await Deno.readTextFile(samplePath(name, "answers.txt"));
      for (const command of COMMANDS) {
        assert(new RegExp(`^ +@batch=\\S+ \\S+ ${command} `, "m").test(answers), command);
      }
    }));
}

Deno.test("samples: there is at least one", () => assert(sampleNames().length > 0));
