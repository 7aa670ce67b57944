import type { HubConfig } from "../../lib/hub/config.ts";
import { pureDriver } from "./pure_driver.ts";
import { socketDriver } from "./socket_driver.ts";
import { type Driver, parseTranscript, runTranscript } from "./transcript.ts";

const DRIVERS: Readonly<Record<string, (config: Partial<HubConfig>) => Driver | Promise<Driver>>> = {
  "the pure hub": pureDriver,
  "TCP": (config) => socketDriver("tcp", config),
  ...(Deno.build.os === "windows" ? {} : { "a Unix socket": (config) => socketDriver("unix", config) }),
};

const folder = new URL("./", import.meta.url);
for (const { name } of [...Deno.readDirSync(folder)].sort((a, b) => a.name.localeCompare(b.name))) {
  if (!name.endsWith(".txt")) continue;
  const transcript = parseTranscript(Deno.readTextFileSync(new URL(name, folder)));
  for (const [place, open] of Object.entries(DRIVERS)) {
    if (transcript.needsClock && place !== "the pure hub") continue; // a real server's clock can't be moved
    Deno.test(`transcript ${name.slice(0, -4)}, ${place}`, async () => {
      const driver = await open(transcript.config);
      try {
        await runTranscript(transcript, driver);
      } finally {
        await driver.close();
      }
    });
  }
}
