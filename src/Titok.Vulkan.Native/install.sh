#!/usr/bin/env bash
# Builds the shared library and installs it for C and C++: install.sh PREFIX puts lib/libtitok.so, include/titok.h, a
# pkg-config file and a CMake package under PREFIX. It needs the .NET SDK, and clang (or gcc) with zlib to link with.
set -euo pipefail
[ $# = 1 ] || { echo "usage: install.sh PREFIX" >&2; exit 2; }
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"/lib/pkgconfig "$1"/lib/cmake/Titok "$1"/include
prefix=$(cd -- "$1" && pwd)
version=$(sed -nE 's/.*<Version>([^<]*)<.*/\1/p' "$here/../../Directory.Build.props")
case $(uname -s)-$(uname -m) in
  Linux-x86_64) rid=linux-x64 ;;
  Linux-aarch64) rid=linux-arm64 ;;
  Darwin-arm64) rid=osx-arm64 ;;
  Darwin-x86_64) rid=osx-x64 ;;
  *) echo "install.sh: no runtime for $(uname -s) on $(uname -m)" >&2; exit 1 ;;
esac
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
dotnet publish "$here" -c Release -r "$rid" -v quiet -nologo -nodeReuse:false -p:UseSharedCompilation=false -p:NuGetAudit=false -o "$built" >&2
if [ "${rid%%-*}" = linux ]; then
  library=libtitok.so.$version soname=libtitok.so.${version%.*}
  # Under another name first: a program may have the old file open.
  cp "$built/titok.so" "$prefix/lib/.$library.new"
  mv "$prefix/lib/.$library.new" "$prefix/lib/$library"
  ln -sf "$library" "$prefix/lib/$soname"
  ln -sf "$soname" "$prefix/lib/libtitok.so"
else
  library=libtitok.dylib soname=libtitok.dylib
  cp "$built/titok.dylib" "$prefix/lib/$library"
fi
cp "$here/include/titok.h" "$prefix/include/titok.h"
fill() { sed -e "s|@VERSION@|$version|; s|@SERIES@|${version%.*}|; s|@LIBRARY@|$library|; s|@SONAME@|$soname|" "$1" >"$2"; }
fill "$here/titok.pc.in" "$prefix/lib/pkgconfig/titok.pc"
fill "$here/TitokConfig.cmake.in" "$prefix/lib/cmake/Titok/TitokConfig.cmake"
fill "$here/TitokConfigVersion.cmake.in" "$prefix/lib/cmake/Titok/TitokConfigVersion.cmake"
