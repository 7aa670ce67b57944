/** Disks that are full, of members of etcd and of nodes: what clients see, and that all goes on when there is room. */
import { assertEquals } from "@std/assert";
import { StoreRefusal } from "../../../lib/cluster/key_value_store.ts";
import { comesTrue } from "../../support/guard.ts";
import { frontsTest } from "../../front/fronts_process.ts";
import { needsHosts } from "../../support/hosts.ts";
import { EtcdRig, mountDisk, runShell } from "../etcd_rig.ts";
import { leads, NodeProcess, whenWhole } from "../node_process.ts";
import { checkTalkers, goOn, startTalkers, Talker } from "../talkers.ts";

const QUOTA_BYTES = 16 * 1024 * 1024;

/** Fills a disk, but for what is allocated already. */
async function fill(folder: string): Promise<void> {
  await runShell('cat /dev/zero > "$0/filler" 2>&-; ! echo more >> "$0/filler"', folder);
}

async function empty(folder: string): Promise<void> {
  await runShell('rm "$0/filler"', folder);
}

frontsTest(
  "full disks, of members of etcd and of nodes, and an etcd that has reached its quota",
  async (home) => {
    const args = ["--pre-vote", `--quota-backend-bytes=${QUOTA_BYTES}`];
    await using rig = await EtcdRig.start({ members: 3, diskSize: "224m", args });
    const nodeDisk = `${home}/b`;
    await using _disk = await mountDisk(nodeDisk, "20m");
    const [a, b] = [await NodeProcess.start(home, rig, "a"), await NodeProcess.start(home, rig, "b")];
    const talkers = await startTalkers([a, b]);

    // The disks of two members: one is enough for etcd to go on, and both are ended by it.
    const [first, second] = rig.members;
    for (const member of [first!, second!]) {
      await goOn(talkers);
      await fill(rig.folderOf(member));
      await member.ended();
    }
    await comesTrue("people are told", () => talkers.every(({ isTold }) => isTold));
    for (const member of [first!, second!]) {
      await empty(rig.folderOf(member));
      member.start();
    }
    await comesTrue("people are told that it is over", () => talkers.every(({ isTold }) => !isTold));
    await goOn(talkers);

    // The quota.
    await fillQuota(rig);
    await comesTrue("people are told", () => talkers.every(({ isTold }) => isTold));
    assertEquals((await a.status()).etcd?.alarms, ["NOSPACE"]);
    await freeQuota(rig);
    await comesTrue("people are told that it is over", () => talkers.every(({ isTold }) => !isTold));
    await goOn(talkers);

    // The disk of a node, as a standby and as the leader: what etcd has is enough.
    await fill(nodeDisk);
    await goOn(talkers);
    await whenWhole([a, b]);
    if (await a.leads()) await a.stepDown();
    await comesTrue("b leads", () => leads(b));
    await goOn(talkers);
    await a.nextHub();
    await empty(nodeDisk);
    await goOn(talkers);

    await whenWhole([a, b]);
    await Talker.stop(talkers);
    checkTalkers(talkers);
    assertEquals([await a.serve.end(), await b.serve.end()], [0, 0]);
  },
  needsHosts(),
);

/** Writes beside the cluster until etcd takes no more. */
async function fillQuota(rig: EtcdRig): Promise<void> {
  using client = rig.client();
  const value = new Uint8Array(QUOTA_BYTES / 32);
  for (let n = 0;; n++) {
    try {
      await client.transact({ compare: [], success: [{ kind: "put", key: `/junk/${n}`, value }] });
    } catch (error) {
      if (error instanceof StoreRefusal && error.why === "no_space") return;
      throw error;
    }
  }
}

/** What docs/cluster.md has operators do. */
async function freeQuota(rig: EtcdRig): Promise<void> {
  await rig.control("del", "--prefix", "/junk/");
  using client = rig.client();
  const { revision } = await client.range({ key: "/junk/" });
  await client.compact(revision);
  await rig.control("defrag");
  await rig.control("alarm", "disarm");
}
