/**
 * Prints the Homebrew formula of a release (https://docs.brew.sh/Formula-Cookbook).
 *
 *     deno run --allow-read --allow-env=GITHUB_REPOSITORY packaging/homebrew_formula.ts SHA256SUMS
 *
 * SHA256SUMS names the release's archives and their checksums.
 */
import facts from "../deno.json" with { type: "json" };

/** Blocks of the formula, and the archive that each one installs. */
const PLATFORMS = [
  ["on_macos", "on_arm", "aarch64-apple-darwin"],
  ["on_macos", "on_intel", "x86_64-apple-darwin"],
  ["on_linux", "on_arm", "aarch64-unknown-linux-gnu"],
  ["on_linux", "on_intel", "x86_64-unknown-linux-gnu"],
] as const;

/** @throws {Error} An archive has no checksum. */
export function homebrewFormula(version: string, repository: string, checksums: string): string {
  const sums = new Map(
    Array.from(checksums.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm), ([, sum = "", name = ""]) => [name, sum]),
  );
  const blocks = Map.groupBy(PLATFORMS, ([system]) => system);
  const lines = Array.from(blocks, ([system, platforms]) => [
    `  ${system} do`,
    ...platforms.flatMap(([, processor, target]) => {
      const name = `chatterbox-v${version}-${target}.tar.gz`;
      const sum = sums.get(name);
      if (sum === undefined) throw new Error(`there is no checksum of ${name}`);
      return [
        `    ${processor} do`,
        `      url "https://github.com/${repository}/releases/download/v${version}/${name}"`,
        `      sha256 "${sum}"`,
        "    end",
      ];
    }),
    "  end",
    "",
  ]).flat();
  return `class Chatterbox < Formula
  desc "Chat server and client for terminals and scripts"
  homepage "https://github.com/${repository}"
  version "${version}"
  license "MIT"

${lines.join("\n")}
  def install
    bin.install "chatterbox"
    generate_completions_from_executable(bin/"chatterbox", "completion")
    system bin/"chatterbox", "man", "--dir", man1
  end

  service do
    run [opt_bin/"chatterbox", "serve", "--data-dir", var/"chatterbox"]
    keep_alive crashed: true
    log_path var/"log/chatterbox.log"
    error_log_path var/"log/chatterbox.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/chatterbox --version")
    system bin/"chatterbox", "config", "schema"
  end
end
`;
}

if (import.meta.main) {
  const repository = Deno.env.get("GITHUB_REPOSITORY") ?? "chatterbox/chatterbox";
  const checksums = await Deno.readTextFile(Deno.args[0] ?? "SHA256SUMS");
  console.log(homebrewFormula(facts.version, repository, checksums).trimEnd());
}
