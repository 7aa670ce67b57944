/** Whole clusters in virtual time, whatever fails: see cluster_sim.ts, sim_checks.ts and, for many more seeds, sim.ts. */
import { pureTest } from "../../support/test.ts";
import { runSeed } from "./cluster_sim.ts";

const SEEDS = 200;
/** Tests run side by side, so they are several. */
const PARTS = 4;
/**
 * Seeds that have found something, each with what it was:
 * 180: a hub that no front had reported to in time recorded that all had left, and a late front brought its clients back
 * 186: a front was told the position of a turn that had ended before the one that restored its sessions
 * 7: of a message to several, of which one was in the log, the others came before what their receivers had missed
 * 6866: a user that came before a late front reported got the id of a user of that front, and its direct messages
 * 284: a leader that had freed its key to step down still told answers, its lease being alive
 */
const FOUND = [7, 180, 186, 284, 6866];

for (let part = 0; part < PARTS; part++) {
  pureTest(
    `whatever fails in a cluster, nothing is lost, doubled or out of order, ${part + 1} of ${PARTS}`,
    async () => {
      for (let seed = part + 1; seed <= SEEDS; seed += PARTS) await runSeed(seed);
    },
  );
}

pureTest("whatever has failed in a cluster once does not again", async () => {
  for (const seed of FOUND) await runSeed(seed);
});
