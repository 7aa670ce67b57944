import type { HubConfig } from "../../lib/hub/model/config.ts";
import { archiveDriver } from "./archive_driver.ts";
import { memoryDriver } from "./memory_driver.ts";
import { placesOf } from "./places.ts";
import type { PlaceName } from "./places.ts";
import { pureDriver } from "./pure_driver.ts";
import { socketDriver } from "./socket_driver.ts";
import { type Driver, parseTranscript, runTranscript } from "./transcript.ts";

const DRIVERS: Readonly<Record<PlaceName, (config: Partial<HubConfig>) => Driver | Promise<Driver>>> = {
  "the pure hub": pureDriver,
  "the pure hub on a log in memory": memoryDriver,
  "the pure hub with an archive": archiveDriver,
  "TCP": (config) => socketDriver("tcp", config),
  "a Unix socket": (config) => socketDriver("unix", config),
  "TLS": (config) => socketDriver("tls", config),
  "WebSocket": (config) => socketDriver("websocket", config),
};

const folder = new URL(".//", import.meta.url);
for (const { name } of [...Deno.readDirSync(folder)].sort((a, b) => a.name.localeCompare(b.name))) {
  if (!name.endsWith(".txt")) continue;
  const transcript = parseTranscript(Deno.readTextFileSync(new URL(name, folder)));
  for (const place of placesOf(transcript)) {
    if (place === "a Unix socket" && Deno.build.os === "windows") continue;
    Deno.test(`transcript ${name.slice(0, -4)}, ${place}`, async () => {
      const driver = await DRIVERS[place](transcript.config);
      try {
        await runTranscript(transcript, driver);
      } finally {
        await driver.close();
      }
    });
  }
}
