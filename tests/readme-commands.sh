#!/usr/bin/env bash
# Runs the titok commands that the README shows, in its order, in a folder of their own: what people copy has to work.
# Commands for weights that are not here are skipped. The last line is "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d) work=$(mktemp -d)
trap 'rm -rf "$folder" "$work"' EXIT
. tests/checks.sh
for entry in *; do ln -s "$PWD/$entry" "$folder/$entry"; done

# why_not LINE: the reason not to run it, or nothing.
why_not() {
  local words previous= word
  read -ra words <<<"$1"
  case $1 in *…* | *...* | *'<'*) echo "it is a pattern, not a command"; return ;; esac
  case ${words[1]:-} in
    test) echo "the tests are run by themselves"; return ;;
    demo) echo "it opens a window"; return ;;
    convert) [ -e "$folder/${words[2]:-}" ] || echo "it needs ${words[2]:-}"; return ;;
  esac
  case $1 in *--random-weights*) return ;; esac
  for word in "${words[@]}"; do
    case $previous in --model | --tokenizer | --generator) [ -e "$folder/$word" ] || { echo "it needs the weights in $word"; return; } ;; esac
    previous=$word
  done
}

# in_folder LINE: as if it were typed there.
in_folder() { (cd "$folder" && titok() { ./run.sh "$@"; } && export -f titok && timeout 600 bash -c "$1"); }

# Lines of code, fenced or indented, that begin with ./run.sh or titok; what follows " #" is a remark.
while IFS= read -r line; do
  reason=$(why_not "$line")
  if [ -n "$reason" ]; then skip "$line" "$reason"; else check "$line" in_folder "$line"; fi
done < <(sed -nE 's/^[[:space:]]*(\$ )?((\.\/run\.sh|titok) [^|].*)$/\2/p' README.md | sed -E 's/[[:space:]]+#.*//; s/[[:space:]]+$//')
any() { [ "$passed" -gt 0 ] || [ "$failed" -gt 0 ]; }
check "README.md shows commands that can be run" any
finish
