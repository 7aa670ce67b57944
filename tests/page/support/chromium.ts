/** Chromium for tests. Its shell without windows, where that is installed, takes a third of the processor time. */
import { toolPath } from "../../tools.ts";

const SHELL = "chromium-headless-shell";

/** The program. */
export const CHROMIUM = toolPath(SHELL) === undefined ? "chromium" : SHELL;
