#!/usr/bin/env bash
# Sets up what is missing, builds, and runs titok:   ./run.sh generate --class fish …      ./run.sh test
# The .NET SDK is the one thing it asks for. It works from any folder, and gives titok its arguments and exit code as they are.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 \
  DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1

say() { printf 'run.sh: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

any_exists() { local file; for file in "$@"; do [ -e "$file" ] && return 0; done; return 1; }

# The SDK's tools end at once where this library is missing, unless told that nobody needs it.
any_exists /usr/lib/*-linux-*/libicuuc.so.* /usr/lib64/libicuuc.so.* /usr/lib/libicuuc.so.* || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

has_loader() {
  local IFS=: folder
  for folder in ${LD_LIBRARY_PATH:-}; do [ -e "$folder/libvulkan.so.1" ] && return 0; done
  any_exists /usr/lib/*-linux-*/libvulkan.so.1 /lib/*-linux-*/libvulkan.so.1 /usr/lib64/libvulkan.so.1 /usr/lib/libvulkan.so.1 \
    /usr/local/lib/libvulkan.so.1 /usr/local/lib/*-linux-*/libvulkan.so.1
}

has_glfw() { any_exists /usr/lib/*-linux-*/libglfw.so.3 /usr/lib64/libglfw.so.3 /usr/lib/libglfw.so.3 /usr/local/lib/libglfw.so.3 /usr/local/lib/*-linux-*/libglfw.so.3; }

vulkan_folders=(/usr/share/vulkan /usr/local/share/vulkan /etc/vulkan /usr/local/etc/vulkan "${XDG_DATA_HOME:-${HOME:-/}/.local/share}/vulkan")

has_driver() {
  [ -n "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}${VK_ADD_DRIVER_FILES:-}" ] && return 0
  local folder
  for folder in "${vulkan_folders[@]}"; do any_exists "$folder"/icd.d/*.json && return 0; done
  return 1
}

has_validation() {
  [ -n "${VK_LAYER_PATH:-}" ] && return 0
  local folder
  for folder in "${vulkan_folders[@]}"; do any_exists "$folder/explicit_layer.d/VkLayer_khronos_validation.json" && return 0; done
  return 1
}

# install_missing PACKAGE…: with apt-get where this user may; otherwise says what to run.
install_missing() {
  command -v apt-get >/dev/null ||
    fail "Vulkan is not all there: install what your system calls $*"
  local as_root=() log
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root=(sudo -n); else
      fail "something is missing; install it with: sudo apt-get install -y $*"; fi
  fi
  say "installing $*"
  log=$(mktemp)
  install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >>"$log" 2>&1 </dev/null; }
  if ! install "$@"; then
    "${as_root[@]}" apt-get update -q >>"$log" 2>&1 </dev/null || true
    install "$@" || { tail -n 20 "$log" >&2; rm -f "$log"; fail "that did not work; try: ${as_root[0]:-}${as_root[0]:+ }apt-get update && ${as_root[0]:-}${as_root[0]:+ }apt-get install -y $*"; }
  fi
  rm -f "$log"
}

# needs_vulkan ARG…: whether titok will want a device for this.
needs_vulkan() {
  local argument
  for argument in "$@"; do case $argument in --help | -h | '-?' | --version) return 1 ;; esac; done
  case ${1:-} in '' | info | convert | devices | doctor) return 1 ;; esac
}

set_up() {
  [ "$(uname -s)" = Linux ] || return 0
  local packages=()
  has_loader || packages+=(libvulkan1)
  has_driver || packages+=(mesa-vulkan-drivers)
  if [ "${1:-}" = test ]; then has_validation || packages+=(vulkan-validationlayers); fi
  # Frames are drawn without a window.
  if [ "${1:-}" = demo ] && [[ " $* " != *" --frames "* ]]; then has_glfw || packages+=(libglfw3); fi
  [ ${#packages[@]} = 0 ] || install_missing "${packages[@]}"
}

need_dotnet() {
  command -v dotnet >/dev/null && return
  local folder
  for folder in "${DOTNET_ROOT:-}" "${HOME:-}/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
    [ -n "$folder" ] && [ -x "$folder/dotnet" ] && { export PATH=$PATH:$folder; return; }
  done
  fail "the .NET SDK 10 is not installed, or not on PATH; get it from https://dotnet.microsoft.com/download"
}

# The build's own check for what has changed takes seconds; this one, a hundredth of one. A folder is newer than the
# stamp too when a file in it has come or gone.
stamp=$root/src/Titok.Cli/bin/run.stamp
program=$root/src/Titok.Cli/bin/Release/net10.0/titok.dll
is_built() {
  [ -e "$stamp" ] && [ -e "$program" ] && [ -z "$(cd "$root" &&
    find src demo models/sprites Directory.Build.props Directory.Packages.props global.json .editorconfig \
      \( -name bin -o -name obj \) -prune -o -newer "$stamp" -print -quit)" ]
}

build() {
  is_built && return # somebody else has built it while this one waited
  (cd "$root" && dotnet --version) >/dev/null 2>&1 || fail "there is no .NET SDK that global.json accepts; get version 10 from https://dotnet.microsoft.com/download"
  if [ -t 2 ]; then say "building titok"; fi
  local log
  log=$(mktemp)
  mkdir -p "$root"/{src/Titok.{Vulkan,Pictures,Cli},demo/Titok.Demo}/{bin,obj}
  touch "$stamp.new"
  # No compiler or build server stays behind.
  if ! (cd "$root" && dotnet build src/Titok.Cli -c Release -v quiet -nologo -nodeReuse:false -p:UseSharedCompilation=false -p:NuGetAudit=false) >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    rm -f "$log" "$stamp.new"
    fail "the build failed"
  fi
  rm -f "$log"
  mv "$stamp.new" "$stamp"
}

need_dotnet
if [ "${1:-}" = test ]; then
  shift
  set_up test
  cd "$root"
  exec dotnet test --solution Titok.Vulkan.sln -c Release "$@"
fi

if needs_vulkan "$@"; then set_up "$@"; fi
if ! is_built; then
  mkdir -p "${stamp%/*}"
  if command -v flock >/dev/null; then (flock 9 && build 9>&-) 9>"$stamp.lock"; else build; fi
fi
exec dotnet "$program" "$@"
