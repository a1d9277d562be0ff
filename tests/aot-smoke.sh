#!/usr/bin/env bash
# Publishes titok as NativeAOT and the whole library trimmed, allowing no warning, and checks that the native titok does
# what the ordinary one does. Needs, beside what run.sh needs, clang and zlib1g-dev (Debian: apt-get install clang zlib1g-dev).
# The last line is "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
work=$PWD/artifacts/aot-smoke
rm -rf "$work"
mkdir -p "$work/run"

. tests/checks.sh

case $(uname -m) in x86_64) platform=linux-x64 ;; aarch64) platform=linux-arm64 ;; *) platform= ;; esac
if [ "$(uname -s)" != Linux ] || [ -z "$platform" ]; then
  skip "the native titok" "written for Linux on x64 and arm64, and this is $(uname -sm)"
  finish
fi
has_clang() { command -v clang || { echo "install it with: apt-get install -y clang zlib1g-dev"; return 1; }; }
check "clang is there" has_clang
[ "$failed" = 0 ] || finish

publish() { dotnet publish "$@" -c Release -r $platform -v quiet -nologo -nodeReuse:false -p:UseSharedCompilation=false -p:NuGetAudit=false; }
native_titok() { publish src/Titok.Cli -p:PublishAot=true -p:TrimmerSingleWarn=false -o "$work/titok" && ! grep -qi warning "$work/log"; }

# An application that keeps every member of the library, used or not, so that trimming looks at all of it.
trimmed_library() {
  mkdir -p "$work/trimmed"
  cat >"$work/trimmed/trimmed.csproj" <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <PublishTrimmed>true</PublishTrimmed>
    <TrimmerSingleWarn>false</TrimmerSingleWarn>
  </PropertyGroup>
  <ItemGroup>
    <ProjectReference Include="../../../src/Titok.Vulkan/Titok.Vulkan.csproj" />
    <TrimmerRootAssembly Include="Titok.Vulkan" />
  </ItemGroup>
</Project>
XML
  cat >"$work/trimmed/Program.cs" <<'CS'
foreach (Titok.Vulkan.TitokDeviceInfo device in Titok.Vulkan.TitokDevice.List())
    Console.WriteLine(device.Name);
CS
  publish "$work/trimmed" --self-contained -o "$work/trimmed/out" && ! grep -qi warning "$work/log" && "$work/trimmed/out/trimmed" | grep -q .
}

check "titok publishes as NativeAOT with no warning" native_titok
check "the whole library publishes trimmed with no warning, and lists the devices" trimmed_library
[ "$failed" = 0 ] || finish

native=$work/titok/titok
cd "$work/run"
goldens=../../../tests/Titok.Vulkan.Tests/Goldens
pair=(--tokenizer "$goldens/tokenizer_legacy" --generator "$goldens/generator_vit")

# both NAME FILE ARG…: both programs write the same FILE.
both() {
  local file=$2
  shift 2
  rm -rf "$file" "jit-$file"
  ../../../run.sh "$@" && mv "$file" "jit-$file" && "$native" "$@" && cmp "$file" "jit-$file"
}
refuses() { # CODE WORDS ARG…: fails with this code and one line that has these words
  local code=$1 words=$2 status=0
  shift 2
  "$native" "$@" >out 2>err || status=$?
  cat err
  [ "$status" = "$code" ] && [ "$(wc -l <err)" = 1 ] && grep -q -e "$words" err
}
check "devices"                   "$native" devices
check "doctor"                    "$native" doctor
check "info"                      "$native" info "${pair[@]}"
check "help"                      "$native" generate --help
check "generate: the same tokens" both generate a.json generate "${pair[@]}" --class 3,7 --seed 42 --tokens a.json -o a.png
check "generate: the same PNG"    both generate b.png generate "${pair[@]}" --class 3,7 --seed 42 -o b.png
check "encode: the same tokens"   both encode c.json encode a.png --tokenizer "$goldens/tokenizer_legacy" -o c.json
check "decode: the same pictures" both decode d.npy decode c.json --tokenizer "$goldens/tokenizer_legacy" -o d.npy
check "reconstruct with a VAE"    both reconstruct e.png reconstruct a.png --tokenizer "$goldens/tokenizer_vae" -o e.png
check "convert: the same weights" both convert f.safetensors convert "$goldens/generator_vit/pytorch_model.bin" f.safetensors
check "refuses a wrong option"    refuses 2 "--steps must be" generate "${pair[@]}" --steps 0
check "refuses what is no picture" refuses 1 "not a PNG" encode a.json --tokenizer "$goldens/tokenizer_legacy" -o g.json
finish
