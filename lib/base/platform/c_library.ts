/** The C library of the system, called by FFI. */

/**
 * Paths of the C library: Debian and derivatives, Fedora and derivatives, Arch; macOS. deno.json permits
 * these paths only.
 */
const C_LIBRARIES: Partial<Record<typeof Deno.build.os, readonly string[]>> = {
  linux: [
    `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`,
    "/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
  ],
  darwin: ["/usr/lib/libSystem.B.dylib"],
};

/** The library with these `symbols`; undefined: another platform, no permission, or a library without them. */
export function openCLibrary<const S extends Deno.ForeignLibraryInterface>(
  symbols: S,
): Deno.DynamicLibrary<S> | undefined {
  for (const path of C_LIBRARIES[Deno.build.os] ?? []) {
    if (Deno.permissions.querySync({ name: "ffi", path }).state !== "granted") continue; // using it would prompt the person
    try {
      return Deno.dlopen(path, symbols);
    } catch {
      // no such library at this path
    }
  }
  return undefined;
}
