#!/usr/bin/env bash
# Packs the library and the tool, looks at what is in the packages, and installs both from a folder into a fresh project,
# where each makes a picture. packages.sh [MODEL_FOLDER]; the last line counts what held.
set -uo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -gt 0 ]; then model=$(cd "$1" && pwd); else tests/golden-model.sh "$work/model" && model=$work/model; fi
. tests/checks.sh
quiet=(-v quiet -nologo -p:NuGetAudit=false)
build=(-c Release "${quiet[@]}" -nodeReuse:false -p:UseSharedCompilation=false)

# As CI packs them: with paths that are the same everywhere. In folders of its own, so that other builds stay as they are.
pack() { CI=true dotnet pack "$1" "${build[@]}" --artifacts-path "$work/artifacts" -o "$work/packages"; }
check "the library is packed" pack src/Titok.Vulkan
check "the tool is packed" pack src/Titok.Cli
version=$(sed -nE 's/.*<Version>([^<]*)<.*/\1/p' Directory.Build.props)

holds() {
  local package=$1 file
  shift
  unzip -l "$work/packages/$package" | awk '{print $4}' >"$work/files" || return 1
  for file in "$@"; do grep -qx -- "$file" "$work/files" || { echo "$package has no $file"; cat "$work/files"; return 1; }; done
}
check "the library's package is whole" holds "Titok.Vulkan.$version.nupkg" README.md LICENSE lib/net10.0/Titok.Vulkan.dll lib/net10.0/Titok.Vulkan.xml
check "its symbols are there" holds "Titok.Vulkan.$version.snupkg" lib/net10.0/Titok.Vulkan.pdb
check "the tool's package is whole" holds "titok.$version.nupkg" README.md LICENSE tools/net10.0/any/titok.dll tools/net10.0/any/DotnetToolSettings.xml \
  tools/net10.0/any/models/sprites/{tokenizer,generator}/{config.json,model.safetensors} tools/net10.0/any/models/sprites/classes.txt
says() {
  unzip -p "$work/packages/Titok.Vulkan.$version.nupkg" Titok.Vulkan.nuspec >"$work/nuspec" || return 1
  grep -q '<license type="expression">MIT</license>' "$work/nuspec" && grep -q '<readme>README.md</readme>' "$work/nuspec" &&
    grep -q 'id="Silk.NET.Vulkan"' "$work/nuspec" && grep -q '<description>TiTok' "$work/nuspec"
}
check "it says its licence, its readme and what it needs" says
placeless() {
  unzip -o -q "$work/packages/Titok.Vulkan.$version.snupkg" 'lib/*' -d "$work/symbols" && unzip -o -q "$work/packages/Titok.Vulkan.$version.nupkg" 'lib/*' -d "$work/symbols" &&
    ! grep -rq -- "$root" "$work/symbols"
}
check "neither names the folder it was built in" placeless

mkdir "$work/fresh"
cat >"$work/fresh/nuget.config" <<CONFIG
<configuration>
  <config><add key="globalPackagesFolder" value="$work/cache" /></config>
  <packageSources><add key="local" value="$work/packages" /></packageSources>
  <fallbackPackageFolders><add key="user" value="${NUGET_PACKAGES:-$HOME/.nuget/packages}" /></fallbackPackageFolders>
</configuration>
CONFIG
cat >"$work/fresh/fresh.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="Titok.Vulkan" Version="$version" /></ItemGroup>
</Project>
PROJECT
cat >"$work/fresh/Program.cs" <<'PROGRAM'
using Titok.Vulkan;

using TitokDevice device = TitokDevice.Create();
using TitokPipeline titok = TitokPipeline.Load(device, args[0]);
GenerationResult result = titok.Generate(new GenerationRequest { Classes = [0], Seed = 1, Settings = GenerationSettings.Demo });
Console.WriteLine($"tokens {string.Join(' ', result.Tokens)}; {result.Images.Length} floats");
return result.Images.All(float.IsFinite) && result.Tokens.Length > 0 ? 0 : 1;
PROGRAM
from_library() { cd "$work/fresh" && dotnet build "${build[@]}" -o "$work/built" && "$work/built/fresh" "$model"; }
check "a fresh project makes a picture with the library's package" from_library
from_tool() {
  cd "$work/fresh" && dotnet tool install titok --version "$version" --tool-path "$work/tools" --configfile nuget.config &&
    "$work/tools/titok" --version && "$work/tools/titok" generate --model "$model" --class 0 --preset demo -o "$work/picture.png" && [ -s "$work/picture.png" ]
}
check "the tool's package makes a picture" from_tool
finish
