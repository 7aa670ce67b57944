/** State databases: one that was damaged in any way is refused, or what it held holds on: no name is given away. */
import { assert } from "../../lib/base/assert.ts";
import type { DatabaseMark } from "../../lib/log/fact_store.ts";
import { findDatabaseFault } from "../../lib/store/facts/database_mark.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { readFactStore } from "../../lib/store/facts/fact_reader.ts";
import { SqliteFactStore } from "../../lib/store/facts/sqlite_fact_store.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { TestHub } from "../support/hub.ts";
import { damaged, type Target } from "./target.ts";

const NAMES = Array.from({ length: 40 }, (_, i) => `name${i}`);
const KEY = new Uint8Array(32).fill(7).toBase64();

function account(name: string): SavedFact {
  const value = {
    name,
    owner: `owner-${name}`,
    createdAt: 5,
    salt: KEY,
    iterations: 4096,
    storedKey: KEY,
    serverKey: KEY,
  };
  return { kind: "account", key: name, value: JSON.stringify(value), seq: 0 };
}

const CHANNEL = {
  name: "#tea",
  flags: "i",
  key: "",
  limit: 0,
  lists: { b: [], e: [], I: [] },
  operators: [],
  changedAt: 0,
};
const BAN = { kind: "ban", mask: "name:mallory", reason: "", by: "x", at: 1, until: 0 };
const FACTS: readonly SavedFact[] = [
  ...NAMES.map(account),
  { kind: "room", key: "#tea", value: JSON.stringify(CHANNEL), seq: 0 },
  { kind: "ban", key: "ban name:mallory", value: JSON.stringify(BAN), seq: 0 },
];

let whole: { bytes: Uint8Array; mark: DatabaseMark } | undefined;

export const DATABASES: Target = {
  name: "databases",
  async run(random, note) {
    const dir = await Deno.makeTempDir({ prefix: "chatterbox-fuzz-" });
    try {
      const path = `${dir}/state.sqlite`;
      const { bytes: before, mark } = whole ??= made(path);
      const { bytes, how } = damaged(before, random);
      note(how);
      await Deno.writeFile(path, bytes);
      const state = readFactStore(path);
      const found = state.kind === "ok" ? state.database : undefined;
      if (state.kind === "unusable") return void assert(state.why !== "", "it says why");
      if (findDatabaseFault(mark, found) !== undefined || state.kind !== "ok") return; // no server starts
      assertHeld(state.facts);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
};

function made(path: string): { bytes: Uint8Array; mark: DatabaseMark } {
  const db = new SqliteFactStore(path);
  const mark = db.save(FACTS, "log1");
  db.close();
  return { bytes: Deno.readFileSync(path), mark };
}

/** A server that starts with `facts` keeps every name, the channel closed and the ban in force. */
export function assertHeld(facts: readonly SavedFact[]): void {
  const { hub } = new TestHub({}, Ring.create(RING_MIN_BYTES), facts);
  for (const name of NAMES) {
    const kept = hub.services.accounts.get(name)?.owner === `owner-${name}` ||
      hub.services.accounts.isUnreadable(name);
    assert(kept, `${name} is free`);
  }
  assert(hub.services.history.channels.get("#tea")?.settings?.hasFlag("i") === true, "the room is open");
  assert(hub.services.bans.has("ban", "name:mallory"), "the ban is gone");
}
