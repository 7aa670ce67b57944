/** Kinds of tests that many files share. A setup that one file alone needs is a function in that file. */
import { withTempDir } from "./temp_dir.ts";

/** Options of a test that needs what Windows does not have: signals, Unix sockets, permissions of files. */
export const POSIX = { ignore: Deno.build.os === "windows" };

export type TestOptions = Pick<Deno.TestDefinition, "ignore" | "permissions">;

type TempDirTest = (dir: string) => void | Promise<void>;

/** A test of code that reads and changes nothing outside: it has no permission. */
export function pureTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

/** A test with a temporary folder, which may read and write files; other permissions are among the `options`. */
export function tempDirTest(name: string, fn: TempDirTest): void;
export function tempDirTest(name: string, options: TestOptions, fn: TempDirTest): void;
export function tempDirTest(name: string, options: TestOptions | TempDirTest, fn?: TempDirTest): void {
  if (typeof options === "function") return tempDirTest(name, {}, options);
  Deno.test({
    name,
    permissions: { read: true, write: true },
    ...options,
    fn: () => withTempDir(fn!),
  });
}
