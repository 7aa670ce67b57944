import { assertEquals } from "@std/assert";
import { configDir, stateDir } from "../../lib/cli/files/user_dirs.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "XDG folders first (where they are absolute), then what the system has in their place, else none",
  () => {
    const dirs = (
      env: Record<string, string>,
    ) => [configDir((name) => env[name]), stateDir((name) => env[name])];
    assertEquals(dirs({ XDG_CONFIG_HOME: "/c", XDG_STATE_HOME: "/s", HOME: "/h" }), [
      "/c/chatterbox",
      "/s/chatterbox",
    ]);
    assertEquals(dirs({ HOME: "/h" }), ["/h/.config/chatterbox", "/h/.local/state/chatterbox"]);
    assertEquals(dirs({ APPDATA: "C:/r", LOCALAPPDATA: "C:/l" }), ["C:/r/chatterbox", "C:/l/chatterbox"]);
    assertEquals(dirs({ XDG_CONFIG_HOME: "c", XDG_STATE_HOME: "./s", HOME: "/h" }), dirs({ HOME: "/h" }));
    assertEquals(dirs({ XDG_CONFIG_HOME: "D:\\c", HOME: "/h" })[0], "D:\\c/chatterbox");
    assertEquals(dirs({}), [undefined, undefined]);
  },
);
