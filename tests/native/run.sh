#!/usr/bin/env bash
# The C interface from C: header and exports agree, header alone compiles as C and C++, misuse is refused, latents are
# those of the published code, models load from memory, shared buffers are released, a second copy of the library refuses,
# the sample draws frames, and the README's program runs. run.sh [PREFIX], where the library is installed or will be; the
# last line counts what held.
set -uo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$root/tests/checks.sh"

"$root/tests/golden-model.sh" "$work/model"
model=$work/model
prefix=${1:-$work/prefix}
mkdir -p "$prefix"
prefix=$(cd -- "$prefix" && pwd)
[ -e "$prefix/include/titok.h" ] || check "the library is built and installed" "$root/src/Titok.Vulkan.Native/install.sh" "$prefix"
flags=(-std=c99 -O1 -g -Wall -Wextra -Werror -pedantic "-I$prefix/include")
link=("-L$prefix/lib" "-Wl,-rpath,$prefix/lib" -ltitok -lvulkan)

same_names() {
  grep -oE 'TITOK_CALL titok[A-Za-z]+\(' "$root/src/Titok.Vulkan.Native/include/titok.h" | sed -E 's/TITOK_CALL (.*)\(/\1/' | sort >"$work/header"
  nm -D --defined-only "$prefix/lib/libtitok.so" | awk '{print $3}' | sed 's/@.*//' | grep ^titok | sort >"$work/exports"
  diff "$work/header" "$work/exports" && [ "$(wc -l <"$work/header")" -gt 30 ]
}
check "header and exports have the same functions" same_names
same_version() {
  local version
  version=$(sed -nE 's/.*<Version>([^<]*)<.*/\1/p' "$root/Directory.Build.props")
  [ "$version" = "$(sed -nE 's/#define TITOK_VERSION_(MAJOR|MINOR|PATCH) //p' "$prefix/include/titok.h" | paste -sd.)" ]
}
check "header and project have the same version" same_version
echo '#include "titok.h"
int main(void) { TitokRequest request = TITOK_INIT(TitokRequest); return request.structSize == 0; }' >"$work/alone.c"
strict=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror "-I$prefix/include" -fsyntax-only)
for standard in c99 c11 c17; do
  check "the header alone is $standard" cc "-std=$standard" "${strict[@]}" "$work/alone.c"
done
if command -v c++ >/dev/null; then
  cp "$work/alone.c" "$work/alone.cc"
  for standard in c++11 c++17 c++20; do
    check "the header alone is $standard" c++ "-std=$standard" "${strict[@]}" "$work/alone.cc"
  done
else
  skip "the header as C++" "there is no C++ compiler"
fi
if command -v pkg-config >/dev/null; then
  by_package() { PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --libs --cflags titok | grep -q -- -ltitok && ! PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --libs titok | grep -q -- -lvulkan; }
  check "pkg-config finds the library" by_package
else
  skip "pkg-config finds the library" "pkg-config is not installed"
fi
if command -v cmake >/dev/null; then
  mkdir "$work/cmake"
  echo 'cmake_minimum_required(VERSION 3.10)
project(user C)
find_package(Titok 0.1 REQUIRED)
add_executable(user ../alone.c)
target_link_libraries(user Titok::titok)' >"$work/cmake/CMakeLists.txt"
  by_cmake() { cmake -S "$work/cmake" -B "$work/cmake/build" "-DCMAKE_PREFIX_PATH=$prefix" && cmake --build "$work/cmake/build" && "$work/cmake/build/user"; }
  check "CMake finds the library" by_cmake
else
  skip "CMake finds the library" "cmake is not installed"
fi

check "the tests in C compile" cc "${flags[@]}" -D_POSIX_C_SOURCE=200809L -pthread "$here/misuse.c" "$root/demo/embed-c/host.c" -o "$work/misuse" "${link[@]}"
check "the latents' test compiles" cc "${flags[@]}" "$here/latents.c" -o "$work/latents" "${link[@]}" -lm
check "the loading's test compiles" cc "${flags[@]}" "$here/loading.c" -o "$work/loading" "${link[@]}"
check "the sharing's test compiles" cc "${flags[@]}" "$here/sharing.c" "$root/demo/embed-c/host.c" -o "$work/sharing" "${link[@]}"
check "the lifetimes' program compiles" cc "${flags[@]}" "$here/lifetime.c" "$root/demo/embed-c/host.c" -o "$work/lifetime" "${link[@]}"
check "the two copies' test compiles" cc -std=c99 -O1 -g -Wall -Wextra -Werror "$here/twice.c" -o "$work/twice" -ldl
# A test program that counts itself.
counting() {
  local status counted
  "$@" 2>&1 | tee "$work/counting.log"
  status=${PIPESTATUS[0]}
  counted=$(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$work/counting.log" | tail -1)
  if [ -n "$counted" ]; then
    local p f s
    read -r p f s <<<"$counted"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    [ "$status" = 0 ] || [ "$f" != 0 ] || failed=$((failed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED  ${1##*/} ended with $status before it could count"
  fi
}
counting "$work/misuse" "$model"
counting "$work/latents" "$root/tests/Titok.Vulkan.Tests/Goldens/tokenizer_vae"
counting "$work/loading" "$model" "$work/cache"
counting "$work/sharing" "$model"
kept() { [ "$(find "$work/cache" -name '*.kernels' | wc -l)" = 1 ]; }
check "what was found out about the device is in the cache folder that was named" kept
cp "$(readlink -f "$prefix/lib/libtitok.so")" "$work/copy1.so"
cp "$work/copy1.so" "$work/copy2.so"
check "a second copy of the library refuses" "$work/twice" "$work/copy1.so" "$work/copy2.so"

frames() {
  rm -rf "$work/frames"
  TITOK_PREFIX=$prefix DISPATCHES=25 "$root/demo/embed-c/run.sh" "$work/frames" "$model" || return 1
  [ "$(find "$work/frames" -name 'frame-*.png' | wc -l)" -ge 4 ] || return 1
  # The picture changes while it is made.
  [ "$(cd "$work/frames" && sha256sum frame-*.png | cut -c1-64 | sort -u | wc -l)" -ge 4 ]
}
check "the sample draws frames while a picture is made" frames
# Without the validation layer, which leaks and is no longer there when valgrind tells of it. The collector's heap is
# small, as valgrind keeps account of all that is reserved. Names are kept of drivers that are unloaded by then.
valgrind_env=(VK_LAYER_PATH=/nonexistent DOTNET_GCHeapHardLimit=0x8000000)
valgrind=(valgrind --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite --keep-debuginfo=yes
  --num-callers=40 "--suppressions=$here/valgrind.supp" --error-exitcode=9)
lifetime_under_valgrind() { env "${valgrind_env[@]}" "${valgrind[@]}" "$work/lifetime" "$model" 3; }
sample_under_valgrind() {
  env "${valgrind_env[@]}" TITOK_PREFIX="$prefix" RUN="${valgrind[*]}" DISPATCHES=25 "$root/demo/embed-c/run.sh" "$work/valgrind" "$model"
}
if command -v valgrind >/dev/null; then
  check "devices, models and jobs leave nothing behind, by valgrind" lifetime_under_valgrind
  check "the sample leaves nothing behind, by valgrind" sample_under_valgrind
else
  skip "nothing is left behind, by valgrind" "valgrind is not installed"
fi
# With the built-in model where it is there: pictures that mean something.
if [ -d "$root/models/sprites/tokenizer" ]; then
  sprites() { TITOK_PREFIX=$prefix "$root/demo/embed-c/run.sh" "$work/sprites" && [ "$(find "$work/sprites" -name 'frame-*.png' | wc -l)" -ge 4 ]; }
  check "the sample draws the built-in model" sprites
  # Its first block of C, as it stands there.
  readme_program() {
    sed -n '/^```c$/,/^```$/p' "$root/README.md" | sed '/^```/d' >"$work/readme.c"
    cc "${flags[@]}" "$work/readme.c" -o "$work/readme" "${link[@]}" && (cd "$root" && "$work/readme") | grep '^first pixel: 0\.'
  }
  check "the README's program in C" readme_program
else
  skip "the sample draws the built-in model" "models/sprites has no weights"
  skip "the README's program in C" "models/sprites has no weights"
fi
newest() {
  mkdir -p "$root/demo/embed-c/bin/newest"
  $NEWEST_MESA demo/embed-c/bin/embed-c demo/embed-c/bin/model demo/embed-c/bin/newest 25 | tee "$work/newest" && grep -q 'validation: on, and silent' "$work/newest"
}
if [ -n "${NEWEST_MESA:-}" ]; then
  rm -rf "$root/demo/embed-c/bin/model"
  cp -r "$model" "$root/demo/embed-c/bin/model"
  # Where the other system finds it: the folder above the project is there at the same path, temporary folders are not.
  if [[ $(readlink -f "$prefix") == $(readlink -f "$root")/* ]]; then
    cd "$root" && check "the sample draws on the newest Mesa, under its validation layers" newest
  else
    skip "the sample draws on the newest Mesa" "the library is not installed inside the project"
  fi
else
  skip "the sample draws on the newest Mesa" "NEWEST_MESA names no command that runs another there"
fi
finish
